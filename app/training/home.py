"""What the training page shows first: a place to drop a file, trainings that were cut short, and all runs there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.theme import em, set_text_role, space
from app.training.texts import unfinished_sentence
from app.training.watch.family_tree import FamilyTree
from app.training.watch.runs_list import RunsList
from app.widgets.buttons import asking_button
from app.widgets.choices import Segments
from app.widgets.drawing import Drawing
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll
from engine.training.runs import RunInfo

if TYPE_CHECKING:
    from engine.library.family import Family

OFFERED = 3  # unfinished runs that have a card of their own; the others stand in the list like all
WIDEST_EM = 46
ROWS = 6  # runs that are seen at once at least, where there are so many


class Home(QWidget):
    """`resume_requested`: the folder of a run. What is asked of the list of `runs` is said by itself."""

    file_requested = Signal()
    folder_requested = Signal()
    resume_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0  # of runs
        self._offered: list[RunInfo] = []
        self.drop_zone = DropZone()
        self.drop_zone.file_requested.connect(self.file_requested)
        self.drop_zone.folder_requested.connect(self.folder_requested)
        self._unfinished = QVBoxLayout()
        self._heading = plain_label(self.tr("Your trainings"))
        set_text_role(self._heading, "heading")
        self.runs, self.tree = RunsList(), FamilyTree()
        self.views = Segments((("runs", self.tr("Runs"), ""), ("tree", self.tr("Family tree"), "")), wide=False)
        self.views.choose("runs")
        self.views.chosen.connect(lambda _: self._show_view())

        content = QWidget()
        self._column = QVBoxLayout()
        self._column.addStretch(2)  # alone, it stands a little above the middle
        self._column.addWidget(self.drop_zone)
        self._column.addLayout(self._unfinished)
        self._column.addWidget(self._heading)
        self._column.addWidget(self.views)
        self._column.addWidget(self.runs)
        self._column.addWidget(self.tree)
        self._column.addStretch(3)
        self._middle = QWidget()
        self._middle.setLayout(self._column)
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self._middle, 1000)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(Scroll(content))
        follow_font(self, self._fit)
        self.show_runs(())

    def show_runs(self, runs: Sequence[RunInfo]) -> None:
        """The latest first."""
        offered = [run for run in runs if run.resumable and run.state in ("interrupted", "paused")][:OFFERED]
        if offered != self._offered:  # else a button would go while it is pressed
            self._offered = offered
            _clear(self._unfinished)
            for run in offered:
                self._unfinished.addWidget(self._offer(run))
        self.runs.show_runs(runs)
        self._count = len(runs)
        self._column.setStretch(0, 0 if runs else 2)
        self._column.setStretch(self._column.indexOf(self.runs), 1 if runs else 0)
        self._column.setStretch(self._column.count() - 1, 1 if runs else 3)
        self._show_view()
        self._fit()

    def show_family(self, nodes: Family) -> None:
        """Models under what they came from."""
        self.tree.show_family(nodes)

    def _show_view(self) -> None:
        runs = self.views.choice == "runs"
        self._heading.setVisible(self._count > 0)
        self.views.setVisible(self._count > 0)
        self.runs.setVisible(self._count > 0 and runs)
        self.tree.setVisible(self._count > 0 and not runs)

    def _offer(self, run: RunInfo) -> QWidget:
        """What was cut short, with the way to go on."""
        card = QFrame()
        card.setObjectName("panel")
        words = plain_label(unfinished_sentence(run), wrap=True)
        resume = QPushButton(self.tr("Resume"))
        resume.setAccessibleName(self.tr("Resume {name}").format(name=run.name))
        resume.clicked.connect(lambda: self.resume_requested.emit(run.folder))
        row = QHBoxLayout(card)
        row.setContentsMargins(space(self, 1.5), space(self), space(self, 1.5), space(self))
        row.setSpacing(space(self, 1.2))
        row.addWidget(Drawing("circle-pause", QPalette.ColorRole.Highlight, 1.1))
        row.addWidget(words, 1)
        row.addWidget(resume)
        return card

    def _fit(self) -> None:
        self._middle.setMaximumWidth(em(self, WIDEST_EM))
        self._column.setContentsMargins(space(self, 2), space(self), space(self, 2), space(self, 3))
        self._column.setSpacing(space(self, 1.5))
        self._unfinished.setSpacing(space(self))
        self.runs.setMinimumHeight(em(self, 3.2) * min(self._count, ROWS) + em(self, 1))
        self.runs.setMaximumHeight(em(self, 3.2) * max(self._count, 1) + em(self, 4))  # with the button to compare
        self.tree.setMinimumHeight(em(self, 22))


class DropZone(QFrame):
    """Where a file may be dropped, and a button for those who would rather choose it."""

    file_requested = Signal()
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dropZone")
        title = plain_label(self.tr("Drop a file, grow a model"), wrap=True)
        set_text_role(title, "title")
        words = plain_label(
            self.tr(
                "Conversations, texts, labels or preferences: drop a file or folder anywhere on this window, "
                "and Seedling says what it is and what can be learnt from it."
            ),
            muted=True,
            wrap=True,
        )
        kinds = plain_label(self.tr("JSON, JSON lines, CSV, TSV, Parquet, text and Markdown"), muted=True, wrap=True)
        set_text_role(kinds, "small")
        for label in (title, words, kinds):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setMinimumWidth(1)  # it wraps
        self.button = asking_button(self.tr("Choose a file…"))
        self.button.setDefault(True)
        self.button.clicked.connect(self.file_requested)
        self.folder_button = asking_button(self.tr("Choose a folder…"))
        self.folder_button.clicked.connect(self.folder_requested)
        self._buttons = FlowLayout()
        self._buttons.addWidget(self.button)
        self._buttons.addWidget(self.folder_button)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addLayout(self._buttons)
        centred.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addWidget(Drawing("seedling", QPalette.ColorRole.Highlight, 2.6))
        self._column.addWidget(title)
        self._column.addWidget(words)
        self._column.addLayout(centred)
        self._column.addWidget(kinds)
        follow_font(self, self._fit)

    def _fit(self) -> None:
        self._column.setContentsMargins(space(self, 3), space(self, 4), space(self, 3), space(self, 3))
        self._column.setSpacing(space(self, 1.5))
        self._buttons.setSpacing(space(self))


def _clear(layout: QVBoxLayout) -> None:
    while item := layout.takeAt(0):
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
