"""Curves as a person meets them: by mouse, key and ear, in every theme, with nothing global changed."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot
from watch_states import open_views
from window_checks import clipped

from app.palettes import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Colours, palette_of
from app.widgets.curves import Curves, Line, Quantity, luminance, other_colour, smoothing_weight

QUANTITIES = (
    Quantity("loss", "ZL", (Line("loss", "ZT", noisy=True), Line("val_loss", "ZH")), "{:.3g}".format, logarithmic=True),
    Quantity("lr", "ZR", (Line("lr", "ZR"),), "{:.3g}".format),
)


def figures(count: int = 1000) -> dict[str, Any]:
    steps = np.arange(1.0, count + 1)
    losses = 1 + 3 * np.exp(-steps / 300)
    return {
        "loss": (steps, losses + np.random.default_rng(0).normal(0, 0.1, count)),
        "val_loss": (steps[49::50], losses[49::50]),
        "lr": (steps, 1e-3 * (1 - steps / (count + 1))),
    }


@pytest.fixture
def curves(qtbot: QtBot) -> Curves:
    """With a run of a thousand steps, drawn."""
    widget = Curves(QUANTITIES)
    qtbot.addWidget(widget)
    widget.resize(700, 450)
    with qtbot.wait_active(widget):
        widget.show()
    widget.set_run("mine")
    widget.append(figures())
    qtbot.wait_until(lambda: widget.plot is not None and widget.plot.isVisible(), timeout=20_000)
    qtbot.wait_until(lambda: lines(widget) != [], timeout=5000)
    return widget


def lines(curves: Curves) -> list[Any]:
    """What is drawn: pyqtgraph's items that can be seen."""
    return [curve for curve, _ in curves.plot._curves if curve.isVisible() and len(curve.xData)] if curves.plot else []


def legend(curves: Curves) -> list[str]:
    return [entry.text() for entry in curves._entries if not entry.isHidden()]


def settle(qtbot: QtBot, curves: Curves) -> None:
    with qtbot.wait_signal(curves.drawn, timeout=5000):
        pass


def test_nothing_heavy_is_loaded_before_the_first_curve(qtbot: QtBot) -> None:
    program = "import sys, app.widgets.curves; print([m for m in ('numpy', 'pyqtgraph') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout.strip() == "[]"


def test_pyqtgraph_changes_nothing_global() -> None:
    program = """
import sys, threading
from PySide6.QtCore import QSettings, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
application = QApplication([])
def state():
    handler = qInstallMessageHandler(None); qInstallMessageHandler(handler)
    return (sys.excepthook, threading.excepthook, handler, application.style().objectName(), application.styleSheet(),
            application.font().toString(), application.palette(), application.quitOnLastWindowClosed())
before = state()
import app.widgets.plot
print(before == state(), sorted(m for m in sys.modules if m.startswith(("PyQt", "PySide2", "matplotlib"))))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True []"


def test_raw_values_stay_faint_behind_the_smoothed_ones(curves: Curves, qtbot: QtBot) -> None:
    curves.set_smoothing(2)
    faint, smooth, held_out = lines(curves)
    assert faint.opts["pen"].color().alphaF() == pytest.approx(0.25, abs=0.01)
    assert np.ptp(np.diff(smooth.yData)) < np.ptp(np.diff(faint.yData)) / 5
    assert len(held_out.xData) == 20
    curves.set_smoothing(0)
    assert len(lines(curves)) == 2


def test_smoothing_grows_with_the_curve() -> None:
    assert smoothing_weight(0.01, 0) == smoothing_weight(0.0, 10**6) == smoothing_weight(0.01, 50) == 0
    weights = [smoothing_weight(0.01, count) for count in (300, 1000, 10_000, 100_000)]
    assert all(before < after < 1 for before, after in pairwise(weights))
    assert smoothing_weight(0.01, 65_536) == smoothing_weight(0.01, 131_071)


def test_a_logarithmic_scale_where_it_makes_sense(curves: Curves) -> None:
    curves.set_smoothing(0)
    plain = lines(curves)[0].yData.copy()
    curves.set_logarithmic(True)
    assert lines(curves)[0].yData == pytest.approx(np.log10(plain))
    curves.choose("lr")
    assert curves._log.isHidden()
    assert lines(curves)[0].yData.max() < 1e-3


def test_zoom_by_key_and_back(curves: Curves, qtbot: QtBot) -> None:
    plot = curves.plot
    assert plot is not None
    assert plot.stretch == (1, 1000)
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Plus)
    left, right = plot.stretch
    assert right - left == pytest.approx(999 / 1.5, rel=0.01)
    settle(qtbot, curves)
    assert curves._reset.isEnabled()
    QTest.keyClick(plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert plot.stretch[0] == pytest.approx(left + 0.2 * (right - left), rel=0.01)
    for _ in range(40):
        QTest.keyClick(plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert plot.stretch[1] == pytest.approx(1000)
    QTest.keyClick(plot, Qt.Key.Key_Home)
    settle(qtbot, curves)
    assert plot.stretch == (1, 1000)
    assert not curves._reset.isEnabled()


def test_a_zoomed_picture_stays_while_points_come(curves: Curves, qtbot: QtBot) -> None:
    plot = curves.plot
    assert plot is not None
    more = {"loss": (np.arange(1001.0, 1501), np.ones(500))}
    curves._nearer.click()
    settle(qtbot, curves)
    before = plot.stretch
    curves.append(more)
    settle(qtbot, curves)
    assert plot.stretch == pytest.approx(before)
    curves._reset.click()
    settle(qtbot, curves)
    assert plot.stretch == (1, 1500)


def test_the_wheel_scrolls_the_page_unless_the_plot_has_the_focus(curves: Curves, qtbot: QtBot) -> None:
    plot = curves.plot
    assert plot is not None

    def turn() -> QWheelEvent:
        middle = QPointF(plot.viewport().rect().center())
        place = plot.viewport().mapToGlobal(middle.toPoint()).toPointF()
        flags = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(middle, place, QPoint(), QPoint(0, 240), *flags, False)
        QApplication.sendEvent(plot.viewport(), event)
        return event

    curves._smoothing.setFocus()
    turn()
    assert plot.whole
    plot.setFocus()
    turn()
    assert not plot.whole


def test_pointing_shows_step_and_values(curves: Curves, qtbot: QtBot) -> None:
    assert curves._where.isHidden()
    last = legend(curves)
    plot = curves.plot
    assert plot is not None
    plot.setFocus()
    for _ in range(3):
        QTest.keyClick(plot, Qt.Key.Key_Right)
    assert curves._where.text() == f"Step {round(plot.step)}"
    assert legend(curves) != last
    here = plot.step
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert plot.step < here
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert legend(curves) == last


def test_other_runs_lie_under_the_own_one_with_a_legend(curves: Curves, qtbot: QtBot) -> None:
    curves.set_others([("older", {"val_loss": figures()["val_loss"]}), ("oldest", {"loss": figures(500)["loss"]})])
    settle(qtbot, curves)
    assert [text.rpartition("  ")[0] for text in legend(curves)] == [
        "mine: ZT", "mine: ZH", "older: ZH", "oldest: ZT"
    ]  # fmt: skip
    looks = {(curve.opts["pen"].color().name(), curve.opts["pen"].style()) for curve in lines(curves)}
    assert len({style for _, style in looks}) >= 4  # told apart without colour


def test_a_line_is_switched_off_by_its_legend(curves: Curves) -> None:
    count = len(lines(curves))
    entry = curves._entries[1]
    entry.click()
    assert len(lines(curves)) == count - 1
    entry.click()
    assert len(lines(curves)) == count


def test_only_what_was_measured_has_a_tab(curves: Curves, qtbot: QtBot) -> None:
    assert [tab.isVisible() for tab in curves._tabs.values()] == [True, True]
    curves.set_run("other")
    curves.append({"loss": figures()["loss"]})
    settle(qtbot, curves)
    assert [tab.isVisible() for tab in curves._tabs.values()] == [True, False]


def test_a_screen_reader_is_told_what_the_picture_says(curves: Curves) -> None:
    plot = curves.plot
    assert plot is not None
    assert plot.accessibleName() == "Curve: ZL"
    assert "ZH: 3.54 at step 50" in plot.accessibleDescription()
    assert "lowest" in plot.accessibleDescription()
    curves.set_run("empty")
    assert curves.summary() == "There are no figures yet."


def test_a_resumed_run_draws_its_new_steps_only(curves: Curves, qtbot: QtBot) -> None:
    curves.append({"loss": (np.arange(501.0, 701), np.full(200, 9.0))})
    settle(qtbot, curves)
    assert curves.run.series["loss"].count == 700
    assert curves.run.series["loss"].values[-1] == 9


def test_a_hundred_thousand_points_are_few_on_the_screen(curves: Curves, qtbot: QtBot) -> None:
    curves.append(figures(100_000))
    settle(qtbot, curves)
    plot = curves.plot
    assert plot is not None
    assert all(len(curve.xData) <= 4 * plot.columns for curve in lines(curves))


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.2."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK, CONTRAST_LIGHT, CONTRAST_DARK], ids="light dark cl cd".split())
def test_every_line_is_seen_in_every_theme(colours: Colours) -> None:
    palette = palette_of(colours)
    accent = palette.color(palette.ColorRole.Highlight)
    found = [accent, *(other_colour(accent, number) for number in range(4))]
    for colour in found:
        assert contrast(colour, palette.color(palette.ColorRole.Window)) >= 3
    assert all(one != other for one, other in combinations(found, 2))


def test_what_is_behind_the_lines_follows_the_theme(curves: Curves, qtbot: QtBot) -> None:
    for colours in (DARK, LIGHT):
        palette = palette_of(colours)
        curves.setPalette(palette)
        settle(qtbot, curves)
        assert curves.plot is not None
        behind = curves.plot.grab().toImage().pixelColor(curves.plot.width() - 3, 3)
        assert behind == palette.color(palette.ColorRole.Base)


def test_tabs_are_buttons_of_one_choice(curves: Curves, qtbot: QtBot) -> None:
    tabs: list[QToolButton] = list(curves._tabs.values())
    with qtbot.wait_signal(curves.quantity_chosen) as chosen:
        tabs[1].click()
    assert chosen.args == ["lr"]
    assert [tab.isChecked() for tab in tabs] == [False, True]


def test_a_name_too_long_for_its_line_is_shortened_and_told_whole(curves: Curves, qtbot: QtBot) -> None:
    curves.set_run("a run with a very long name that nobody would give it, and a bit more")
    curves.append(figures(50))
    curves.set_others([("another one with quite a long name as well", figures(50))])
    curves.resize(300, 400)
    qtbot.wait_until(lambda: len([entry for entry in curves._entries if not entry.isHidden()]) >= 2)
    qtbot.wait(150)
    assert clipped(curves) == []
    entry = curves._entries[0]
    assert "…" in entry.text()
    assert "and a bit more: ZT" in entry.accessibleName()
    curves.resize(1200, 400)
    qtbot.wait_until(lambda: "…" not in entry.text())


# --- closing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["watch", "compare"])
def test_a_window_that_closes_waits_for_what_is_being_loaded(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    loaded: list[str] = []

    def load(name: str) -> None:
        time.sleep(0.3)
        loaded.append(name)

    views = open_views(qtbot, 700, 500)
    shown: Curves = getattr(views, view).curves
    monkeypatch.setattr(importlib, "import_module", load)
    shown.append(figures(10))
    views.close()
    assert loaded == ["app.widgets.plot"]
    qtbot.wait(50)
    assert shown.plot is None
