"""Files as text: what is taken, and what is refused by a sentence that names the place."""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data.files import json_rows, read_source
from engine.data.text import SUFFIXES, documents
from engine.errors import EngineError


def read(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return read_source(path, SUFFIXES).text


def refusal(path: Path, content: bytes) -> EngineError:
    with pytest.raises(EngineError) as caught:
        read(path, content)
    assert path.name in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        "Grüße\n🌱\n".encode(),
        "Grüße\r\n🌱\r\n".encode(),
        "Grüße\r🌱\r".encode(),
        "Grüße\n🌱\n".encode("utf-8-sig"),
        b"\xff\xfe" + "Grüße\n🌱\n".encode("utf-16-le"),
        b"\xfe\xff" + "Grüße\n🌱\n".encode("utf-16-be"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path / "a.txt", content) == "Grüße\n🌱\n"


@pytest.mark.parametrize(("name", "pack"), [("a.txt.xz", lzma.compress), ("a.MD.gz", gzip.compress)])
def test_packed_files(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"text " * 100)
    assert read(tmp_path / name, packed) == "text " * 100
    error = refusal(tmp_path / name, packed[:-20])
    assert error.code == "data_damaged"
    assert refusal(tmp_path / name, b"plain").code == "data_damaged"


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_nothing(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path / "a.txt", content).code == "data_empty"


@pytest.mark.parametrize(
    ("content", "byte"),
    [(b"abc\xff", 3), (b"\xef\xbb\xbfab\xff", 5), (b"ab\0c", 2), (b"\0a", 0), (b"a\0\xff", 1), (b"\xff\xfea", 2)],
)
def test_binary_names_the_byte(tmp_path: Path, content: bytes, byte: int) -> None:
    error = refusal(tmp_path / "a.txt", content)
    assert (error.code, error.data["byte"]) == ("data_binary", byte)


def test_other_kinds_are_refused(tmp_path: Path) -> None:
    for name in ("a.pdf", "a", "a.xz", "a.txt.zip"):
        assert refusal(tmp_path / name, b"text").code == "data_kind"


def test_missing_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(EngineError, match=path.name):
            read_source(path, SUFFIXES)


def test_sha256_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"text")
    sha256 = hashlib.sha256(b"text").hexdigest()
    assert read_source(path, SUFFIXES, sha256.upper()).sha256 == sha256
    path.write_bytes(b"texts")
    with pytest.raises(EngineError) as caught:
        read_source(path, SUFFIXES, sha256)
    assert caught.value.code == "data_changed"


def test_json_lines_name_the_broken_one(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n\n{"text": \n[1]\n' + "[" * 100_000)
    rows = list(json_rows(read_source(tmp_path / "a.jsonl", SUFFIXES)))
    assert [line for line, _ in rows] == [1, 3, 4, 5]
    assert [isinstance(row, EngineError) for _, row in rows] == [False, True, False, True]


def test_shared_malformed_texts(data: Callable[..., Path]) -> None:
    """The verdicts of the manifest, for every text file in it."""
    folder = data("malformed-data")
    manifest = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    texts = [entry for entry in manifest if entry["file"].startswith("txt/")]
    assert texts
    for entry in texts:
        try:
            documents(read_source(folder / entry["file"], SUFFIXES))
            verdict = "accept"
        except EngineError as error:
            verdict = "reject" if entry["file"].rpartition("/")[2] in str(error) else f"unnamed: {error}"
        assert verdict in entry["verdict"], entry
