"""Packed files are known by what they are, capped in what they unpack to, and refused in one sentence."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import zstandard

from engine.data import unpacking
from engine.data.unpacking import Hashed
from engine.errors import EngineError

CONTENT = random.Random(1).randbytes(20_000).hex().encode() * 30  # 1.2 MB, more than one chunk


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


at_no_time = partial(gzip.compress, mtime=0)  # the same bytes whenever, as the names of tests must be
PACKERS: list[Callable[[bytes], bytes]] = [gzip.compress, lzma.compress, zstd]


def unpacked(path: Path, content: bytes) -> bytes:
    path.write_bytes(content)
    hashed = Hashed(path)
    found = b"".join(hashed.chunks())
    assert hashed.sha256 == hashlib.sha256(content).hexdigest(), "of the file as it lies on disk"
    return found


def refusal(path: Path, content: bytes) -> EngineError:
    path.write_bytes(content)
    with pytest.raises(EngineError) as caught:
        list(Hashed(path).chunks())
    assert path.name in str(caught.value)
    return caught.value


@pytest.mark.parametrize("pack", PACKERS)
def test_what_it_is_called_does_not_matter(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    for name in ("a.jsonl", "a.jsonl.gz", "a.jsonl.xz", "a.jsonl.zst"):
        assert unpacked(tmp_path / name, pack(CONTENT)) == CONTENT
    assert unpacked(tmp_path / "plain.gz", CONTENT) == CONTENT


@pytest.mark.parametrize("pack", PACKERS)
def test_streams_one_after_another_and_padding(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    assert unpacked(tmp_path / "a", pack(b"one ") + pack(b"two")) == b"one two"
    assert unpacked(tmp_path / "a", pack(b"one") + b"\0" * 512) == b"one"
    assert unpacked(tmp_path / "a", pack(b"")) == b""


@pytest.mark.parametrize("pack", PACKERS)
def test_cut_or_followed_by_something_else(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(CONTENT)
    for broken in (packed[: len(packed) // 2], packed[:-5], packed + b"more"):
        assert refusal(tmp_path / "a.gz", broken).code == "data_damaged"


@pytest.mark.parametrize("pack", PACKERS)
def test_what_unpacks_to_far_more_is_refused(
    tmp_path: Path, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    zeros = pack(b" " * (8 << 20))
    (tmp_path / "a").write_bytes(zeros)
    assert sum(map(len, Hashed(tmp_path / "a").chunks())) == 8 << 20, "small files may be as empty as they like"
    monkeypatch.setattr(unpacking, "RATIO_FROM", 4 << 20)
    assert refusal(tmp_path / "a", zeros).code == "data_bomb"
    monkeypatch.setattr(unpacking, "RATIO_FROM", 1 << 40)
    monkeypatch.setattr(unpacking, "UNPACKED_LIMIT", 4 << 20)
    assert refusal(tmp_path / "a", zeros).code == "data_bomb"


def test_no_chunk_is_large(tmp_path: Path) -> None:
    """A megabyte of zstd may hold gigabytes; what is handed on is small whatever comes in."""
    (tmp_path / "a").write_bytes(zstd(b"x" * (48 << 20)))
    assert max(map(len, Hashed(tmp_path / "a").chunks())) <= 32 << 20


@pytest.mark.parametrize(
    ("begin", "word"),
    [
        (b"PK\x03\x04rest", "zip"), (b"%PDF-1.7", "PDF"), (b"BZh91AY", "bzip2"), (b"\x89PNG\r\n", "picture"),
        (b"GGUF\3", "model"), (b"SQLite format 3\0", "database"), (b"\0" * 257 + b"ustar", "tar"),
        (at_no_time(at_no_time(b"x")), "packed twice"), (at_no_time(b"PAR1"), "parquet"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_named(tmp_path: Path, begin: bytes, word: str) -> None:
    error = refusal(tmp_path / "rows.jsonl", begin)
    assert error.code == "data_binary"
    assert word in str(error)


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="none") as caught:
        list(Hashed(tmp_path / "none").chunks())
    assert caught.value.code == "not_found"
