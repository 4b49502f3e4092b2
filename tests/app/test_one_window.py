"""One window per home: of starts at the same instant exactly one is first, and nothing that a dead one left blocks."""

from __future__ import annotations

import errno
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from door import say_at_the_door
from PySide6.QtCore import QCoreApplication
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot
from starts import DEAD, ROOT, Starts, note_of_last_run

from app.safe_mode import not_answering
from app.single_instance import SingleInstance
from engine import files


class Race:
    """Processes that want one home; see tests/window_race.py."""

    def __init__(self, home: Path, patience_s: float = 10, without: str = "") -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "SEEDLING_HOME": str(home)}
        command = [sys.executable, str(ROOT / "tests" / "window_race.py"), str(patience_s), without]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)

    def __call__(self, *command: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, command)) + "\n")
        self._process.stdin.flush()

    def hear(self, count: int) -> dict[str, str]:
        """What so many processes say next; being knocked at is no news."""
        heard: dict[str, str] = {}
        while len(heard) < count:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
            assert line, "the race has ended"
            id, word, *_ = line.split()
            if word != "knocked":
                heard[id] = line.split(maxsplit=1)[1].strip()
        return heard

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def start() -> Iterator[Starts]:
    starts = Starts()
    yield starts
    starts.close()


@pytest.fixture
def race(home: Path) -> Iterator[Race]:
    race = Race(home)
    yield race
    race.close()


# --- trials ----------------------------------------------------------------------------------------------------------


@pytest.mark.trial(sample=20, full=300)
def test_of_two_starts_at_one_instant_one_is_first_and_answers(race: Race, trials: range) -> None:
    check_pairs(race, trials)


def check_pairs(race: Race, trials: range) -> None:
    for seed in trials:
        first, second = f"{seed}a", f"{seed}b"
        race("start", first)
        race("start", second, random.Random(seed).randint(0, 5))
        said = race.hear(2)
        words = {text.split()[0]: id for id, text in said.items()}
        assert set(words) == {"first", "answered"}
        answered_ms = int(said[words["answered"]].split()[1])
        assert answered_ms < 10_000  # a second on a quiet machine
        race("kill", words["first"])
        assert race.hear(1) == {words["first"]: "killed"}


@pytest.mark.trial(sample=20, full=100)
def test_a_lock_whose_holder_was_killed_never_blocks(race: Race, home: Path, trials: range) -> None:
    """Also where the number of the dead process belongs to another one by now."""
    for seed in trials:
        race("start", seed)
        assert race.hear(1) == {str(seed): "first"}
        race("kill", seed)
        race.hear(1)
        note_of_last_run(home)
        note = json.loads((home / "window.run").read_text())
        (home / "window.run").write_text(json.dumps(note | {"pid": os.getpid()}))
        (home / "window.lock").write_text(str(os.getpid()))


@pytest.mark.trial(sample=5, full=100)
def test_a_start_that_waits_gets_the_home_when_its_holder_dies(race: Race, trials: range) -> None:
    """It hangs, is knocked at, and is killed meanwhile."""
    for seed in trials:
        first, second = f"{seed}a", f"{seed}b"
        race("start", first)
        assert race.hear(1) == {first: "first"}
        race("stop", first)
        assert race.hear(1) == {first: "stopped"}
        race("start", second)
        race("kill", first)
        assert race.hear(2) == {first: "killed", second: "first"}
        race("kill", second)
        race.hear(1)


NO_LOCK = "from engine import files; files.lock = lambda path: 99; "
NOBODY_HEARS = "from app.single_instance import SingleInstance as S; S.knock = lambda self, patience_s=1: False; "


@pytest.mark.parametrize("without", [NO_LOCK + NOBODY_HEARS, NOBODY_HEARS], ids=["the lock", "the door"])
def test_the_trial_of_pairs_sees_what_is_missing(home: Path, without: str) -> None:
    race = Race(home, patience_s=0.5, without=without)
    with pytest.raises(AssertionError):
        check_pairs(race, range(3))
    race.close()


# --- one that does not answer ----------------------------------------------------------------------------------------


def test_a_start_beside_a_window_that_hangs_ends_with_its_number_and_how_to_end_it(home: Path) -> None:
    race = Race(home, patience_s=0.5)
    race("start", "first")
    race.hear(1)
    race("stop", "first")
    race.hear(1)
    race("start", "second")
    assert race.hear(1)["second"].startswith("silent")
    race.close()


def test_the_sentence_names_the_process_that_hangs(start: Starts, home: Path) -> None:
    race = Race(home)
    race("start", "first")
    race.hear(1)
    race("stop", "first")
    race.hear(1)
    hurry = "from app.single_instance import SingleInstance as S; S.is_first.__defaults__ = (0.2,)"
    said = start(home, before=hurry)
    assert said["code"] == 1
    assert said["dialogs"] == ["Seedling is already running and did not answer. Close its window first."]
    note_of_last_run(home)
    said = start(home, before=hurry)
    assert not said["shown"]
    (sentence,) = said["dialogs"]
    assert f"process {DEAD}" in sentence
    assert f"kill -9 {DEAD}" in sentence
    assert sentence in said["stderr"]
    race.close()


# --- what is said at the door ----------------------------------------------------------------------------------------


@pytest.fixture
def first(qapp: QCoreApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[SingleInstance]:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "old")
    instance = SingleInstance()
    assert instance.acquire()
    yield instance
    instance.release()


@pytest.mark.parametrize(
    ("words", "token"),
    [
        (b'{"token": "new-1"}\n', "new-1"),
        (b'{"token": ""}\n', "old"),
        (b'{"token": 7}\n', "old"),
        (b'{"token": "a\\u0000b"}\n', "old"),
        (b'{"token": "\\u00e4"}\n', "old"),
        (b"[]\n", "old"),
        (b"\xff\xff\n", "old"),
        (b"[" * 1500 + b"\n", "old"),
    ],
)
def test_the_token_that_lets_it_come_forward_on_wayland_is_taken_and_nothing_else(
    qtbot: QtBot, first: SingleInstance, words: bytes, token: str
) -> None:
    with qtbot.wait_signal(first.knocked):
        assert say_at_the_door(qtbot, first, words) == b"here\n"
    assert os.environ["XDG_ACTIVATION_TOKEN"] == token


def test_a_visitor_who_talks_without_end_is_shown_out(qtbot: QtBot, first: SingleInstance) -> None:
    with qtbot.assert_not_emitted(first.knocked):
        assert say_at_the_door(qtbot, first, b"x" * 100_000) == b""


def test_a_window_that_is_closing_does_not_answer(qtbot: QtBot, first: SingleInstance) -> None:
    first.close_door()
    assert not SingleInstance().knock(0.1)


def test_what_else_lies_at_the_door_is_cleared_away(home: Path) -> None:
    instance = SingleInstance()
    left = Path(tempfile.gettempdir()) / instance._name
    with socket.socket(socket.AF_UNIX) as dead:  # of a process that was killed
        dead.bind(str(left))
    assert left.exists()
    assert instance.acquire()
    visitor = QLocalSocket()
    visitor.connectToServer(instance._name)
    assert visitor.waitForConnected(1000)
    visitor.abort()
    instance.release()


def test_the_door_lies_where_no_other_person_comes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = home / "run"
    private.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(private))
    instance = SingleInstance()
    assert instance.acquire()
    assert [path.is_socket() for path in private.iterdir()] == [True]
    instance.release()
    for other in ("", "run", str(home / "gone")):
        monkeypatch.setenv("XDG_RUNTIME_DIR", other)
        assert "/" not in SingleInstance()._name


def test_a_door_that_does_not_open_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    private = home / ("long" * 40)  # the path of a socket has 107 bytes (unix(7))
    private.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(private))
    instance = SingleInstance()
    assert instance.acquire()  # the lock decides
    assert "no door" in caplog.text
    instance.release()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EROFS, errno.ENOSPC, errno.EACCES, errno.ENOTDIR])
def test_where_no_lock_can_be_had_whoever_answers_is_the_first(
    qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(files, "lock", refuse)
    first, second = SingleInstance(), SingleInstance()
    assert first.acquire()
    monkeypatch.setattr(SingleInstance, "knock", lambda *_: True)
    assert not second.acquire()
    first.release()


def test_the_process_that_does_not_answer_is_known_from_its_note(home: Path) -> None:
    assert not_answering().code == "already_running"
    note_of_last_run(home)
    assert not_answering().data["process"] == DEAD
