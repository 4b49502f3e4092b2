"""What is believed of a list: only what is signed, well formed, newer and still good."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from signed_lists import Release, day, job, listed, look, package, refused, told

from engine import about
from engine.errors import EngineError
from engine.events import Failed, Finished, Started
from engine.phrases import Phrase
from engine.updates import addresses, known, manifest, signature

TRUSTED = signature.trusted  # the real one


def genuine(document: bytes, *keys: Ed25519PrivateKey) -> manifest.Manifest:
    trusted = {signature.key_id(key.public_key()): key.public_key() for key in keys}
    return manifest.read(signature.genuine(document, trusted, "host"), "host")


def test_a_newer_version_is_told_with_what_changed(release: Release) -> None:
    release.publish(listed(release.package()))
    begun, end = job("update_check")
    assert isinstance(begun, Started)
    assert isinstance(end, Finished)
    assert (end.stats["here"], end.stats["version"], end.stats["newer"]) == ("1.2.0", "9.0.0", True)
    assert end.stats["changes"] == "- It is *nine* now.\n"
    assert end.stats["packages"] == [{"name": "seedling_9.0.0.tar.gz", "size": 1 << 20}]


def test_the_request_says_nothing_but_what_it_asks_for(release: Release) -> None:
    release.publish(listed())
    told()
    ((path, headers),) = release.requests
    assert path == "/list"
    assert {name.lower() for name in headers} <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert headers["Accept"] == "*/*"
    assert headers["User-Agent"] == "seedling"


@pytest.mark.parametrize("version", ["1.2.0", "1.1.9", "1.2.0rc1", "0.9"])
def test_what_is_not_newer_is_not_offered(release: Release, version: str) -> None:
    release.publish(listed(release.package(), version=version))
    assert told()["newer"] is False
    (end,) = job("update_download")
    assert isinstance(end, Failed)
    assert end.code == "update_not_newer"


def test_a_program_that_does_not_know_itself_calls_nothing_newer(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(about, "version", lambda: "")
    release.publish(listed())
    assert refused().code == "update_version_unknown"


# --- signatures -------------------------------------------------------------------------------------------------------


def test_a_list_of_another_key_is_not_believed(release: Release) -> None:
    release.publish(listed(), Ed25519PrivateKey.generate())
    assert refused().code == "update_unsigned"
    assert known.kept(signature.trusted()) is None


def test_a_foreign_signature_under_our_keys_name_is_none(release: Release) -> None:
    line = manifest.canonical(listed())
    forged = signature.sign(line, [Ed25519PrivateKey.generate()]).split(b" ")
    forged[-2] = signature.key_id(release.key.public_key()).encode()
    release.pages["/list"] = b" ".join(forged)
    assert refused().code == "update_unsigned"


def test_every_changed_byte_of_the_line_is_noticed() -> None:
    key = Ed25519PrivateKey.generate()
    document = signature.sign(manifest.canonical(listed()), [key])
    genuine(document, key)
    for place in range(document.index(b"\n")):
        changed = bytearray(document)
        changed[place] ^= 1
        with pytest.raises(EngineError) as caught:
            genuine(bytes(changed), key)
        assert caught.value.code == "update_unsigned"


def test_a_signature_of_something_else_is_none_of_a_list() -> None:
    """What is signed begins with what it is meant for; the bare line, signed for another purpose, does not count."""
    key, line = Ed25519PrivateKey.generate(), manifest.canonical(listed())
    row = b"ed25519 " + signature.key_id(key.public_key()).encode() + b" " + base64.b64encode(key.sign(line))
    with pytest.raises(EngineError) as caught:
        genuine(line + b"\n" + row + b"\n", key)
    assert caught.value.code == "update_unsigned"


@pytest.mark.parametrize("end", [b"", b"\n", b"\ned25519", b"\ned25519 \xff \xff\n", b"\nrsa x y\n", b"\n" * 1000])
def test_broken_signatures_are_none(release: Release, end: bytes) -> None:
    release.pages["/list"] = manifest.canonical(listed()) + end
    assert refused().code == "update_unsigned"


def test_keys_are_changed_by_holding_two(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, later = (Ed25519PrivateKey.generate() for _ in range(3))
    release.trust(monkeypatch, old)
    release.publish(listed(number=1), new, old)  # signed by both: programs that hold either believe it
    assert told()["newer"]
    release.trust(monkeypatch, old, new)
    release.publish(listed(number=2), new)
    assert told()["newer"]
    release.trust(monkeypatch, new, later)
    release.publish(listed(number=3), old)
    assert refused().code == "update_unsigned"


def test_a_guard_that_takes_every_signature_is_noticed(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signature, "_holds", lambda *_: True)
    release.publish(listed(), Ed25519PrivateKey.generate())
    assert isinstance(look(), Finished)  # so the guard is what refuses, above


def test_without_a_key_nobody_is_asked(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signature, "trusted", TRUSTED)
    monkeypatch.setattr(addresses, "shipped", lambda: {"address": release.address, "keys": []})
    assert refused().code == "update_no_key"
    assert not release.requests


# --- older, replayed, expired -----------------------------------------------------------------------------------------


def test_an_older_list_is_not_believed_after_a_newer_one(release: Release) -> None:
    release.publish(listed(number=7))
    told()
    told()  # the same again is no older one
    release.publish(listed(number=6, version="99.0"))
    failure = refused()
    assert (failure.code, failure.data["number"], failure.data["seen"]) == ("update_older", 6, 7)
    release.publish(listed(number=7, version="99.0"))
    assert refused().code == "update_older"  # another one of the same number
    found = known.kept(signature.trusted())
    assert found is not None
    assert found.number == 7


def test_two_lists_of_one_number_that_differ_in_what_is_not_known_here_are_two(release: Release) -> None:
    first = release.publish(listed(future="one"))
    told()
    assert known._path().read_bytes() == first  # the very form that earlier versions kept
    release.publish(listed(future="another"))
    assert refused().code == "update_older"
    assert known._path().read_bytes() == first
    release.publish(listed(future="one"), Ed25519PrivateKey.generate(), release.key)
    told()  # signed by others besides, it is the same list


def test_an_expired_list_is_not_believed(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    release.publish(listed(date=day(-30), expires=day(0)))
    assert told()["newer"]
    release.publish(listed(number=6, date=day(-30), expires=day(-1)))
    assert refused().code == "update_expired"
    monkeypatch.setattr(known, "check_present", lambda *_: None)
    assert told()["newer"]  # the guard is what refused


def test_what_is_kept_is_verified_again(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    release.publish(listed(release.package()))
    told()
    path = known._path()
    path.write_bytes(path.read_bytes().replace(b"9.0.0", b"9.9.9"))
    (end,) = job("update_download")
    assert isinstance(end, Failed)
    assert end.code == "update_none"


# --- what a signed list may say ---------------------------------------------------------------------------------------

GOOD = package("https://example.org/seedling.tar.gz")
STRANGE: dict[str, dict[str, Any]] = {
    "a form of the future": {"format": 2},
    "no version": {"version": "nine"},
    "a version of one computer": {"version": "9.0+mine"},
    "a number that is none": {"number": True},
    "no number": {"number": 0},
    "a huge number": {"number": 2**53},
    "a date that is none": {"date": "2026-13-01"},
    "expired before it began": {"expires": day(-9)},
    "changes that are no text": {"changes": ["x"]},
    "changes that turn round": {"changes": "good \u202egnihton"},
    "changes with isolates": {"changes": "a\u2066b"},
    "changes with a terminal's commands": {"changes": "a\x1b[2Jb"},
    "changes with a carriage return": {"changes": "a\rb"},
    "changes with a null": {"changes": "a\0b"},
    "changes with half a character": {"changes": "a\ud800b"},
    "changes without end": {"changes": "x" * 20_001},
    "a version with what cannot be seen": {"version": "9.0\u200b"},
    "packages that are none": {"packages": {}},
    "a package that is none": {"packages": ["x"]},
    "too many packages": {"packages": [GOOD] * 51},
    **{
        f"the name {name!r}": {"packages": [GOOD | {"name": name}]}
        for name in (
            "../x.deb", "/etc/passwd", "a/b.deb", "a\\b.deb", "C:x", "", ".", "..", ".bashrc", "-rf", "CON", "NUL.deb",
            "x.deb.", "x\u202egpj.deb", "x\n.deb", "~root", "x" * 121, "$(x)", 7,
        )
    },
    **{
        f"the address {address!r}": {"packages": [GOOD | {"address": address}]}
        for address in (
            "http://example.org/x", "ftp://example.org/x", "file:///etc/passwd", "javascript:x", "https://", "//x/y",
            "https://user:word@example.org/x", "https://example.org:0/x", "https://example.org/" + "x" * 500,
            "http://127.0.0.1.example.org/x", "http://localhost.example.org/x", "http://[::1", "https://exämple.org/x",
        )
    },
    "a size of nothing": {"packages": [GOOD | {"size": 0}]},
    "a size beyond all": {"packages": [GOOD | {"size": 2**40}]},
    "a size with a fraction": {"packages": [GOOD | {"size": 1.5}]},
    "half a hash": {"packages": [GOOD | {"sha256": "0" * 32}]},
    "a hash in capitals": {"packages": [GOOD | {"sha256": "A" * 64}]},
    "a platform that leads elsewhere": {"packages": [GOOD | {"platform": "../linux-x86"}]},
}  # fmt: skip


@pytest.mark.parametrize("what", STRANGE)
def test_a_signed_list_is_not_trusted_further_than_it_is_well_formed(release: Release, what: str) -> None:
    release.publish(listed(GOOD) | STRANGE[what])
    failure = refused()
    assert failure.code == "update_strange"
    assert str(failure.data["reason"]).isprintable()
    assert known.kept(signature.trusted()) is None


@pytest.mark.parametrize("change", [{"format": 2}, {"expires": "2000-01-01"}, {"changes": "\0"}])
def test_why_a_list_cannot_be_read_is_a_phrase(release: Release, change: dict[str, Any]) -> None:
    release.publish(listed(GOOD) | change)
    assert isinstance(refused().data["reason"], Phrase)


def test_the_good_one_is_good(release: Release) -> None:
    release.publish(listed(GOOD) | {"later": "what only newer versions read"})
    assert told()["packages"]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[" * 100_000,
        b"{}",
        b'{"format": 1}',
        b'{"format":1,"format":1}',
        manifest.canonical(listed()).replace(b":", b": ", 1),
        json.dumps(listed(version="9.0.0"), indent=1).encode().replace(b"\n", b" "),
        manifest.canonical(listed()).replace(b'"number":5', b'"number":NaN'),
        manifest.canonical(listed()).replace(b'"number":5', b'"number":' + b"9" * 5000),
        b"\xff\xfe",
    ],
)
def test_lines_in_no_form_of_ours(line: bytes) -> None:
    key = Ed25519PrivateKey.generate()
    with pytest.raises(EngineError) as caught:
        genuine(signature.sign(line, [key]), key)
    assert caught.value.code == "update_strange"


def test_another_platforms_files_are_not_offered(release: Release) -> None:
    release.publish(listed(GOOD | {"platform": "beos-m68k"}))
    assert told()["packages"] == []
    end = job("update_download")[-1]
    assert isinstance(end, Failed)
    assert end.code == "update_not_for_here"
