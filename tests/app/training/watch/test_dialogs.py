"""Labelling and exporting as a person does it: what is asked for, and what is shown of the answers."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.training.watch.export_dialog import OFFERED, ExportDialog
from app.training.watch.label_dialog import SHOWN, LabelDialog


@pytest.fixture
def label(qtbot: QtBot) -> LabelDialog:
    dialog = LabelDialog("spam")
    qtbot.addWidget(dialog)
    with qtbot.wait_active(dialog):
        dialog.show()
    return dialog


@pytest.fixture
def export(qtbot: QtBot) -> ExportDialog:
    dialog = ExportDialog("stories")
    qtbot.addWidget(dialog)
    with qtbot.wait_active(dialog):
        dialog.show()
    return dialog


def seen(dialog: LabelDialog) -> list[tuple[str, int, str]]:
    return [(name.text(), bar.value(), figure.text()) for name, bar, figure in dialog._rows if bar.isVisible()]


def test_a_text_is_asked_about_once_it_is_written(label: LabelDialog, qtbot: QtBot) -> None:
    asked: list[str] = []
    label.text_entered.connect(asked.append)
    QTest.keyClicks(label.field, "win a prize")
    qtbot.wait_until(lambda: bool(asked), timeout=5000)
    assert asked == ["win a prize"]
    label.field.clear()
    qtbot.wait(400)
    assert asked == ["win a prize"]


def test_the_likeliest_labels_are_shown_first(label: LabelDialog) -> None:
    label.show_probabilities({"ham": 0.25, "spam": 0.75})
    assert seen(label) == [("spam", 750, "75.0 %"), ("ham", 250, "25.0 %")]
    label.show_probabilities({str(number): number / 100 for number in range(20)})
    assert len(seen(label)) == SHOWN
    assert seen(label)[0][0] == "19"
    label.show_probabilities({"ham": 1.0})
    assert seen(label) == [("ham", 1000, "100.0 %")]
    label.field.setPlainText("  ")
    assert seen(label) == []


def test_a_file_is_labelled(label: LabelDialog, qtbot: QtBot) -> None:
    with qtbot.wait_signal(label.file_requested):
        label.file.click()
    label.show_progress(256)
    assert not label.file.isEnabled()
    label.show_written({"csv": "out.csv", "counts": {"ham": 1, "spam": 3}, "sentences": ["One row is no text."]})
    assert label._state.text() == "out.csv is written. spam: 3, ham: 1 One row is no text."
    assert label.file.isEnabled()
    label.show_progress(1)
    label.show_problem("It is gone.")
    assert (label._state.text(), label.file.isEnabled()) == ("It is gone.", True)


def test_a_type_is_chosen_and_exported(export: ExportDialog, qtbot: QtBot) -> None:
    assert export.type == "q8_0"
    export.table.setFocus()
    QTest.keyClick(export.table, Qt.Key.Key_Down)
    with qtbot.wait_signal(export.export_requested) as asked:
        export.export.click()
    assert asked.args == ["q6_k"]


def test_what_was_measured_stands_beside_its_type(export: ExportDialog, qtbot: QtBot) -> None:
    with qtbot.wait_signal(export.measure_requested):
        export.measure.click()
    export.show_busy("Measuring q4_k_m")
    assert not export.measure.isEnabled()
    assert not export.export.isEnabled()
    export.show_measured({"type": "q4_k_m", "size_bytes": 1_200_000_000, "bits_per_weight": 4.83, "worse": 0.0213})
    export.show_measured({"type": "unheard_of", "size_bytes": 1, "bits_per_weight": 1.0, "worse": 0.0})
    row = OFFERED.index("q4_k_m")
    assert [export.table.item(row, column).text() for column in range(4)] == ["q4_k_m", "1.2 GB", "4.8", "+2.1 %"]
    export.show_idle()
    assert export.measure.isEnabled()
    assert not export._state.isVisible()


def test_the_types_are_those_that_are_measured() -> None:
    program = "from engine.evaluation.quantizations import TYPES; print(*TYPES)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert tuple(done.stdout.split()) == OFFERED
