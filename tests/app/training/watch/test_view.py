"""The view of a run: what it shows of each state, what its buttons ask for, and that it looks only while seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QModelIndex, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from watch_states import show
from watched_runs import figures, write_run

from app.training.watch.checkpoints import Checkpoints
from app.training.watch.confusion_table import ConfusionTable
from app.training.watch.following import Confusion
from app.training.watch.samples import Samples, changes
from app.training.watch.texts import duration_text
from app.training.watch.view import WatchView, _Pace
from engine.events import Metric, Progress
from engine.training.runs import RunInfo


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[WatchView]:
    view = WatchView()
    qtbot.addWidget(view)
    view.resize(1000, 700)
    with qtbot.wait_active(view):
        view.show()
    yield view
    view.close_files()


def figures_line(view: WatchView) -> str:
    return view.header._figures.text()


def test_a_finished_run(view: WatchView, qtbot: QtBot, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    show(qtbot, view, run)
    assert view.header._state.text() == "Finished · a model from nothing"
    assert figures_line(view).startswith("Step 200 of 200 · best held-out loss 1.3")
    assert view.header._bar.isHidden()
    assert [button.isVisible() for button in (view.header.pause, view.header.resume, view.header.stop)] == [False] * 3
    assert view.use.isVisible()
    assert not view.confusion.isVisible()
    assert not view.advice.isVisible()
    assert view.samples.text.toPlainText() == "ZZ ZZ 200 ZZ"


def test_a_killed_run_can_be_resumed(view: WatchView, qtbot: QtBot, tmp_path: Path) -> None:
    show(qtbot, view, write_run(tmp_path / "run", done=120, state="running"))  # without a process that holds it
    assert view.header._state.text().startswith("Interrupted")
    assert figures_line(view).startswith("Step 100 of 200")  # its last checkpoint
    assert (view.header._bar.value(), view.header._bar.maximum()) == (100, 200)
    assert not view.use.isVisible()
    with qtbot.wait_signal(view.resume_requested):
        view.header.resume.click()


def test_a_broken_run_says_why(view: WatchView, qtbot: QtBot, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / "run.json").write_text("{")
    show(qtbot, view, run)
    assert "run.json" in view._problem.text()
    assert view._problem.isVisible()


def test_a_running_run_can_be_held_and_ended(
    view: WatchView, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.run.is_held", lambda folder: True)
    show(qtbot, view, write_run(tmp_path / "run", done=120, state="running"))
    assert view.header._state.text().startswith("Training")
    assert "Step 120 of 200" in figures_line(view)
    assert f"{QLocale().toString(9000)} tokens/s" in figures_line(view)
    assert "left" in figures_line(view)
    with qtbot.wait_signal(view.pause_requested):
        view.header.pause.click()
    with qtbot.wait_signal(view.stop_requested):
        view.header.stop.click()
    assert not view.header.resume.isVisible()


def test_what_the_worker_prepares_is_shown(view: WatchView, qtbot: QtBot, tmp_path: Path) -> None:
    view.set_run(tmp_path / "new")  # not there yet
    qtbot.wait(50)
    view.set_progress(Progress(3, 10, "rows", "Turning texts into tokens"))
    assert figures_line(view) == "Turning texts into tokens"
    assert (view.header._bar.value(), view.header._bar.maximum()) == (3, 10)


def test_an_event_makes_it_look(view: WatchView, qtbot: QtBot, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", done=100)
    show(qtbot, view, run)
    with open(run / "metrics.jsonl", "a") as file:
        file.writelines(json.dumps(row) + "\n" for row in figures("pretrain", 110)[100:])
    with qtbot.wait_signal(view.follower.came, timeout=5000):
        view.set_progress(Metric(110, {}))
    qtbot.wait_until(lambda: view.curves.run.series["loss"].count == 110)


def test_it_looks_by_itself_only_while_it_is_seen(view: WatchView, qtbot: QtBot, tmp_path: Path) -> None:
    show(qtbot, view, write_run(tmp_path / "run", done=120, state="running"))
    assert view.follower._timer.isActive()
    view.hide()
    assert not view.follower._timer.isActive()
    view.show()
    assert view.follower._timer.isActive()
    show(qtbot, view, write_run(tmp_path / "done"))
    assert not view.follower._timer.isActive()


def test_uses_are_asked_for_by_kind(view: WatchView, qtbot: QtBot, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "lora", parent="/models/parent")
    (run / "model" / "adapter_config.json").write_text("{}")
    show(qtbot, view, run)
    offered = [kind for kind, button in view.use._uses.items() if button.isVisible()]
    assert offered == ["chat", "gguf", "hf", "adapter", "ollama", "llamafile", "vllm"]
    for kind in offered:
        with qtbot.wait_signal(view.use_requested) as asked:
            view.use._uses[kind].click()
        assert asked.args == [kind, run]
    for signal, button in ((view.repeat_requested, view.use.repeat), (view.change_requested, view.use.change)):
        with qtbot.wait_signal(signal) as asked:
            button.click()
        assert asked.args == [run]


def test_a_classifier_labels_and_does_not_chat(view: WatchView, qtbot: QtBot, tmp_path: Path) -> None:
    show(qtbot, view, write_run(tmp_path / "run", "classify", parent="/models/parent"))
    assert [kind for kind, button in view.use._uses.items() if button.isVisible()] == ["classify", "hf"]
    assert view.confusion.isVisible()
    assert not any(button.isVisible() for button in view.checkpoints.findChildren(QPushButton))


def test_checkpoints_are_talked_to_alone_and_beside_the_parent(view: WatchView, qtbot: QtBot, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "lora", parent="/models/parent")
    show(qtbot, view, run)
    latest = view.checkpoints._rows()[0]
    assert latest.path == run / "checkpoints" / "step-00000200"
    for signal, button in ((view.talk_requested, latest.talk), (view.compare_requested, latest.compare)):
        with qtbot.wait_signal(signal) as asked:
            button.click()
        assert asked.args == [latest.path]
    show(qtbot, view, write_run(tmp_path / "alone"))
    assert not view.checkpoints._rows()[0].compare.isVisible()


def test_the_keyboard_stays_where_it_was_when_checkpoints_change(qtbot: QtBot, tmp_path: Path) -> None:
    checkpoints = Checkpoints()
    qtbot.addWidget(checkpoints)
    places = [(step, tmp_path / str(step), None) for step in (0, 100, 200)]
    checkpoints.show_checkpoints(places[:2], 0, True, True)
    with qtbot.wait_active(checkpoints):
        checkpoints.show()
    checkpoints._rows()[0].talk.setFocus()
    checkpoints.show_checkpoints(places, 200, True, True)
    focused = [row for row in checkpoints._rows() if row.has_focus()]
    assert [row.path.name for row in focused] == ["100"]


# --- samples ---------------------------------------------------------------------------------------------------------


def test_what_is_new_in_a_sample_is_marked_by_colour_and_line(qtbot: QtBot) -> None:
    samples = Samples()
    qtbot.addWidget(samples)
    samples.add([(10, "The cat sat."), (20, "The cat ran away.")])
    cursor = samples.text.textCursor()
    marked = ""
    for place, letter in enumerate(samples.text.toPlainText()):
        cursor.setPosition(place + 1)
        if cursor.charFormat().fontUnderline():
            assert cursor.charFormat().foreground().color() == samples.palette().highlight().color()
            marked += letter
    assert marked == "ran away"
    samples.earlier.click()
    assert samples.text.toPlainText() == "The cat sat."
    assert not samples.text.textCursor().charFormat().fontUnderline()
    samples.add([(30, "More.")])
    assert samples.text.toPlainText() == "The cat sat."  # where the person is
    samples.later.click()
    samples.later.click()
    assert samples.text.toPlainText() == "More."
    samples.add([(40, "Most.")])
    assert samples.text.toPlainText() == "Most."
    samples.add([(20, "Again.")])
    assert [step for step, _ in samples._samples] == [10, 20]


@pytest.mark.parametrize(("before", "after"), [("", ""), ("a b c", ""), ("", "a b"), ("x y", "y x"), ("é!", "é?")])
def test_changes_hold_the_whole_text(before: str, after: str) -> None:
    assert "".join(piece for piece, _ in changes(before, after)) == after


def test_markup_in_a_sample_stays_text(qtbot: QtBot) -> None:
    samples = Samples()
    qtbot.addWidget(samples)
    samples.add([(10, "<b>bold</b>")])
    assert samples.text.toPlainText() == "<b>bold</b>"


# --- confusion, time -------------------------------------------------------------------------------------------------


def test_the_table_shows_the_labels_that_occur_most(qtbot: QtBot) -> None:
    table = ConfusionTable()
    qtbot.addWidget(table)
    count = 40
    matrix = tuple(tuple(row if row == column else 0 for column in range(count)) for row in range(count))
    table.show_confusion(Confusion(10, tuple(map(str, range(count))), matrix))
    model = table.table.model()
    assert model.rowCount() == model.columnCount() == 12
    assert model.headerData(0, Qt.Orientation.Horizontal) == "28"
    assert "28 rarer labels are not shown." in table._explanation.text()
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.rowCount(QModelIndex()) == 12
    cell = model.index(11, 11)
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "39 taken for 39: 39"
    assert cell.data(Qt.ItemDataRole.BackgroundRole) == table.palette().highlight().color()


def test_times_for_people() -> None:
    found = [duration_text(seconds) for seconds in (0, 59.4, 61, 3599, 7380, 200_000)]
    assert found == ["0 s", "59 s", "1 min", "1 h 0 min", "2 h 3 min", "2 d 7 h"]


def test_time_left_follows_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("app.training.watch.view.time.monotonic", lambda: now[0])
    pace, info = _Pace(), RunInfo("run", Path("run"), done=100, steps=1000, seconds=50.0)
    assert pace.seconds_left(100, info) == pytest.approx(450)  # from its checkpoint: half a second a step
    now[0] += 10
    assert pace.seconds_left(110, info) == pytest.approx(890)  # a second a step
    assert _Pace().seconds_left(0, RunInfo("run", Path("run"), steps=10)) is None
