"""Workers that die in every way at every moment: the window lives, says why, keeps all, and a fresh worker goes on."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPushButton

from app import engine_client
from engine import paths
from engine.library.models import ModelEntry

Desk = Any  # tests/app/conftest.py
Dies = Callable[[str, str], float]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of POSIX")

# How a worker ends, and the words that a person reads.
CAUSES = {
    "SIGKILL": "SIGKILL",
    "SIGABRT": "SIGABRT",
    "SIGSEGV": "SIGSEGV",
    "SIGBUS": "SIGBUS",
    "SIGILL": "SIGILL",
    "exit": "exit code 3",
    "half": "exit code 0",
    "garbage": "not an event",
    "flood": "more than can be shown",
    "hang": "stopped responding",
}
AT_ONCE, IN_TIME = list(CAUSES)[:-2], list(CAUSES)[-2:]  # told at once, or when it has lasted too long
MOMENTS = ("load", "prompt", "decode", "unload", "idle")
TOLD_WITHIN_S, HANG_TOLD_WITHIN_S = 2.0, 10.0
PATIENCE_S = 20  # of the tests: long, for a machine that is busy


class Heart:
    """Beats in the window's thread, and keeps the longest time between two beats."""

    def __init__(self) -> None:
        self.longest, self._last = 0.0, time.monotonic()
        self._timer = QTimer(interval=10)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.monotonic()
        self.longest, self._last = max(self.longest, now - self._last), now


@pytest.fixture
def dies(open_desk: Callable[[], Desk], library: list[ModelEntry]) -> Dies:
    """One trial: a worker that dies in this way at this moment, and all that must hold; seconds until it was told."""
    for cause in CAUSES:
        library.append(ModelEntry(f"die-{cause}", Path(f"/models/die-{cause}.gguf"), "gguf", "llama", False))
    desk = open_desk()
    wait(lambda: bool(desk.chat.models.entries))
    return lambda cause, moment: _trial(desk, cause, moment)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The suite does not wait as long for a hang as the program does; the full count of trials does."""
    if not request.config.getoption("--trials"):
        monkeypatch.setattr(engine_client, "QUIET_LIMIT_S", 2)
        monkeypatch.setattr(engine_client, "FLOOD_LIMIT_S", 1)


@pytest.mark.trial(sample=8, full=400)
def test_any_death_is_told_and_survived(trials: range, dies: Dies, request: pytest.FixtureRequest) -> None:
    _die(trials, dies, AT_ONCE, TOLD_WITHIN_S if request.config.getoption("--trials") else None)


@pytest.mark.trial(sample=2, full=50)
def test_a_hang_and_a_flood_are_told_and_survived(
    trials: range, dies: Dies, impatient: None, request: pytest.FixtureRequest
) -> None:
    _die(trials, dies, IN_TIME, HANG_TOLD_WITHIN_S if request.config.getoption("--trials") else None)


def _die(trials: range, dies: Dies, causes: Sequence[str], limit_s: float | None) -> None:
    """One death after another in the same window. limit_s: how soon each must have been told, where that counts."""
    heart = Heart()
    told: dict[str, list[float]] = {cause: [] for cause in causes}
    for seed in trials:
        cause = causes[seed % len(causes)]
        told[cause].append(dies(cause, MOMENTS[(seed + seed // len(causes)) % len(MOMENTS)]))
    for cause, seconds in told.items():
        print(f"{cause}: {len(seconds)} times, told after {max(seconds):.2f} s at most")
        assert limit_s is None or max(seconds) <= limit_s
    print(f"longest time between two beats of the window: {1000 * heart.longest:.0f} ms")


def _trial(desk: Desk, cause: str, moment: str) -> float:
    desk.client.forgive()
    desk.chat.new_chat()
    desk.chat.choose_model("starter")
    desk.ask_and_wait("hello")
    before = desk.rows()
    mark = paths.home() / "died"
    mark.unlink(missing_ok=True)
    if moment == "load":
        desk.chat.choose_model(f"die-{cause}")
    else:
        desk.ask(f"do die {cause} {moment}")
        if moment == "unload":
            desk.wait_idle()
            desk.chat.choose_model("slow")
        elif (moment, cause) == ("idle", "hang"):  # nobody notices before something is wanted of it
            desk.wait_idle()
            desk.ask("are you there?")

    def words() -> str:
        return str(desk.page.transcript.failure() + desk.page.notice.text)

    wait(lambda: mark.exists() and CAUSES[cause] in words(), words)
    died, dead = mark.read_text().split()
    seconds = time.monotonic() - float(died)

    assert desk.window.isVisible()
    desk.wait_idle()
    assert desk.rows()[: len(before)] == before
    if moment == "decode":
        partial = desk.rows()[-1]
        assert (partial.state, partial.message.content) == ("failed", "word word word ")
        assert "continue" in desk.page.transcript.offered(partial.id)
    desk.chat.choose_model("starter")
    desk.ask_and_wait("again")
    assert desk.rows()[-1].message.content == "again"
    assert desk.rows()[-1].state == "done"
    assert desk.client._process.processId() != int(dead)
    wait(lambda: not psutil.pid_exists(int(dead)))
    return seconds


def wait(condition: Callable[[], bool], found: Callable[[], str] = str, seconds: float | None = None) -> None:
    """Turn the window's loop until the condition holds."""
    until = time.monotonic() + (seconds or PATIENCE_S)
    while not condition():
        assert time.monotonic() < until, found()
        QApplication.processEvents()
        time.sleep(0.002)


# --- three deaths ----------------------------------------------------------------------------------------------------


@pytest.mark.trial(sample=2, full=50)
def test_three_deaths_within_a_minute_stop_and_explain(trials: range, desk: Desk) -> None:
    for seed in trials:
        _die_three_times(desk, AT_ONCE[seed % len(AT_ONCE)])


def _die_three_times(desk: Desk, cause: str) -> None:
    desk.client.forgive()
    desk.chat.new_chat()
    for _ in range(3):
        desk.ask(f"do die {cause} decode")
        wait(lambda: CAUSES[cause] in desk.page.transcript.failure())
        desk.wait_idle()
    kept = desk.rows()
    assert len(kept) == 6
    desk.ask("hello")
    desk.wait_idle()
    assert "3 times within a minute" in desk.page.transcript.failure()
    assert CAUSES[cause] in desk.page.transcript.failure()
    assert desk.client._process is None
    assert desk.rows()[:6] == kept
    press(desk, "Try again")  # the person may
    wait(lambda: desk.rows()[-1].message.content == "hello" and desk.page.transcript.failure() == "")
    desk.wait_idle()


def press(desk: Desk, text: str) -> None:
    next(button for button in desk.page.transcript.findChildren(QPushButton) if button.text() == text).click()


# --- graphics processors ---------------------------------------------------------------------------------------------

# What ggml prints before it aborts (ggml_cuda_error), what torch raises is told in tests/engine/test_jobs.py.
GPU_WORDS = {
    "CUDA error: unknown error": "The graphics processor failed: CUDA error: unknown error.",  # 999
    "CUDA error: an illegal memory access was encountered": "The graphics processor failed: CUDA error: an",  # 700
    "CUDA error: out of memory": "The graphics processor has not enough memory",
    "vk::Queue::submit: ErrorDeviceLost": "The graphics processor failed: vk::Queue::submit: ErrorDeviceLost.",
}


@pytest.mark.trial(sample=4, full=100)
def test_a_graphics_processor_that_fails_at_any_token_is_named_and_a_reload_offered(trials: range, desk: Desk) -> None:
    for seed in trials:
        words = list(GPU_WORDS)[seed % len(GPU_WORDS)]
        at = random.Random(seed).randrange(40)
        desk.client.forgive()
        desk.chat.new_chat()
        desk.ask_and_wait("hello")
        desk.ask(f"do die {words} {at}")
        wait(lambda words=words: GPU_WORDS[words] in desk.page.transcript.failure(), desk.page.transcript.failure)
        desk.wait_idle()
        assert [row.message.content for row in desk.rows()[:2]] == ["hello", "hello"]
        assert desk.rows()[-1].message.content == ("word " * at or f"do die {words} {at}")
        offered = [button.text() for button in desk.page.transcript.findChildren(QPushButton) if button.isVisible()]
        assert "Settings of the model" in offered
        assert "Try again" in offered or "memory" in words
        desk.ask_and_wait("again")
        assert desk.rows()[-1].message.content == "again"


def test_a_worker_whose_graphics_processor_is_lost_is_not_asked_again(desk: Desk) -> None:
    """torch says so in an exception: the worker lives, and would fail for ever."""
    desk.ask_and_wait("hello")
    worn_out = desk.client._process.processId()
    desk.ask("do cut gpu_failed")
    wait(lambda: "The graphics processor failed" in desk.page.transcript.failure())
    desk.wait_idle()
    assert desk.rows()[-1].message.content == "half a "
    desk.ask_and_wait("again")
    assert desk.client._process.processId() != worn_out


# --- what the promises hang on ---------------------------------------------------------------------------------------


def test_without_a_pulse_a_hang_is_not_told(dies: Dies, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_client.EngineClient, "_lives", lambda _: True)
    monkeypatch.setattr(sys.modules[__name__], "PATIENCE_S", 4)
    with pytest.raises(AssertionError):
        dies("hang", "load")


def test_without_a_limit_a_flood_is_not_told(dies: Dies, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_client, "FLOOD", 10**9)
    monkeypatch.setattr(sys.modules[__name__], "PATIENCE_S", 4)
    with pytest.raises(AssertionError):
        dies("flood", "prompt")


def test_without_word_of_it_the_death_of_a_resting_worker_is_not_told(
    dies: Dies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_client.EngineClient, "_tell", lambda *_: None)
    monkeypatch.setattr(sys.modules[__name__], "PATIENCE_S", 2)
    with pytest.raises(AssertionError):
        dies("SIGSEGV", "idle")


def test_without_a_count_of_deaths_workers_die_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_client, "DEATHS_WITHIN_S", 0.0)
    with pytest.raises(AssertionError):
        _die_three_times(desk, "SIGKILL")


def test_what_is_read_and_not_shown_is_limited(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that take the window long: they wait in the pipe, and what has been read of them is bounded."""
    monkeypatch.setattr(engine_client, "BACKLOG_LIMIT", 100_000)
    desk.client.submit("chat", {"do": "flood 1000"}).reported.connect(lambda _: time.sleep(0.002))
    desk.ask("do flood 100000")
    wait(lambda: "more than can be shown" in desk.page.transcript.failure() + desk.page.notice.text)
