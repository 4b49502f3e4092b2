"""Drop a file, grow a model: by clicks alone, with real workers, across a killed worker and a closed window."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from small_run import write_parent, write_talks

from app.application import Seedling
from app.engine_client import EngineClient
from engine import jobs, paths
from engine.chat.store import Store, StoredMessage
from engine.events import Finished
from engine.jobs import JobContext
from engine.library import models
from engine.settings import Settings
from engine.training.runs import run_info

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Grower:
    """Someone who grows a model, and counts what it takes."""

    def __init__(self, qtbot: QtBot, application: QApplication) -> None:
        self.qtbot = qtbot
        self.store = Store(paths.database())
        self.seedling = Seedling(application, self.store, EngineClient(), Settings())
        self.window, self.page = self.seedling.window, self.seedling.training_page
        self.training, self.prepare, self.watch = self.seedling.training, self.page.prepare, self.page.watch
        self.clicks = 0
        self.seedling.start()
        qtbot.wait_exposed(self.window)
        self.wait(lambda: self.prepare.questions.model.count() > 0)

    def wait(self, condition: Callable[[], object], seconds: int = 120) -> None:
        self.qtbot.wait_until(lambda: bool(condition()), timeout=1000 * seconds)

    def click(self, button: QWidget) -> None:
        self.wait(lambda: button.isVisible() and button.isEnabled())
        self.clicks += 1
        self.qtbot.mouseClick(button, LEFT)

    def drop(self, path: Path) -> None:
        self.clicks += 1
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        event = QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, data, LEFT, NO_KEY)
        QApplication.sendEvent(self.window.windowHandle(), event)

    def button(self, within: QWidget, text: str) -> QPushButton:
        def found() -> list[QPushButton]:
            return [b for b in within.findChildren(QPushButton) if text in (b.text(), b.accessibleName())]

        self.wait(found)
        return found()[0]

    def messages(self) -> list[StoredMessage]:
        chat = self.seedling.chat.current
        return [] if chat is None else self.store.messages(chat)

    def chat_by_click(self) -> StoredMessage:
        """Send one of the suggestions; the reply."""
        welcome = self.seedling.page.welcome
        self.wait(welcome.isVisible)
        self.click(next(b for b in welcome.findChildren(QPushButton) if b.objectName() == "suggestion"))
        self.wait(lambda: len(self.messages()) == 2 and self.messages()[-1].state != "streaming")
        return self.messages()[-1]

    def quit(self) -> None:
        """As a session that ends: nothing is asked."""
        self.seedling.end()


@pytest.fixture
def start(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[], Grower]]:
    growers: list[Grower] = []

    def begin() -> Grower:
        growers.append(Grower(qtbot, qapp))
        return growers[-1]

    yield begin
    for grower in growers:
        grower.quit()
        grower.window.deleteLater()
        grower.seedling.deleteLater()
    qapp.setStyleSheet("")
    qtbot.wait(0)


def test_drop_start_kill_resume_close_reopen_resume_finish_chat(
    start: Callable[[], Grower], tmp_path: Path, home: Path
) -> None:
    models.add(write_parent(tmp_path / "tiny"))
    me = start()
    me.drop(write_talks(tmp_path / "talks.jsonl", 300))
    questions = me.prepare.questions
    me.wait(me.prepare.foot.start.isEnabled)
    questions.model.setCurrentIndex(questions.model.findData("tiny"))
    for key, value in (("steps", 500), ("checkpoint_every", 10), ("threads", 1), ("max_length", 48)):
        me.training.planner.change(key, value)
    me.wait(lambda: me.training.planner.plan and me.training.planner.plan["asked"].get("model") == "tiny")
    me.click(me.prepare.foot.start)
    me.wait(lambda: me.page.view is me.watch)
    run = me.watch.run
    assert run == paths.runs() / "talks"

    me.wait(lambda: run_info(run).done > 25)
    psutil.Process(me.training.trainings._client._process.processId()).kill()
    me.wait(lambda: me.page.notice.text)
    stood = run_info(run)
    assert stood.state == "interrupted"
    assert stood.done >= 20
    me.click(me.watch.header.resume)
    me.wait(lambda: run_info(run).state == "running" and run_info(run).done > stood.done)

    me.quit()
    assert run_info(run).state == "interrupted"
    again = start()
    again.window.show_page("training")
    again.click(again.button(again.page.home, "Resume talks"))
    again.wait(lambda: run_info(run).state == "done", 240)
    again.wait(lambda: not again.training.trainings.running)
    assert [row["step"] for row in map(json.loads, (run / "metrics.jsonl").read_text().splitlines())][-1] == 500

    again.click(again.button(again.watch, "Chat with it"))
    reply = again.chat_by_click()
    assert reply.state == "done"
    assert again.seedling.chat.models.name == "talks"


def test_a_new_user_needs_at_most_six_clicks_and_no_typing(
    start: Callable[[], Grower], data: Callable[..., Path]
) -> None:
    me = start()
    me.drop(data("instruct-basic/instruction-data.json"))
    me.click(me.prepare.questions.time.button("short"))
    me.click(me.prepare.foot.start)
    me.wait(lambda: me.page.view is me.watch)
    run = me.watch.run
    assert run is not None
    me.wait(lambda: run_info(run).state == "done", 300)
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    held_out = [row["val_loss"] for row in rows if "val_loss" in row]
    assert held_out[-1] < 0.9 * held_out[0]
    me.click(me.button(me.watch, "Chat with it"))
    reply = me.chat_by_click()
    assert me.clicks <= 6
    assert reply.message.content


def test_step_beside_step_and_parent_beside_child(start: Callable[[], Grower], tmp_path: Path, home: Path) -> None:
    parent, run = write_parent(tmp_path / "tiny"), paths.writable(paths.runs()) / "grown"
    recipe = {"method": "full", "model": str(parent), "data": [str(write_talks(tmp_path / "talks.jsonl", 40))]}
    recipe |= {"out": str(run), "steps": 20, "checkpoint_every": 10, "evaluate_every": 10, "max_length": 32}
    ending = list(jobs.run(jobs.find("train"), recipe | {"learning_rate": 0.01, "threads": 1}, JobContext()))[-1]
    assert isinstance(ending, Finished), ending
    me = start()
    me.window.show_page("training")
    me.training.show_run(run)
    view = me.page.beside

    def ask(text: str) -> list[str]:
        """What both answer."""
        me.wait(view.composer.isEnabled)
        view.composer.restore(text)
        me.click(view.composer.button)
        me.wait(lambda: not me.training.beside.writing)
        shown = [column.transcript for column in view.columns]
        assert [each.failure() for each in shown] == ["", ""]
        return [each.message_text(each.shown()[-1]) for each in shown]

    me.wait(lambda: len(me.watch.checkpoints._rows()) >= 2)
    last, first = me.watch.checkpoints._rows()[0], me.watch.checkpoints._rows()[-1]
    for row in (last, first):
        row.choose.setChecked(True)
    me.click(me.watch.checkpoints.beside)
    me.wait(lambda: me.page.view is view)
    view.likeliest.setChecked(True)
    assert view.columns[0]._name.text() < view.columns[1]._name.text()
    early, late = ask("dog")
    assert "the dog" in late  # what the data taught
    assert len(ask("cat")) == 2

    me.click(me.page._back)
    me.click(me.button(me.watch, "Compare with its parent"))
    me.wait(lambda: me.page.view is view)
    before, after = ask("dog")
    assert after == late
    assert before not in (early, late)
    assert me.store.chats() == []
    me.click(view.columns[1].keep)
    me.wait(lambda: [len(me.store.messages(chat.id)) for chat in me.store.chats()] == [2])
