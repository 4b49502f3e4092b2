"""Two models asked the same, with workers that follow a script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QPushButton
from safetensors.numpy import save_file
from scripted_trainer import write_model, write_run

from app.chat.transcript import Transcript
from app.training.beside import controller as beside_controller
from app.training.beside.kept import Kept
from engine import paths
from engine.chat.messages import Message
from engine.library import memory_fit
from engine.library.models import ModelEntry
from engine.paths import resource
from engine.runtime.base import DEFAULT_CONTEXT
from engine.runtime.gguf_header import read_header
from engine.training import side_by_side

Person = Any  # conftest.py
Desk = Any  # tests/app/conftest.py


class Pair:
    """Two models beside each other, and what was asked of their workers."""

    def __init__(self, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        self.person, self.view, self.beside = person, person.page.beside, person.training.beside
        self.asked: list[tuple[int, str, dict[str, Any]]] = []
        for number, client in enumerate(self.beside._clients):
            submit = client.submit

            def noted(job: str, params: dict[str, Any], number: int = number, submit: Any = submit) -> Any:
                self.asked.append((number, job, params))
                return submit(job, params)

            monkeypatch.setattr(client, "submit", noted)

    def ask(self, text: str) -> None:
        self.person.wait(self.view.composer.isEnabled)
        self.view.composer.restore(text)
        self.person.click(self.view.composer.button)

    def answers(self) -> list[list[str]]:
        """What was said in each column."""
        views: list[Transcript] = [column.transcript for column in self.view.columns]
        return [[view.message_text(key) for key in view.shown()] for view in views]

    def jobs(self, job: str) -> list[tuple[int, dict[str, Any]]]:
        return [(number, params) for number, name, params in self.asked if name == job]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that has ended, with two checkpoints and a parent."""
    write_model(tmp_path / "parent")
    folder = paths.writable(paths.runs()) / "ZZ"
    recipe = {"method": "lora", "data": ["x"]}
    write_run(folder, recipe, "done")
    for name in ("manifest.json", "state.json"):
        place = folder / "checkpoints" / "step-00000004" / name
        place.parent.mkdir(exist_ok=True)
        place.write_text('{"step": 4, "seconds": 2.0}')
    write_model(folder / "model")
    info = (folder / "run.json").read_text().replace('"parent": null', f'"parent": "{tmp_path / "parent"}"')
    (folder / "run.json").write_text(info)
    return folder


@pytest.fixture
def pair(person: Person, run: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """What the run made beside its parent."""
    pair = Pair(person, monkeypatch)
    person.window.show_page("training")
    person.training.show_run(run)
    button = next(b for b in person.watch.use.findChildren(QPushButton) if b.text() == "Compare with its parent")
    person.wait(button.isVisible)
    person.click(button)
    person.wait(lambda: person.page.view is pair.view)
    return pair


def test_both_answer_the_same_question_with_the_same_seed(pair: Pair) -> None:
    assert [column._name.text() for column in pair.view.columns] == ["starter", "ZZ"]
    pair.ask("hello")
    pair.person.wait(lambda: not pair.beside.writing and pair.answers() == [["hello", "hello"]] * 2)
    (one, first), (other, second) = pair.jobs("chat")
    assert {one, other} == {0, 1}
    assert first == second
    assert first["options"]["seed"] is not None
    loaded = [Path(params["model"]).parent.name for _, params in sorted(pair.jobs("load"), key=lambda each: each[0])]
    assert loaded[1] == "ZZ"
    threads = [params["defaults"]["threads"] for _, params in pair.jobs("load")]
    assert threads[0] == threads[1]
    assert str(first["options"]["seed"]) in pair.view._same.text()


def test_each_side_goes_on_from_its_own_answers(pair: Pair) -> None:
    pair.view.likeliest.setChecked(True)
    pair.ask("one")
    pair.person.wait(lambda: pair.asked and not pair.beside.writing and len(pair.answers()[1]) == 2)
    pair.ask("two")
    pair.person.wait(lambda: not pair.beside.writing and [len(said) for said in pair.answers()] == [4, 4])
    for _, params in pair.jobs("chat")[2:]:
        assert [message["content"] for message in params["messages"]] == ["one", "one", "two"]
        assert params["options"]["temperature"] == 0
    pair.person.click(pair.view.again)
    assert pair.answers() == [[], []]
    pair.ask("three")
    pair.person.wait(lambda: not pair.beside.writing and len(pair.answers()[0]) == 2)
    assert [message["content"] for message in pair.jobs("chat")[-1][1]["messages"]] == ["three"]


def test_stop_stops_both(pair: Pair) -> None:
    pair.ask("do count 10000 5")
    views = [column.transcript for column in pair.view.columns]
    pair.person.wait(lambda: all(view.streaming is not None and view.streaming.text for view in views))
    pair.person.click(pair.view.composer.button)
    pair.person.wait(lambda: not pair.beside.writing)
    assert [view._messages[view.shown()[-1]].state for view in views] == ["cancelled", "cancelled"]


def test_where_memory_is_short_one_worker_answers_for_both(
    person: Person, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside_controller, "fit_together", lambda _: False)
    pair = Pair(person, monkeypatch)
    person.window.show_page("training")
    checkpoints = [run / "checkpoints" / f"step-{step:08}" for step in (2, 4)]
    person.watch.beside_requested.emit(checkpoints)
    person.wait(lambda: "one after another" in pair.view.notice.text)
    pair.ask("hello")
    person.wait(lambda: not pair.beside.writing and pair.answers() == [["hello", "hello"]] * 2)
    assert {number for number, _, _ in pair.asked} == {0}
    order = [(name, Path(params.get("model", "")).name) for _, name, params in pair.asked]
    assert order == [("load", "2"), ("chat", ""), ("load", "4"), ("chat", "")]
    assert [column._name.text() for column in pair.view.columns] == ["ZZ, step 2", "ZZ, step 4"]


def test_a_worker_that_finds_no_memory_leaves_the_room_to_the_other(pair: Pair) -> None:
    pair.ask("do fail out_of_memory")
    pair.person.wait(lambda: pair.beside.in_turn and not pair.beside.writing)
    assert "one after another" in pair.view.notice.text
    pair.person.wait(lambda: all("memory" in column.transcript.failure() for column in pair.view.columns))


def test_a_failure_stays_on_its_side_and_can_be_tried_again(pair: Pair) -> None:
    pair.ask("do exit 3")
    pair.person.wait(lambda: not pair.beside.writing and all(c.transcript.failure() for c in pair.view.columns))
    assert pair.answers() == [["do exit 3"]] * 2
    pair.beside._kept._messages.clear()
    pair.beside._kept.add_message(pair.beside._voices[0].chat, Message("user", "well"))
    retry = next(b for b in pair.view.columns[0].transcript.findChildren(QPushButton) if b.text() == "Try again")
    pair.person.click(retry)
    pair.person.wait(lambda: not pair.beside.writing and pair.answers()[0][-1:] == ["well"])
    assert not pair.view.columns[0].transcript.failure()
    assert pair.view.columns[1].transcript.failure()


def test_one_side_is_kept_as_a_chat(pair: Pair, desk: Desk) -> None:
    before = len(desk.store.chats())
    pair.ask("keep this")
    pair.person.wait(pair.view.columns[1].keep.isEnabled)
    assert len(desk.store.chats()) == before  # nothing is saved by itself
    pair.person.click(pair.view.columns[1].keep)
    desk.wait(lambda: any(len(desk.store.messages(chat.id)) == 2 for chat in desk.store.chats()))
    (chat,) = [chat for chat in desk.store.chats() if chat.title == "keep this"]
    assert chat.model == "ZZ"
    said = desk.store.messages(chat.id)
    assert [(each.message.role, each.message.content) for each in said] == [
        ("user", "keep this"),
        ("assistant", "keep this"),
    ]
    assert said[1].message.tokens == (0,)
    desk.wait(lambda: chat.id in [each.id for each in desk.chat.chats])
    desk.chat.open_chat(chat.id)
    assert desk.chat.current == chat.id


def test_leaving_ends_what_is_written_and_frees_the_workers(pair: Pair) -> None:
    pair.ask("do count 10000 5")
    pair.person.wait(lambda: all(column.transcript.streaming for column in pair.view.columns))
    pair.person.click(pair.person.page._back)
    assert pair.person.page.view is pair.person.watch
    pair.person.wait(lambda: all(client._process is None for client in pair.beside._clients))


def test_only_copying_is_offered(pair: Pair) -> None:
    pair.ask("hello")
    pair.person.wait(lambda: pair.asked and not pair.beside.writing and len(pair.answers()[0]) == 2)
    transcript = pair.view.columns[0].transcript
    assert [transcript.offered(key) for key in transcript.shown()] == [("copy",), ("copy",)]


def test_two_checkpoints_are_chosen_by_ticking(person: Person, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Pair(person, monkeypatch)
    person.window.show_page("training")
    person.training.show_run(run)
    watch = person.watch
    boxes = watch.checkpoints.findChildren
    person.wait(lambda: len([box for box in boxes(QCheckBox) if box.isVisible()]) == 2)
    assert not watch.checkpoints.beside.isVisible()
    for box in boxes(QCheckBox):
        person.qtbot.keyClick(box, Qt.Key.Key_Space)
    person.click(watch.checkpoints.beside)
    person.wait(lambda: person.page.view is pair.view)
    assert [column._name.text() for column in pair.view.columns] == ["ZZ, step 2", "ZZ, step 4"]


def test_a_model_that_is_gone_is_said_on_its_side(person: Person, run: Path, tmp_path: Path) -> None:
    person.window.show_page("training")
    person.training.show_run(run)
    (tmp_path / "parent" / "config.json").unlink()
    person.watch.parent_requested.emit(run)
    person.wait(lambda: person.page.beside.columns[0].transcript.failure())
    assert not person.page.beside.composer.isEnabled()


# --- what it stands on -----------------------------------------------------------------------------------------------


def test_messages_are_kept_by_their_chats() -> None:
    kept = Kept()
    first = kept.add_message(1, Message("user", "a")).result()
    second = kept.add_message(2, Message("user", "b")).result()
    kept.update_message(first, Message("user", "c"), "cancelled", {"x": 1}).result()
    assert [(m.message.content, m.state) for m in kept.messages(1)] == [("c", "cancelled")]
    kept.delete_message(second).result()
    kept.update_message(second, Message("user", "late")).result()
    assert kept.messages(2) == []


def test_models_fit_together_by_what_memory_fit_counts(tmp_path: Path) -> None:
    file = Path(resource("starter")) / "starter-q8_0.gguf"
    folder = tmp_path / "b"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    save_file({"w": np.zeros((1000, 100), np.float16)}, folder / "model.safetensors")
    entries = [
        ModelEntry("a", file, "gguf", "llama", False),
        ModelEntry("b", folder, "folder", "gpt", False),
    ]
    room = memory_fit.needed(read_header(file), context=DEFAULT_CONTEXT).total
    room += memory_fit.rough_folder(100_000, DEFAULT_CONTEXT).total
    assert side_by_side.fit_together(entries, room)
    assert not side_by_side.fit_together(entries, room - 1)
