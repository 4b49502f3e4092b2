"""The way from a dropped file to a chat with what was trained, with workers that follow a script."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QFile, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QProgressBar, QPushButton

from app.training import leaving_out
from app.training.controller import free_folder
from engine import paths
from engine.library import models

Person = Any  # conftest.py
Desk = Any  # tests/app/conftest.py


# --- the whole way ---------------------------------------------------------------------------------------------------


def test_from_a_dropped_file_to_a_chat_in_two_clicks(person: Person, desk: Desk) -> None:
    folder = person.train("good")
    assert folder == paths.runs() / "good"
    chat = next(button for button in person.watch.use.findChildren(QPushButton) if button.text() == "Chat with it")
    person.wait(chat.isVisible)
    person.click(chat)
    person.wait(lambda: desk.chat.models.name == "good")
    assert desk.window.current_page == "chat"
    assert desk.chat.current is None
    (listed,) = json.loads((paths.home() / "models.json").read_text())["models"]
    assert (listed["name"], listed["path"], listed["origin"]) == ("good", str(folder / "model"), "trained")


def test_a_second_training_of_the_same_data_is_a_run_of_its_own(person: Person) -> None:
    assert person.train("good").name == "good"
    assert person.train("good").name == "good 2"


def test_a_training_goes_on_while_one_chats(person: Person, desk: Desk) -> None:
    person.start("long")
    desk.window.show_page("chat")
    desk.ask_and_wait("hello")
    assert desk.page.transcript.message_text(desk.rows()[-1].id) == "hello"
    assert person.training.trainings.running


# --- what is dropped -------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_explained_on_its_card(person: Person) -> None:
    person.drop(person.data("broken"))
    person.wait(lambda: person.card.notice.text)
    assert person.card.notice.text == "ZZ holds no text."
    assert not person.foot.isVisible()
    assert person.card.other_file.isVisible()


def test_columns_that_cannot_be_told_are_asked_for(person: Person) -> None:
    person.drop(person.data("ask"))
    person.wait(person.card.mapping.isVisible)
    assert not person.foot.isVisible()
    mapping = person.card.mapping
    mapping.boxes["prompt"].setCurrentIndex(mapping.boxes["prompt"].findData("QQQ"))
    person.click(mapping.apply_button)
    person.wait(person.foot.start.isEnabled)
    assert not mapping.isVisible()
    assert person.training.planner.plan["asked"]["columns"] == ["prompt=QQQ", "response=qqqq"]


def test_questions_with_choices_teach_nothing(person: Person) -> None:
    person.drop(person.data("choices"))
    person.wait(lambda: person.card.notice.text)
    assert "judging" in person.card.notice.text
    assert not person.foot.isVisible()


def test_rows_can_be_read_while_they_come_and_another_file_stops_it(person: Person) -> None:
    person.drop(person.data("slow"))
    person.wait(lambda: person.card.rows.model.rowCount() > 200)
    assert not person.foot.start.isEnabled()
    person.prepare_data("good")
    assert person.card.rows.model.rowCount() == 40


def test_what_is_held_back_is_so_in_the_training(person: Person) -> None:
    person.prepare_data("good")
    person.card.held_back.field.setValue(20)
    person.wait(lambda: (person.training.planner.plan or {"asked": {}})["asked"].get("validation_share") == 0.2)
    assert person.card.held_back._rows.text() == "8 rows"


def test_one_row_is_shown_as_it_is_learnt(person: Person) -> None:
    person.prepare_data("good")
    rows = person.card.rows
    person.wait(lambda: "learnt 0" in rows.detail.text.toPlainText())
    rows.list.setCurrentIndex(rows.model.index(17, 0))
    person.wait(lambda: "learnt 17" in rows.detail.text.toPlainText())
    rows.detail.ways.button("said").click()
    assert "The model\nZZ 17" in rows.detail.text.toPlainText()


def test_rows_are_found_by_their_words(person: Person) -> None:
    person.prepare_data("good")
    rows = person.card.rows
    rows.search.setText("zz 3")
    person.wait(lambda: rows.model.rowCount() == 11)
    assert [rows.model.number(place) for place in range(3)] == [3, 30, 31]
    rows.search.clear()
    person.wait(lambda: rows.model.rowCount() == 40)


def test_rows_that_were_found_are_left_out_and_taken_back(person: Person) -> None:
    person.prepare_data("good")
    rows, planner = person.card.rows, person.training.planner
    assert not rows.leave_out.isVisible()
    for words, wanted, said in (("zz 3", ["4", "31-40"], "11 rows"), ("zz 2", ["3-4", "21-40"], "22 rows")):
        rows.search.setText(words)
        person.wait(rows.leave_out.isVisible)
        person.click(rows.leave_out)
        person.wait(lambda wanted=wanted: (planner.plan or {"asked": {}})["asked"].get("exclude_rows") == wanted)
        assert rows._left_out.text() == f"{said} are left out"
        person.wait(lambda: rows.model.rowCount() == 40)
    person.click(rows.take_back)
    person.wait(lambda: planner.plan is not None and "exclude_rows" not in planner.plan["asked"])
    assert not rows.take_back.isVisible()


def test_rows_too_many_to_be_named_are_not_left_out(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving_out, "MOST_CHARACTERS", 5)
    person.prepare_data("good")
    person.card.rows.leave_out_requested.emit([1, 3, 5, 7, 9, 11])
    person.wait(lambda: "Take them out of the file" in person.page.notice.text)
    assert "exclude_rows" not in person.training.planner.changes


def test_rows_left_out_are_listed_with_their_lines(person: Person) -> None:
    person.prepare_data("good")
    person.wait(lambda: person.card.rejected.rowCount() == 1)
    assert person.card.rejected.index(0, 0).data() == "Line 7: ZZ"


# --- the plan --------------------------------------------------------------------------------------------------------


def test_answers_make_the_recipe(person: Person) -> None:
    person.prepare_data("texts")
    plan = person.training.planner
    assert plan.plan["asked"]["method"] == "continue"
    person.click(person.prepare.questions.goal.button("new"))
    person.wait(lambda: plan.plan is not None and plan.plan["asked"]["method"] == "pretrain")
    assert "model" not in plan.plan["asked"]
    assert not person.prepare.questions.model.isVisible()


def test_a_refusal_is_shown_at_its_key_and_goes_with_a_better_value(person: Person) -> None:
    person.drop(person.data("refuse"))
    person.wait(lambda: person.foot.notice.text)
    person.click(person.prepare.settings.button)
    assert not person.foot.start.isEnabled()
    person.prepare.form.changed.emit("lora.rank", 0)
    row = person.prepare.form.rows["lora.rank"]
    person.wait(row._refusal.isVisible)
    assert "lora.rank" in row._refusal.text()
    person.prepare.form.changed.emit("lora.rank", 8)
    person.wait(person.foot.start.isEnabled)
    assert row._refusal.isHidden()
    assert person.foot.notice.text == ""


def test_what_may_go_wrong_is_said_before(person: Person) -> None:
    person.prepare_data("good")
    assert not person.prepare.risks.isVisible()
    person.prepare_data("risky")
    assert person.prepare.risks.isVisible()


def test_the_estimate_is_said_in_words(person: Person) -> None:
    person.prepare_data("good")
    assert person.foot._words.text() == (
        "Estimated: about 4 min, 300\xa0MB of memory, 90.0\xa0MB on the disk. It is measured before it begins."
    )


# --- recipes ---------------------------------------------------------------------------------------------------------


def test_a_recipe_is_saved_and_loaded(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    person.prepare_data("good")
    person.click(person.prepare.settings.button)
    place = person.folder / "mine.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(place), ""))
    person.training.planner.change("steps", 7)
    person.wait(lambda: person.training.planner.plan is not None)
    person.click(person.prepare.form.save_button)
    person.wait(place.exists)
    assert tomllib.loads(place.read_text())["steps"] == 7
    person.training.planner.change("steps", None)
    person.drop(place)
    person.wait(lambda: (person.training.planner.plan or {"asked": {}})["asked"].get("steps") == 7)
    assert person.page._title.text() == "good.jsonl"


def test_a_broken_recipe_is_named(person: Person) -> None:
    place = person.folder / "broken.toml"
    place.write_text("steps = = 3")
    person.drop(place)
    person.wait(lambda: person.page.notice.text)
    assert "broken.toml is not a recipe in TOML" in person.page.notice.text


def test_the_command_is_copied(person: Person) -> None:
    person.prepare_data("good")
    person.click(person.prepare.settings.button)
    person.click(person.prepare.form.copy_button)
    command = QGuiApplication.clipboard().text()
    assert command.startswith("seedling train --data ")
    assert "--method lora --model starter" in command


# --- starting, stopping, resuming ------------------------------------------------------------------------------------


def test_what_cannot_start_is_explained_where_it_was_asked_for(person: Person) -> None:
    person.prepare_data("full")
    person.click(person.foot.start)
    person.wait(lambda: person.foot.notice.text)
    assert person.page.view is person.prepare
    person.wait(person.foot.start.isEnabled)  # by a new plan
    assert "ZZ" in person.foot.notice.text
    person.click(person.prepare.questions.care.button("gentle"))
    person.wait(lambda: not person.foot.notice.text)


def test_pausing_keeps_the_run_which_can_be_resumed(person: Person) -> None:
    person.start("long")
    folder = person.watch.run
    person.watch.pause_requested.emit()
    person.wait(lambda: not person.training.trainings.running)
    assert json.loads((folder / "run.json").read_text())["state"] == "cancelled"
    person.watch.resume_requested.emit()
    person.wait(lambda: person.training.trainings.running)
    assert person.training.trainings.folder == folder


def test_a_worker_that_dies_is_named_and_its_run_is_offered(person: Person) -> None:
    person.start("crash")
    folder = person.watch.run
    person.wait(lambda: person.page.notice.text)
    assert "SIGKILL" in person.page.notice.text
    person.click(person.page._back)
    resume = "Resume crash"
    person.wait(lambda: any(b.accessibleName() == resume for b in person.home.findChildren(QPushButton)))
    button = next(b for b in person.home.findChildren(QPushButton) if b.accessibleName() == resume)
    person.click(button)
    person.wait(lambda: person.watch.run == folder and person.page.view is person.watch)


def test_only_one_training_at_a_time(person: Person) -> None:
    person.start("long")
    person.drop(person.data("good"))
    person.wait(lambda: person.training.planner.plan is not None)
    person.wait(lambda: "Another training" in person.foot._words.text())
    assert not person.foot.start.isEnabled()


# --- closing ---------------------------------------------------------------------------------------------------------


def test_closing_asks_while_a_training_runs(person: Person, answer: Callable[[str], list[str]]) -> None:
    person.start("long")
    said = answer("Stay")
    person.window.close()
    assert len(said) == 1
    assert person.window.isVisible()
    assert person.training.trainings.running


def test_stop_and_close_waits_for_what_was_learnt(person: Person, answer: Callable[[str], list[str]]) -> None:
    person.start("long")
    folder = person.watch.run
    answer("Stop and close")
    person.window.close()
    person.wait(lambda: not person.window.isVisible())
    assert json.loads((folder / "run.json").read_text())["state"] == "cancelled"


def test_nothing_is_asked_where_nothing_trains(person: Person, answer: Callable[[str], list[str]]) -> None:
    said = answer("Stay")
    person.window.close()
    assert said == []
    assert not person.window.isVisible()


# --- runs ------------------------------------------------------------------------------------------------------------


def test_deleting_a_run_warns_of_what_came_of_it(person: Person, answer: Callable[[str], list[str]]) -> None:
    folder = person.train("good")
    child = person.train("good")
    info = json.loads((child / "run.json").read_text())
    (child / "run.json").write_text(json.dumps(info | {"parent": str(folder / "model")}))
    person.training.refresh()
    person.wait(lambda: any(run.parent for run in person.training._runs))
    said = answer("Cancel")
    person.home.runs.delete_requested.emit(folder)
    assert child.name in said[0]
    assert folder.exists()


def test_a_run_is_repeated(person: Person) -> None:
    folder = person.train("good")
    person.watch.repeat_requested.emit(folder)
    person.wait(lambda: person.watch.run != folder)
    assert person.watch.run.name == "good 2"


def test_names_of_runs_are_free_and_usable(tmp_path: Path) -> None:
    assert free_folder(tmp_path, 'a/b:"c"') == tmp_path / "abc"
    assert free_folder(tmp_path, "...") == tmp_path / "run"
    (tmp_path / "a").mkdir()
    assert free_folder(tmp_path, "a") == tmp_path / "a 2"


def test_trained_models_may_be_trained_again(person: Person) -> None:
    folder = person.train("good")
    person.wait(lambda: person.prepare.questions.model.findData(str(folder)) >= 0)


def test_a_model_on_the_list_keeps_its_name(person: Person) -> None:
    folder = person.train("good")
    assert models.add_as(folder / "model", "good").name == "good"
    assert models.add_as(folder / "model", "other").name == "good"


def test_keys_lead_to_the_page_and_to_a_file(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    person.window.show_page("chat")
    path = person.data("good")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    person.qtbot.keyClick(person.window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert person.window.current_page == "training"
    person.qtbot.keyClick(person.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    person.wait(person.foot.start.isEnabled)


# --- what a run made -------------------------------------------------------------------------------------------------


def test_a_gguf_is_measured_and_written(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = person.train("good")
    out = person.folder / "good.gguf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    person.watch.use_requested.emit("gguf", folder)
    exports = person.training.uses.exports
    person.wait(lambda: exports.dialog is not None)
    dialog = exports.dialog
    person.click(dialog.measure)
    person.wait(dialog.measure.isEnabled)
    assert "1.23 % worse" in dialog._cards.button("q4_k_m").accessibleName()
    dialog._cards.choose("q4_k_m")
    dialog.accept()
    person.wait(lambda: "It is written" in person.page.notice.text)
    asked = json.loads(out.read_text())
    assert (asked["to"], asked["quantize"], asked["model"]) == ("gguf", "q4_k_m", str(folder))


def test_a_folder_for_servers_is_written_where_it_is_wanted(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = person.train("good")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(person.folder))
    person.watch.use_requested.emit("vllm", folder)
    person.wait(lambda: "It is written" in person.page.notice.text)
    assert json.loads((person.folder / "good-vllm").read_text())["to"] == "vllm"


def test_texts_and_files_are_labelled(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = person.train("good")
    out = person.folder / "labels.csv"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(person.data("texts")), ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    person.watch.use_requested.emit("classify", folder)
    dialog = person.training.uses.classifying.dialog
    dialog.field.setPlainText("words")
    person.click(dialog.label_button)
    person.wait(lambda: [bar.value() for bar in dialog.findChildren(QProgressBar)] == [800, 200])
    person.click(dialog.file_button)
    person.wait(lambda: "3 texts are labelled" in dialog.notice.text)
    assert out.exists()
    dialog.reject()
    assert person.training.uses.classifying.dialog is None


def test_a_checkpoint_is_talked_to(person: Person, desk: Desk) -> None:
    folder = person.train("good")
    person.watch.talk_requested.emit(folder / "checkpoints" / "step-00000002")
    person.wait(lambda: desk.chat.models.name == "good, step 2")
    assert person.window.current_page == "chat"


def test_a_trash_that_takes_nothing_is_said(
    person: Person, answer: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = person.train("good")
    monkeypatch.setattr(QFile, "moveToTrash", lambda _: False)
    answer("Move to the trash")
    person.home.runs.delete_requested.emit(folder)
    person.wait(lambda: "so nothing was deleted" in person.page.notice.text)
    assert folder.exists()
