"""The real worker killed from outside, at random moments of a load, a long prompt, a reply and rest; and bad files."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gguf_files import GGUF
from PySide6.QtWidgets import QApplication

from app import engine_client
from app.application import Seedling
from app.chat.model_picker import LoadState
from engine import paths
from engine.chat.store import Store, StoredMessage
from engine.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of POSIX")

KILLS = ("SIGKILL", "SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGSTOP")
MOMENTS = ("load", "prompt", "decode", "idle")
PATIENCE_S = 300  # of the trial: long, for a machine that is busy with others


class Desk:
    """The window with its own workers and the starter, and someone who writes into it."""

    def __init__(self, application: QApplication) -> None:
        settings = Settings()
        settings.set("stores_offered", True)  # nothing is looked for unasked
        self.store = Store(paths.database())
        self.seedling = Seedling(application, self.store, settings)
        self.page, self.chat = self.seedling.page, self.seedling.chat
        self.seedling.start()
        self.wait(lambda: bool(self.chat.models.entries))

    def wait(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < until, self.words() or "nothing came"
            QApplication.processEvents()
            time.sleep(0.002)

    def words(self) -> str:
        return str(self.page.transcript.failure() + self.page.notice.text)

    def send(self, text: str) -> None:
        self.page.composer.restore(text)
        self.chat.send()

    def answered(self) -> bool:
        return self.seedling.replies.of(self.chat.current) is None and not self.chat._sending

    def writes(self) -> bool:
        reply = self.seedling.replies.of(self.chat.current)
        return reply is not None and bool(reply.parts)

    def ask(self, text: str) -> None:
        self.send(text)
        self.wait(lambda: not self.answered())
        self.wait(self.answered)
        self.store.rename_chat(self.chat.current or 0, "x").exception()  # the last in the writer's queue

    def rows(self) -> list[StoredMessage]:
        return self.store.messages(self.chat.current or 0)

    def worker(self) -> int:
        process = self.seedling.replies._here._client._process
        return int(process.processId()) if process is not None else 0


@pytest.fixture
def desk(qapp: QApplication) -> Iterator[Desk]:
    desk = Desk(qapp)
    yield desk
    desk.seedling.window.close()
    desk.seedling.window.deleteLater()
    desk.seedling.deleteLater()
    QApplication.processEvents()


@pytest.mark.trial(sample=3, full=50)
def test_a_worker_killed_from_outside_is_told_and_replaced(
    trials: range, desk: Desk, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--trials"):
        desk.chat.choose_model("starter (in-house)")  # the slower form
    else:
        monkeypatch.setattr(engine_client, "QUIET_LIMIT_S", 4)
    desk.ask("Hello")
    for seed in trials:
        _kill(desk, KILLS[(seed * 5) % len(KILLS)], MOMENTS[seed % len(MOMENTS)], random.Random(seed))


def _kill(desk: Desk, how: str, moment: str, chance: random.Random) -> None:
    desk.seedling.replies.forgive()
    desk.chat.new_chat()
    desk.ask("Hello")
    before = desk.rows()
    if moment == "load":
        desk.page.panel.context.setValue(chance.randrange(128, 1000))  # another one: it is loaded again
        desk.send("Tell me a story.")
        desk.wait(lambda: desk.page.picker.state is LoadState.LOADING)
    elif moment != "idle":
        desk.send("Tell me a story. " * (150 if moment == "prompt" else 1))
        desk.wait(lambda: not desk.answered())
        if moment == "decode":
            desk.wait(lambda: desk.answered() or desk.writes())
    time.sleep(chance.uniform(0, 0.03))
    victim = desk.worker()
    os.kill(victim, signal.Signals[how])
    words = "stopped responding" if how == "SIGSTOP" else how
    if how == "SIGSTOP" and desk.answered():  # nobody notices before something is wanted of it
        desk.send("Are you there?")
    desk.wait(lambda: words in desk.words())
    desk.wait(desk.answered)
    desk.store.rename_chat(desk.chat.current or 0, "x").exception()
    assert desk.seedling.window.isVisible()
    assert desk.rows()[: len(before)] == before
    reply = desk.rows()[-1]
    if reply.state == "failed":
        written = reply.message.content
        assert written == desk.page.transcript.message_text(reply.id)
        assert "continue" in desk.page.transcript.offered(reply.id)
        desk.chat.continue_last()
        desk.wait(lambda: not desk.answered())
        desk.wait(desk.answered)
        desk.wait(lambda: desk.rows()[-1].state in ("done", "cancelled"))
        assert desk.rows()[-1].message.content.startswith(written)
    if moment == "prompt":
        desk.chat.new_chat()  # with the long prompt and its reply there is no room for more
    desk.ask("Who are you?")
    last = desk.rows()[-1]
    assert (last.message.role, last.state) == ("assistant", "done"), desk.words()
    assert last.message.content
    assert desk.worker() not in (0, victim)


# --- files that are no use: the worker lives -------------------------------------------------------------------------


def test_a_bad_file_is_an_ordinary_error_and_costs_no_worker(
    desk: Desk, data: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = data("gguf-tiny-random/llama-2-tiny-random.gguf")
    cut = tmp_path / "cut.gguf"
    shutil.copy(whole, cut)
    os.truncate(cut, cut.stat().st_size // 2)
    zebra = GGUF.read(data("malformed-models/gguf/valid-mini.gguf")).rename_architecture("zebra")
    desk.ask("Hello")
    worker, client = desk.worker(), desk.seedling.replies._here._client
    for path, code in ((cut, "gguf_"), (zebra.write(tmp_path / "zebra.gguf"), "unknown_architecture")):
        ended: list[object] = []
        client.submit("load", {"model": str(path), "backend": "llama"}).done.connect(ended.append)
        desk.wait(lambda ended=ended: bool(ended))  # type: ignore[misc]
        assert getattr(ended[0], "code", "").startswith(code), ended
        assert desk.worker() == worker
