"""The tool that signs the list of a newer version, against the program that believes it."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from signed_lists import day

from engine.updates import addresses, fetching, signature
from tools.release import sign

CONTENT = b"an installer" * 1000


@pytest.fixture(autouse=True)
def no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDLING_SIGNING_PASSPHRASE", "")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "seedling_9.0.0_amd64.deb").write_bytes(CONTENT)
    return folder


def draft(tmp_path: Path, **other: object) -> Path:
    package = {
        "platform": "linux-x86_64",
        "name": "seedling_9.0.0_amd64.deb",
        "address": "https://example.org/seedling_9.0.0_amd64.deb",
    }
    data = {"number": 1, "version": "9.0.0", "date": day(0), "expires": day(90), "changes": "Ünïcode – all of it."}
    path = tmp_path / "draft.json"
    path.write_text(json.dumps({**data, "packages": [package], **other}), encoding="utf-8")
    return path


def made_key(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A new key; what is printed of it."""
    assert sign.main(["make-key", str(path)]) == 0
    printed: str = json.loads(capsys.readouterr().out)
    return printed


def trust(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    monkeypatch.setattr(addresses, "shipped", lambda: {"address": "", "keys": list(keys)})


def test_what_the_tool_signs_the_program_believes(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.pem"
    public = made_key(key, capsys)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    trust(monkeypatch, public)
    out = tmp_path / "list"
    assert sign.main(["sign", str(draft(tmp_path)), str(files), str(out), str(key)]) == 0
    assert out.read_bytes().isascii()
    found = sign.verify(out, files)
    assert (found.version, found.packages[0].size) == ("9.0.0", len(CONTENT))
    assert sign.main(["verify", str(out), str(files)]) == 0
    assert "genuine" in capsys.readouterr().out
    (files / "seedling_9.0.0_amd64.deb").write_bytes(CONTENT[:-1] + b"!")
    assert sign.main(["verify", str(out), str(files)]) == 1


def test_another_key_is_not_believed(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trust(monkeypatch, made_key(tmp_path / "ours.pem", capsys))
    made_key(tmp_path / "theirs.pem", capsys)
    out = tmp_path / "list"
    assert sign.main(["sign", str(draft(tmp_path)), str(files), str(out), str(tmp_path / "theirs.pem")]) == 0
    assert sign.main(["verify", str(out)]) == 1
    assert "not signed with a key of Seedling's" in capsys.readouterr().err


def test_two_keys_sign_while_one_takes_the_others_place(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publics = [made_key(tmp_path / f"{name}.pem", capsys) for name in ("old", "new")]
    out = tmp_path / "list"
    keys = [str(tmp_path / f"{name}.pem") for name in ("old", "new")]
    assert sign.main(["sign", str(draft(tmp_path)), str(files), str(out), *keys]) == 0
    for public in publics:
        trust(monkeypatch, public)
        assert sign.verify(out).version == "9.0.0"


def test_more_signatures_than_programs_look_at_are_not_made(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    most, out = signature.MOST_SIGNATURES, tmp_path / "list"
    publics = [made_key(tmp_path / f"{number}.pem", capsys) for number in range(most + 1)]
    keys = [str(tmp_path / f"{number}.pem") for number in range(most + 1)]
    command = ["sign", str(draft(tmp_path)), str(files), str(out)]
    with monkeypatch.context() as patched:
        patched.setattr(sign, "_read_key", lambda _: pytest.fail("a passphrase would have been asked for"))
        assert sign.main([*command, *keys]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"sign: name at most {most} keys: programs look at no more signatures of a list"
    ]
    assert not out.exists()
    assert sign.main([*command, *keys[:most]]) == 0
    trust(monkeypatch, publics[most - 1])
    assert sign.verify(out).version == "9.0.0"  # the last of them counts


def test_a_key_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "key.pem"
    made_key(key, capsys)
    before = key.read_bytes()
    assert sign.main(["make-key", str(key)]) == 1
    assert key.read_bytes() == before


def test_a_passphrase_protects_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.pem"
    monkeypatch.setenv("SEEDLING_SIGNING_PASSPHRASE", "correct horse")
    public = made_key(key, capsys)
    assert b"ENCRYPTED" in key.read_bytes()
    assert sign.main(["show-key", str(key)]) == 0
    assert json.loads(capsys.readouterr().out) == public
    Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
    monkeypatch.setenv("SEEDLING_SIGNING_PASSPHRASE", "wrong horse")
    assert sign.main(["show-key", str(key)]) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"expires": day(-1), "date": day(-9)},
        {"changes": "a\u202eb"},
        {"number": 0},
        {"version": "nine"},
        {"packages": [{"platform": "linux-x86_64", "name": "missing.deb", "address": "https://example.org/x"}]},
        {
            "packages": [
                {"platform": "linux-x86_64", "name": "seedling_9.0.0_amd64.deb", "address": "http://example.org/x"}
            ]
        },
    ],
)
def test_what_no_program_would_believe_is_not_signed(
    tmp_path: Path, files: Path, other: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    key, out = tmp_path / "key.pem", tmp_path / "list"
    made_key(key, capsys)
    assert sign.main(["sign", str(draft(tmp_path, **other)), str(files), str(out), str(key)]) == 1
    assert not out.exists()
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_is_longer_than_programs_read_is_not_signed(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key, out = tmp_path / "key.pem", tmp_path / "list"
    trust(monkeypatch, made_key(key, capsys))
    command = ["sign", str(draft(tmp_path)), str(files), str(out), str(key)]
    with monkeypatch.context() as patched:
        patched.setattr(fetching, "LARGEST_LIST", 100)
        assert sign.main(command) == 1
        assert "the draft has more than the 100 bytes" in capsys.readouterr().err
        assert not out.exists()
    assert sign.main(command) == 0
    monkeypatch.setattr(fetching, "LARGEST_LIST", 100)
    with pytest.raises(ValueError, match="more than the 100 bytes"):
        sign.verify(out)


def test_a_number_that_is_not_above_the_last_is_not_signed(
    tmp_path: Path, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, out = tmp_path / "key.pem", tmp_path / "list"
    made_key(key, capsys)

    def signed(number: int) -> int:
        return sign.main(["sign", str(draft(tmp_path, number=number)), str(files), str(out), str(key)])

    assert signed(7) == 0
    before = out.read_bytes()
    for number in (7, 6):
        assert signed(number) == 1
        assert "list 7" in capsys.readouterr().err
        assert out.read_bytes() == before
    assert signed(8) == 0
    out.write_text("no list")
    assert signed(9) == 1
    assert out.read_text() == "no list"


def test_the_keys_of_this_source_are_keys() -> None:
    for text in addresses.shipped()["keys"]:
        assert signature.key_id(Ed25519PublicKey.from_public_bytes(base64.b64decode(text)))


def test_no_private_key_lies_in_the_source() -> None:
    root = Path(sign.__file__).resolve().parents[2]
    marks = (b"BEGIN " + b"PRIVATE KEY", b"BEGIN ENCRYPTED " + b"PRIVATE KEY")
    for folder in ("resources", "tools", "docs", "app", "engine", "tests"):
        for path in (root / folder).rglob("*"):
            if path.is_file() and path.stat().st_size < 100_000:
                assert not any(mark in path.read_bytes() for mark in marks), path
