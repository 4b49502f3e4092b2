"""The list of runs and their comparison: chosen, ticked, kept while it changes; what differs and how well they did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from watched_runs import figures, write_run

from app.training.watch.compare_view import CompareView
from app.training.watch.run_model import Role, when
from app.training.watch.runs_list import RunsList, box
from engine.training.runs import list_runs


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three runs and a folder that is none."""
    write_run(tmp_path / "one")
    write_run(tmp_path / "two", "lora", parent="/models/parent", done=120, state="running")
    write_run(tmp_path / "three", learning_rate=0.01, rows=figures("pretrain", 200, seed=5))
    (tmp_path / "four").mkdir()
    return tmp_path


@pytest.fixture
def runs(qtbot: QtBot, root: Path) -> RunsList:
    runs = RunsList()
    qtbot.addWidget(runs)
    runs.resize(400, 400)
    runs.show_runs(list_runs(root))
    with qtbot.wait_active(runs):
        runs.show()
    return runs


def texts(runs: RunsList) -> dict[str, str]:
    model = runs.model
    return {model.index(row).data(): model.index(row).data(Role.FACTS) for row in range(model.rowCount())}


def test_each_run_says_how_it_stands(runs: RunsList) -> None:
    found = texts(runs)
    assert found["one"].startswith("Finished · best 1.389 · a model from nothing")
    assert found["two"].startswith("Interrupted · best 1.638 · finetuning an adapter · from parent")
    assert "run.json" in found["four"]


def test_a_run_is_chosen_by_mouse_and_key(runs: RunsList, qtbot: QtBot, root: Path) -> None:
    index = runs.model.index_of(root / "two")
    with qtbot.wait_signal(runs.run_chosen) as chosen:
        place = runs.list.visualRect(index).center()
        QTest.mouseClick(runs.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [root / "two"]
    runs.list.setCurrentIndex(runs.model.index_of(root / "one"))
    with qtbot.wait_signal(runs.run_chosen) as chosen:
        QTest.keyClick(runs.list, Qt.Key.Key_Return)
    assert chosen.args == [root / "one"]


def test_two_are_ticked_and_compared(runs: RunsList, qtbot: QtBot, root: Path) -> None:
    runs.list.setCurrentIndex(runs.model.index_of(root / "three"))
    QTest.keyClick(runs.list, Qt.Key.Key_Space)
    assert not runs.compare.isVisible()
    index = runs.model.index_of(root / "one")
    with qtbot.assert_not_emitted(runs.run_chosen):
        place = box(runs.list.visualRect(index), Qt.LayoutDirection.LeftToRight).center()
        QTest.mouseClick(runs.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert runs.compare.text() == "Compare 2 runs"
    with qtbot.wait_signal(runs.compare_requested) as asked:
        runs.compare.click()
    assert asked.args == [[root / "three", root / "one"]]
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).endswith(", ticked")
    QTest.keyClick(runs.list, Qt.Key.Key_Space)
    assert runs.model.ticked == [root / "one"]
    runs.model.clear_ticks()
    assert runs.model.ticked == []


def test_what_is_no_run_cannot_be_ticked(runs: RunsList, root: Path) -> None:
    runs.list.setCurrentIndex(runs.model.index_of(root / "four"))
    QTest.keyClick(runs.list, Qt.Key.Key_Space)
    assert runs.model.ticked == []


def test_ticks_and_choice_stay_while_runs_come_and_go(runs: RunsList, root: Path) -> None:
    runs.select(root / "one")
    for name in ("one", "three"):
        runs.list._tick(runs.model.index_of(root / name))
    write_run(root / "new")
    (root / "three").rename(root.parent / "elsewhere")
    runs.show_runs(list_runs(root))
    assert runs.model.ticked == [root / "one"]
    assert runs.list.currentIndex().data() == "one"
    assert set(texts(runs)) == {"one", "two", "four", "new"}


def test_the_menu_of_a_run_and_delete(runs: RunsList, qtbot: QtBot, root: Path) -> None:
    index = runs.model.index_of(root / "one")
    runs.list.menu_requested.emit(index, runs.mapToGlobal(runs.rect().center()))
    menu = runs.findChild(QMenu)
    assert menu is not None
    repeat, delete = menu.actions()
    for signal, action in ((runs.repeat_requested, repeat), (runs.delete_requested, delete)):
        with qtbot.wait_signal(signal) as asked:
            action.trigger()
        assert asked.args == [root / "one"]
    menu.close()
    runs.list.setCurrentIndex(index)
    with qtbot.wait_signal(runs.delete_requested):
        QTest.keyClick(runs.list, Qt.Key.Key_Delete)


def test_times_that_are_none_are_shown_as_they_are() -> None:
    assert when("yesterday") == "yesterday"
    assert when("2026-11-28 04:30:00").startswith("11/28/26")


# --- comparing -------------------------------------------------------------------------------------------------------


@pytest.fixture
def compare(qtbot: QtBot) -> Iterator[CompareView]:
    view = CompareView()
    qtbot.addWidget(view)
    view.resize(900, 700)
    with qtbot.wait_active(view):
        view.show()
    yield view
    view.close_files()


def test_runs_side_by_side(compare: CompareView, qtbot: QtBot, root: Path) -> None:
    compare.show_runs([root / "one", root / "three"])
    qtbot.wait_until(lambda: compare.keys.rowCount() > 0, timeout=20_000)
    header = compare.keys.horizontalHeaderItem
    assert [header(column).text() for column in range(2)] == ["one", "three"]
    rows = [compare.keys.verticalHeaderItem(row).text() for row in range(compare.keys.rowCount())]
    assert rows == ["learning_rate"]
    assert [compare.keys.item(0, column).text() for column in range(2)] == ["0.001", "0.01"]
    scores = [compare.scores.verticalHeaderItem(row).text() for row in range(compare.scores.rowCount())]
    assert scores[0] == "best held-out loss"
    assert "memory" not in scores
    qtbot.wait_until(lambda: compare.curves.plot is not None, timeout=20_000)
    assert compare.curves.run.name == "one"
    assert [run.name for run in compare.curves._others] == ["three"]
    with qtbot.wait_signal(compare.closed):
        compare.findChild(type(compare._top.itemAt(1).widget())).click()
