"""Nothing of the views that watch runs is clipped, nameless, untranslated or out of the keyboard's reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from watch_states import DATA, Views, open_views, show, states
from watched_runs import write_run
from window_checks import Brackets, clipped, is_reached, nameless, shown, tab_order, text_size, untranslated

from app.theme import Theme
from engine.settings import Settings


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    yield Theme(qapp, Settings())
    qapp.setStyleSheet("")


@pytest.fixture
def views(qtbot: QtBot, theme: Theme) -> Iterator[Views]:
    views = open_views(qtbot, 760, 560)
    yield views
    views.close()


@pytest.mark.parametrize("percent", [100, 200, 300])
@pytest.mark.parametrize(("width", "height"), [(755, 560), (1870, 1040)])
def test_nothing_is_clipped(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, width: int, height: int, percent: int
) -> None:
    with text_size(qapp, percent):
        theme = Theme(qapp, Settings())
        views = open_views(qtbot, width, height)
        faults = {name: clipped(widget) for name, widget in states(qtbot, views, tmp_path)}
        views.close()
        qapp.setStyleSheet("")
        del theme
    assert {name: found for name, found in faults.items() if found} == {}


def test_everything_has_a_name_and_its_role(qtbot: QtBot, views: Views, tmp_path: Path) -> None:
    QAccessible.setActive(True)
    try:
        faults = {name: nameless(widget) for name, widget in states(qtbot, views, tmp_path)}
    finally:
        QAccessible.setActive(False)
    assert {name: found for name, found in faults.items() if found} == {}


def test_everything_is_translated(qapp: QApplication, qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    translator = Brackets()
    qapp.installTranslator(translator)
    try:
        views = open_views(qtbot, 1000, 700)
        faults = {name: untranslated(widget, DATA) for name, widget in states(qtbot, views, tmp_path)}
        views.close()
    finally:
        qapp.removeTranslator(translator)
    assert {name: found for name, found in faults.items() if found} == {}


def test_tab_reaches_everything(qtbot: QtBot, views: Views, tmp_path: Path) -> None:
    watch = views.watch
    with qtbot.wait_active(watch):
        watch.show()
    show(qtbot, watch, write_run(tmp_path / "run", "classify", parent="/models/parent"))
    first = next(widget for widget in shown(watch) if is_reached(widget))
    first.setFocus()
    visited = tab_order(watch, lambda widget: QTest.keyClick(widget, Qt.Key.Key_Tab))
    group = watch.curves._tabs.values()  # of an exclusive group Tab takes one, arrows the others
    missed = [each for each in shown(watch) if is_reached(each) and each not in visited and each not in group]
    assert missed == []
    assert watch.curves.plot in visited


def test_right_to_left_mirrors_the_page_and_not_the_steps(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        views = open_views(qtbot, 1300, 700)
        watch = views.watch
        with qtbot.wait_active(watch):
            watch.show()
        show(qtbot, watch, write_run(tmp_path / "run"))
        plot = watch.curves.plot
        assert plot is not None
        assert watch._side.x() < watch._main.x()
        left, bottom = plot._axes
        assert left.sceneBoundingRect().x() < bottom.sceneBoundingRect().center().x() - 100
        views.close()
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
