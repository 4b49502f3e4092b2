"""The bridge against a worker that misbehaves: every job ends once, in words, and the next one works."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QTimer, SignalInstance
from pytestqt.exceptions import TimeoutError
from pytestqt.qtbot import QtBot

from app import engine_client
from app.engine_client import EngineClient, JobHandle
from engine import about
from engine.events import Event, Failed, Finished, Progress, TextDelta
from engine.processes import helper_command
from engine.worker import MAX_LINE_BYTES, WINDOW_VERSION

SCRIPTED = [sys.executable, str(Path(__file__).parent.parent / "scripted_worker.py")]


class Ear:
    """What a job said, in order."""

    def __init__(self, handle: JobHandle) -> None:
        self.handle = handle
        self.events: list[Event] = []
        self.endings: list[Event] = []
        handle.reported.connect(self.events.append)
        handle.done.connect(self.endings.append)

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))


class Heard:
    """How often a signal was emitted."""

    def __init__(self, signal: SignalInstance) -> None:
        self.count = 0
        signal.connect(self._hear)

    def _hear(self, *_: object) -> None:
        self.count += 1


Ask = Callable[..., Ear]


@pytest.fixture
def client(qtbot: QtBot) -> Iterator[EngineClient]:
    client = EngineClient(SCRIPTED)
    yield client
    client.close()


@pytest.fixture
def ask(client: EngineClient, qtbot: QtBot) -> Ask:
    """Give the worker an order and wait for the end of the job."""

    def give(order: str, timeout: int = 10_000) -> Ear:
        ear = Ear(client.submit("chat", {"do": order}))
        qtbot.wait_until(lambda: bool(ear.endings), timeout=timeout)
        return ear

    return give


def failure(ear: Ear) -> Failed:
    (ending,) = ear.endings
    assert isinstance(ending, Failed)
    return ending


def test_events_arrive_in_order_and_the_job_ends_once(ask: Ask) -> None:
    ear = ask("count 500")
    assert ear.text == "".join(f"{n} " for n in range(500))
    assert isinstance(ear.events[0], Progress)
    (ending,) = ear.endings
    assert isinstance(ending, Finished)
    assert ending.reason == "stop"
    assert ending.stats["output_tokens"] == 500


def test_jobs_are_done_one_after_another_by_the_same_worker(client: EngineClient, qtbot: QtBot) -> None:
    ears = [Ear(client.submit("chat", {"do": f"say {n}"})) for n in range(20)]
    qtbot.wait_until(lambda: all(ear.endings for ear in ears))
    assert [ear.text for ear in ears] == [str(n) for n in range(20)]


@pytest.mark.parametrize("signal", ["SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGKILL", "SIGTERM"])
@pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of POSIX")
def test_a_crash_is_told_by_its_signal_and_the_next_job_works(ask: Ask, signal: str) -> None:
    ear = ask(f"crash {signal}")
    assert failure(ear).code == "worker_died"
    assert signal in failure(ear).data["reason"]
    assert ear.text == "before the fall "
    assert ask("say alive").text == "alive"


def test_an_exit_is_told_by_its_code(ask: Ask) -> None:
    ending = failure(ask("exit 3"))
    assert "exit code 3" in ending.data["reason"]
    assert ending.detail == "leaving\n"


def test_an_assertion_of_the_library_is_shown(ask: Ask) -> None:
    ending = failure(ask("gasp ggml.c:1234: GGML_ASSERT(n_past < n_ctx) failed"))
    assert ending.data["reason"] == "ggml.c:1234: GGML_ASSERT(n_past < n_ctx) failed"
    assert len(ending.detail) <= engine_client.STDERR_KEPT


def test_running_out_of_memory_has_its_own_sentence(ask: Ask) -> None:
    assert failure(ask("gasp ggml_backend_cpu: failed to allocate buffer of size 999")).code == "worker_out_of_memory"


def test_a_complaint_that_was_dealt_with_is_no_cause_of_a_later_death(
    ask: Ask, client: EngineClient, qtbot: QtBot
) -> None:
    ask("noise ggml_backend_cpu: failed to allocate buffer of size 999")
    qtbot.wait_until(lambda: b"failed to allocate" in client._stderr)
    assert failure(ask("exit 3")).data["reason"] == "it ended with exit code 3"


def test_a_worker_that_is_of_no_use_and_leaves_dies_once(ask: Ask, client: EngineClient, qtbot: QtBot) -> None:
    lost, gone = Heard(client.lost), Heard(client.worker_gone)
    assert failure(ask("fall gpu_failed")).code == "gpu_failed"
    qtbot.wait(50)
    assert (lost.count, gone.count, len(client._deaths)) == (0, 1, 1)
    assert ask("say alive").text == "alive"


@pytest.mark.parametrize("order", ["garbage", "binary", "alien", "endless"])
def test_a_worker_that_talks_nonsense_is_ended(ask: Ask, client: EngineClient, order: str) -> None:
    assert failure(ask(order)).code == "worker_died"
    assert ask("say alive").text == "alive"


def test_two_endings_count_once(ask: Ask, qtbot: QtBot) -> None:
    ear = ask("twice")
    assert ask("say next").text == "next"
    assert len(ear.endings) == 1


def test_events_after_the_end_reach_nobody(ask: Ask) -> None:
    ear = ask("after")
    following = ask("say next")
    assert (ear.text, following.text) == ("", "next")
    (ending,) = following.endings
    assert isinstance(ending, Finished)
    assert ending.reason == "stop"


def test_a_hang_is_noticed(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_client, "QUIET_LIMIT_S", 2)
    ear = ask("hang")
    assert "stopped responding" in failure(ear).data["reason"]
    assert ask("say alive").text == "alive"


def test_computing_in_silence_is_not_a_hang(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_client, "QUIET_LIMIT_S", 2)
    (ending,) = ask("busy 4").endings
    assert isinstance(ending, Finished)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody says what a thread waits for")
def test_a_worker_that_gets_no_core_is_not_a_hang(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_client, "QUIET_LIMIT_S", 2)
    monkeypatch.setattr(engine_client, "_cpu_seconds", lambda process: 0.0)
    (ending,) = ask("busy 4").endings
    assert isinstance(ending, Finished)
    assert "stopped responding" in failure(ask("hang")).data["reason"]


@pytest.mark.parametrize("order", ["hang", "deaf", "count 100000 20"])
def test_stop_ends_a_job(client: EngineClient, qtbot: QtBot, ask: Ask, order: str) -> None:
    ask("say warm")
    _stop(client, qtbot, order)
    assert ask("say alive").text == "alive"


def _stop(client: EngineClient, qtbot: QtBot, order: str, timeout: int = 5000) -> None:
    ear = Ear(client.submit("chat", {"do": order}))
    qtbot.wait_until(lambda: len(ear.events) > 0)
    ear.handle.cancel()
    ear.handle.cancel()
    qtbot.wait_until(lambda: bool(ear.endings), timeout=timeout)
    (ending,) = ear.endings
    assert isinstance(ending, Finished)
    assert ending.reason == "cancelled"


def test_without_a_grace_a_job_that_does_not_listen_goes_on(
    client: EngineClient, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client._grace, "start", lambda: None)
    with pytest.raises(TimeoutError):
        _stop(client, qtbot, "deaf", timeout=2000)


def test_stop_ends_a_load_that_hangs(client: EngineClient, qtbot: QtBot) -> None:
    ear = Ear(client.submit("load", {"model": "/models/hang.gguf"}))
    qtbot.wait_until(lambda: len(ear.events) > 0)
    ear.handle.cancel()
    qtbot.wait_until(lambda: bool(ear.endings), timeout=5000)
    assert ear.endings == [Finished("cancelled")]


def test_a_job_that_has_not_begun_is_cancelled_at_once(client: EngineClient, qtbot: QtBot) -> None:
    first, second = (Ear(client.submit("chat", {"do": "count 20 20"})) for _ in range(2))
    qtbot.wait_until(lambda: len(first.events) > 0)
    second.handle.cancel()
    assert second.endings == [Finished("cancelled")]
    qtbot.wait_until(lambda: bool(first.endings))
    assert isinstance(first.endings[0], Finished)
    assert first.endings[0].reason == "stop"


def test_a_program_that_is_not_there_ends_the_job(qtbot: QtBot) -> None:
    client = EngineClient(["/nowhere/seedling"])
    for _ in range(2):
        ear = Ear(client.submit("chat", {"do": "say hello"}))
        assert ear.endings == []
        qtbot.wait_until(lambda ear=ear: bool(ear.endings))  # type: ignore[misc]
        assert failure(ear).code == "worker_not_started"
    client.close()


def test_after_three_deaths_within_a_minute_no_worker_is_started(ask: Ask, client: EngineClient) -> None:
    for _ in range(3):
        assert failure(ask("exit 3")).code == "worker_died"
    refused = failure(ask("say hello"))
    assert refused.code == "worker_keeps_dying"
    assert "exit code 3" in refused.data["reason"]
    client.forgive()
    assert ask("say hello").text == "hello"


def test_deaths_long_ago_do_not_count(ask: Ask, client: EngineClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_client, "DEATHS_WITHIN_S", 0.01)
    for _ in range(4):
        assert failure(ask("exit 3")).code == "worker_died"


def test_a_request_that_is_too_long_is_refused_before_it_is_sent(ask: Ask) -> None:
    assert failure(ask("say " + "A" * MAX_LINE_BYTES)).code == "message_too_long"
    (ending,) = ask("received").endings
    assert isinstance(ending, Finished)


def test_anything_can_be_in_a_request(client: EngineClient, qtbot: QtBot) -> None:
    text = "say \x00\u2028\ud83d\ude00 \U0001f600 \r\n\ttail"
    ear = Ear(client.submit("chat", {"do": text}))
    qtbot.wait_until(lambda: bool(ear.endings))
    assert ear.text == text[4:].replace("\ud83d\ude00", "\U0001f600")


def test_the_worker_gets_no_secrets_and_no_debugger(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "database_password"):
        monkeypatch.setenv(name, "canary")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    (ending,) = ask("environment").endings
    assert isinstance(ending, Finished)
    names = set(ending.stats["names"])
    assert not names & {"OPENAI_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "database_password"}
    assert {"GGML_NO_BACKTRACE", "TOKENIZERS_PARALLELISM"} <= names


def test_a_worker_of_another_version_is_not_used(
    client: EngineClient, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package was replaced under the open window: what it starts now is of the new version."""
    assert ask("say old").text == "old"
    monkeypatch.setattr(client, "_command", helper_command("worker"))
    monkeypatch.setattr(engine_client, "VERSION", "0.0.1")
    assert ask("say old").text == "old"  # what runs goes on
    client.stop_worker()
    for _ in range(engine_client.DEATHS_ALLOWED + 1):
        assert failure(ask("say new")).code == "updated_while_open"
    assert not client._deaths  # nobody is told that the model keeps stopping


def test_the_version_is_that_of_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(about.metadata, "version", lambda _: "99.0")
    assert engine_client._environment().value(WINDOW_VERSION) == about.version() != "99.0"


def test_chatter_on_stderr_does_no_harm(ask: Ask) -> None:
    assert isinstance(ask("noise").endings[0], Finished)


class Beats:
    """Counts the turns the window gets. How long it waits for them: benchmarks/heartbeat.py."""

    def __init__(self, interval_ms: int) -> None:
        self.count = 0
        self._timer = QTimer(interval=interval_ms)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        self.count += 1


def test_the_window_gets_its_turns_in_a_flood(ask: Ask) -> None:
    ask("say warm")
    beats = Beats(interval_ms=10)
    ear = ask("flood 50000", timeout=30_000)
    assert ear.text == "flood " * 50_000
    assert beats.count > 5


def test_events_take_turns_with_the_window(client: EngineClient, qtbot: QtBot) -> None:
    """Whoever shows the events may be slow: between two slices of them the window gets its turn."""
    ear = Ear(client.submit("chat", {"do": "flood 1000"}))
    ear.handle.reported.connect(lambda _: time.sleep(0.001))
    beats = Beats(interval_ms=5)
    qtbot.wait_until(lambda: bool(ear.endings), timeout=20_000)
    assert beats.count > 20


def test_an_idle_worker_that_dies_is_noticed(client: EngineClient, ask: Ask, qtbot: QtBot) -> None:
    ask("say hello")
    (worker,) = psutil.Process().children()
    with qtbot.wait_signal(client.worker_gone):
        worker.kill()
    assert ask("say again").text == "again"


def test_unloading_ends_the_worker(client: EngineClient, ask: Ask, qtbot: QtBot) -> None:
    ask("say hello")
    with qtbot.wait_signal(client.worker_gone):
        client.stop_worker()
    qtbot.wait_until(lambda: not psutil.Process().children())
    assert ask("say again").text == "again"


@pytest.mark.parametrize("order", ["hang", "count 100000 5", "deaf"])
def test_closing_ends_the_worker_and_every_job(client: EngineClient, qtbot: QtBot, order: str) -> None:
    running, waiting = (Ear(client.submit("chat", {"do": order})) for _ in range(2))
    qtbot.wait_until(lambda: len(running.events) > 0)
    (worker,) = psutil.Process().children()
    client.close()
    assert not worker.is_running()
    assert [len(ear.endings) for ear in (running, waiting)] == [1, 1]
    qtbot.wait(20)
    assert [len(ear.endings) for ear in (running, waiting)] == [1, 1]


def test_a_job_asked_for_after_closing_ends_too(client: EngineClient, qtbot: QtBot) -> None:
    client.close()
    ear = Ear(client.submit("chat", {"do": "say hello"}))
    qtbot.wait_until(lambda: bool(ear.endings))
    assert ear.endings == [Finished("cancelled")]
    assert not psutil.Process().children()


FORGOTTEN = """
import gc, sys
from PySide6.QtCore import QCoreApplication, QTimer
from app.engine_client import EngineClient
application = QCoreApplication([])
client = EngineClient(sys.argv[1:])
handle = client.submit("chat", {"do": "hang"})
handle.reported.connect(lambda _: handle.cancel())
handle.done.connect(lambda _: application.quit())
application.exec()
handle = client = None
gc.collect()
QTimer.singleShot(1000, application.quit)
application.exec()
print("in peace")
"""


def test_a_client_may_be_forgotten_before_its_killed_worker_is_reaped() -> None:
    """The process, its slots and the client hold one another; deleted in the wrong order they take Python along."""
    done = subprocess.run([sys.executable, "-c", FORGOTTEN, *SCRIPTED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "in peace"), done.stderr
