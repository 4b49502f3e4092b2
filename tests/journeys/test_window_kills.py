"""The window killed at random moments: nothing that was shown as sent is missing, and no worker outlives it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import psutil
import pytest

from engine.chat.store import Store

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks, and processes that end with their parent")

ROOT = Path(__file__).resolve().parent.parent.parent
ORPHANS_GONE_S = 2.0
OPEN_WITHIN_MS = 5000
LIVES_OF_A_HOME = 20
REPLIES = ("".join(f"{n} " for n in range(3000)), "into C ")
Moment = Callable[[random.Random], float]  # seconds after the window has opened

LOST_AT_MOST_S = 3.5  # of a reply: a second, and what a busy disk takes to flush; what it was is printed


class Windows:
    """The server of windows; see tests/killed_windows.py."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
        command = [sys.executable, str(ROOT / "tests" / "killed_windows.py")]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
        self._server = subprocess.Popen(command, env=environment, **pipes)

    def open(self, **asked: Any) -> int:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(asked) + "\n")
        return int(self._server.stdout.readline())

    def close(self) -> None:
        self._server.communicate(timeout=30)


@dataclass
class Left:
    """What a killed window has left, read in a copy: the next one finds its database untouched."""

    integrity: str
    titles: dict[int, str]
    rows: dict[int, tuple[int, str, str]]  # every message: chat, role, content
    shown: dict[int, list[Any]]  # those that are to be seen: chat, role, content, state


@dataclass
class Seen:
    """What a person has seen acknowledged in a window, and what was asked for and may have been done."""

    titles: dict[int, list[str]] = field(default_factory=dict)  # what is shown, then what was asked for since
    deleted: set[int] = field(default_factory=set)
    doomed: set[int] = field(default_factory=set)
    questions: dict[int, tuple[int, str]] = field(default_factory=dict)  # message: chat and text
    grown: dict[int, list[tuple[float, int, int]]] = field(default_factory=dict)  # reply: when, chat, characters

    def hear(self, when: float, kind: str, *what: Any) -> None:
        match kind, *what:
            case "shown", message, chat, text:
                self.questions[message] = (chat, text)
                self.deleted.discard(chat)  # ids are used again
                self.doomed.discard(chat)
            case "wants", "title", chat, title:
                self.titles.setdefault(chat, []).append(title)
            case "titled", chat, title:
                asked = self.titles[chat]
                del asked[: asked.index(title)]
            case "wants", "delete", chat:
                self.doomed.add(chat)
            case "deleted", chat:
                self.deleted.add(chat)
                self.titles.pop(chat, None)
                self.questions = {id: row for id, row in self.questions.items() if row[0] != chat}
            case "grew", message, chat, length:
                self.grown.setdefault(message, []).append((when, chat, length))


@pytest.mark.trial(sample=4, full=1000)
def test_a_window_killed_at_any_moment_loses_nothing(trials: range, tmp_path: Path) -> None:
    full = len(trials) > 100
    chains = (os.cpu_count() or 1) if full else 1
    with ThreadPoolExecutor(chains) as threads:
        shares = [trials[start::chains] for start in range(chains)]
        reports = list(threads.map(lambda share: _lives(share, tmp_path / f"{share.start}"), shares))
    for report in reports:
        print(json.dumps(report))
        assert not full or report["slowest_ms"] <= OPEN_WITHIN_MS
    assert sum(report["windows"] for report in reports) == len(trials)


def _soon(chance: random.Random) -> float:
    return 2.2 * chance.random() ** 2


def _lives(seeds: range, folder: Path, killed_after: Moment = _soon, **asked: Sequence[str]) -> Counter[str]:
    """One window after another on the same home, each killed, each looking at what the one before has left."""
    windows, done, left = Windows(), Counter[str](), None
    try:
        for number, seed in enumerate(seeds):
            home = folder / str(number // LIVES_OF_A_HOME)
            if number % LIVES_OF_A_HOME == 0:
                shutil.rmtree(folder, ignore_errors=True)
                home.mkdir(parents=True)
                left = None
            (home / "said").unlink(missing_ok=True)
            window = windows.open(home=str(home), seed=seed, **asked)
            left = _live(window, home, seed, left, done, killed_after)
    finally:
        windows.close()
    return done


def _live(window: int, home: Path, seed: int, before: Left | None, done: Counter[str], killed_after: Moment) -> Left:
    """A window that opens, looks at what there is, and is killed; what it has left. before: what it was to find."""
    chance, said = random.Random(seed), home / "said"
    begun = time.monotonic()
    try:
        if chance.random() < 0.1:  # while it opens
            time.sleep(chance.uniform(0, 1))
        else:
            _wait_for_line(said, window)
            time.sleep(killed_after(chance))
        killed, offspring = _kill(window)
    except BaseException:
        os.kill(window, signal.SIGKILL)
        raise
    _wait_until_gone(offspring)
    lines = [json.loads(line) for line in said.read_bytes().splitlines()] if said.exists() else []
    done += Counter(windows=1, workers=len(offspring))
    seen = Seen()
    if before is not None:
        seen.titles = {chat: [title] for chat, title in before.titles.items()}
        seen.questions = {id: (row[0], row[2]) for id, row in before.rows.items() if row[1] == "user"}
    if lines and lines[0][1] == "opened":
        when, _, titles, shown = lines.pop(0)
        if before is not None:
            assert {int(chat): title for chat, title in titles.items()} == before.titles, seed
            assert {int(id): row for id, row in shown.items()} == before.shown, seed
        done["opened"] += 1
        done["slowest_ms"] = max(done["slowest_ms"], round(1000 * (when - begun)))
    for line in lines:
        seen.hear(*line)
    left = _look(home)
    _compare(seen, left, killed, done, seed)
    return left


def _look(home: Path) -> Left:
    if not (home / "seedling.db").exists():
        return Left("ok", {}, {}, {})
    copy = home.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for path in home.glob("seedling.db*"):
        shutil.copy(path, copy)
    path = copy / "seedling.db"
    connection = apsw.Connection(str(path))
    integrity = str(connection.pragma("integrity_check"))
    connection.close()
    store = Store(path)
    chats = store.chats()
    rows = {id: (chat, *row) for id, chat, *row in store._read("SELECT id, chat, role, content FROM messages")}
    paths = [stored for chat in chats for stored in store.messages(chat.id)]
    store.close()
    shown = {row.id: [row.chat, row.message.role, row.message.content, row.state] for row in paths}
    return Left(integrity, {chat.id: chat.title for chat in chats}, rows, shown)


def _compare(seen: Seen, left: Left, killed: float, done: Counter[str], seed: int) -> None:
    assert left.integrity == "ok", seed
    assert not seen.deleted & left.titles.keys(), (seed, "deleted")
    for chat, titles in seen.titles.items():
        if chat not in seen.doomed:
            assert left.titles.get(chat) in titles, (seed, "title", chat)
    for message, (chat, text) in seen.questions.items():
        if chat not in seen.doomed:
            assert left.rows.get(message) == (chat, "user", text), (seed, "missing", message)
            done["messages"] += 1
    for message, times in seen.grown.items():
        chat = times[0][1]
        if chat in seen.doomed | seen.deleted:
            continue
        text = left.rows[message][2]
        assert any(whole.startswith(text) for whole in REPLIES), (seed, "changed", message)
        lost = max((killed - when for when, _, length in times if length > len(text)), default=0.0)
        assert lost <= LOST_AT_MOST_S, (seed, "lost", message, lost)
        done["replies"] += 1
        done["worst_loss_ms"] = max(done["worst_loss_ms"], round(1000 * lost))


def _wait_for_line(said: Path, window: int) -> None:
    """Until the window shows its chats. Raises AssertionError when it ends before, or takes too long."""
    until = time.monotonic() + 60
    while not (said.exists() and b"\n" in said.read_bytes()):
        assert psutil.pid_exists(window), "the window ended by itself"
        assert time.monotonic() < until, "the window did not open"
        time.sleep(0.005)


def _kill(window: int) -> tuple[float, list[psutil.Process]]:
    """When, and the processes it had then, known by their ids and the times they were started."""
    os.kill(window, signal.SIGSTOP)  # so that it starts none while they are counted
    offspring = psutil.Process(window).children(recursive=True)
    os.kill(window, signal.SIGKILL)
    return time.monotonic(), offspring


def _wait_until_gone(processes: list[psutil.Process]) -> None:
    until = time.monotonic() + ORPHANS_GONE_S
    while left := [process for process in processes if _runs(process)]:
        if time.monotonic() > until:
            for process in left:
                process.kill()
            raise AssertionError(f"still there: {left}")
        time.sleep(0.01)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_title_may_be_any_that_was_asked_for_since_the_one_that_is_shown() -> None:
    seen = Seen()
    for heard in (("wants", "title", 1, "a"), ("wants", "title", 1, "b"), ("titled", 1, "a")):
        seen.hear(0.0, *heard)
    assert seen.titles == {1: ["a", "b"]}  # b may stand in the file already
    seen.hear(0.0, "titled", 1, "b")
    assert seen.titles == {1: ["b"]}


# --- what the promises hang on ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("guard", ["keeping", "marking", "committing"])
def test_without_its_guard_something_is_lost(guard: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        _lives(range(2, 8), tmp_path, lambda _: 5.0, without=[guard], deeds=["tell"])
