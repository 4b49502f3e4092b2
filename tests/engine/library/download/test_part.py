"""The part and its state: whatever a kill or a disk left of them, what is trusted is right."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.library.download import part
from engine.library.download.part import Part

NOTE = 1 << 16
DATA = random.Random(1).randbytes(3 * NOTE + 1000)
BLOB = hashlib.sha256(DATA).hexdigest()
PIECE = 4000

Open = Callable[..., Part]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(part, "NOTE_BYTES", NOTE)
    return tmp_path / "blobs"


@pytest.fixture
def opened(place: Path) -> Iterator[Open]:
    """Opens the part as the next process does, and reads it back."""
    parts: list[Part] = []

    def opened(blob: str = BLOB, size: int = len(DATA)) -> Part:
        parts.append(Part(place / "x.part", place / "x.state", blob, size))
        list(parts[-1].recover())
        return parts[-1]

    yield opened
    for one in parts:
        one.close()


@pytest.fixture
def begun(opened: Open) -> Part:
    """Two notes and a bit, without a pause: as a kill leaves it."""
    one = opened()
    one.restart('"tag"')
    write(one, 2 * NOTE + 11 * PIECE)
    return one


def write(part: Part, end: int) -> None:
    while part.at < end:
        part.write([DATA[part.at : min(part.at + PIECE, end)]])


def test_what_was_noted_is_there_again(begun: Part, opened: Open, place: Path) -> None:
    part = opened()
    assert part.etag == '"tag"'
    assert 2 * NOTE <= part.at < 2 * NOTE + 2 * PIECE
    assert part.path.stat().st_size == part.at
    write(part, len(DATA))
    assert part.is_right()
    part.place(place / BLOB)
    assert (place / BLOB).read_bytes() == DATA
    assert [path.name for path in place.iterdir()] == [BLOB]


def test_a_pause_loses_nothing(opened: Open) -> None:
    part = opened()
    write(part, 12_345)
    part.pause()
    assert opened().at == 12_345


@pytest.mark.parametrize("cut", range(0, 300, 11))
def test_a_state_cut_off_anywhere_promises_no_more_than_there_is(
    begun: Part, opened: Open, place: Path, cut: int
) -> None:
    state = (place / "x.state").read_bytes()
    (place / "x.state").write_bytes(state[:cut])
    part = opened()
    assert part.path.read_bytes() == DATA[: part.at]
    write(part, len(DATA))
    assert part.is_right()
    assert opened().at >= 2 * NOTE


@pytest.mark.parametrize("at", [0, NOTE - 1, NOTE + 3 * PIECE, 2 * NOTE - 1])
def test_a_byte_the_disk_lost_is_found(begun: Part, opened: Open, place: Path, at: int) -> None:
    damaged = bytearray((place / "x.part").read_bytes())
    damaged[at] ^= 1
    (place / "x.part").write_bytes(damaged)
    part = opened()
    assert at - NOTE - 2 * PIECE < part.at <= at
    assert part.path.read_bytes() == DATA[: part.at]


def test_a_shorter_part_or_another_content_begins_where_it_can(begun: Part, opened: Open, place: Path) -> None:
    with open(place / "x.part", "r+b") as file:
        file.truncate(NOTE + 4 * PIECE)
    assert 0 < opened().at <= NOTE + 4 * PIECE
    assert opened("0" * 64).at == 0
    assert opened().at == 0


@pytest.mark.parametrize("junk", [b"", b"\0" * 500, b"[]\n", b"{}\n", b'{"blob": 1}\n{"at": -1}\n', b"[" * 10_000])
def test_a_state_that_is_none_is_no_state(begun: Part, opened: Open, place: Path, junk: bytes) -> None:
    (place / "x.state").write_bytes(junk)
    assert opened().at == 0


def test_what_is_no_note_ends_the_trust(begun: Part, opened: Open, place: Path) -> None:
    first, one, two = (place / "x.state").read_bytes().splitlines(keepends=True)
    (place / "x.state").write_bytes(first + one + b'{"at": "x"}\n' + two)
    assert opened().at == json.loads(one)["at"]


def test_small_files_are_hashed_as_git_does(opened: Open) -> None:
    part = opened(hashlib.sha1(b"blob 5\0hello").hexdigest(), 5)
    part.write([b"hel", b"lo"])
    assert part.is_right()
    part.restart()
    part.write([b"hellO"])
    assert not part.is_right()
