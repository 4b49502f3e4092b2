"""The page of help: the chapters of the guide, a search through all of them, and the way to report a problem."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.help.chapter_view import ChapterView
from app.help.guide import Chapter, chapter_of
from app.settings.rows import ChoiceBox
from app.settings.texts import Title
from app.theme import em
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label

NARROW_EM = 44  # below it the chapters are chosen in a field above the text


class HelpPage(QWidget):
    """`report_wanted`: the person has a problem to tell of. `link_activated`: an address that is no chapter."""

    report_wanted = Signal()
    link_activated = Signal(str)

    def __init__(self, chapters: Sequence[Chapter], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("helpPage")
        self._chapters = {chapter.id: chapter for chapter in chapters}
        self._shown = list(chapters)  # those that hold what is searched
        self.search = QLineEdit(placeholderText=self.tr("Search the guide"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search the guide"))
        self.report = QPushButton(self.tr("Report a problem…"))
        self.report.setAccessibleName(self.tr("Report a problem"))
        self.list = QListWidget()
        self.list.setObjectName("sections")
        self.list.setAccessibleName(self.tr("Chapters"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setSpacing(em(self, 0.15))
        self.choice = ChoiceBox()
        self.choice.setAccessibleName(self.tr("Chapters"))
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._nothing = plain_label(self.tr("No chapter has these words."), muted=True, wrap=True)
        self.view = ChapterView()
        self.view.setMinimumSize(1, 1)
        self.list.setMinimumHeight(1)
        self._searching = QTimer(self, singleShot=True, interval=120)
        self._build()
        self._fill()
        self._searching.timeout.connect(self._search)
        self.search.textChanged.connect(lambda: self._searching.start())
        self.search.returnPressed.connect(self._find_next)
        self.list.currentRowChanged.connect(self._choose)
        self.choice.activated.connect(self._choose)
        self.report.clicked.connect(self.report_wanted)
        self.view.link_activated.connect(self._follow)
        self.show_chapter(chapters[0].id)

    def show_chapter(self, id: str) -> None:
        """Raises KeyError for a chapter that there is not."""
        chapter = self._chapters[id]
        if chapter not in self._shown:  # a link leads out of what was searched
            self.search.clear()
            self._search()
        if self.view.chapter is not chapter:
            self.view.show_chapter(chapter)
            self.view.mark(self._wanted())
        self._mark_present()

    def _build(self) -> None:
        title = Title(self.tr("Help"))
        title.setProperty("role", "title")
        self.search.setMinimumWidth(em(self, 12))
        self.search.setMaximumWidth(em(self, 30))
        top = FlowLayout(spacing=em(self, 0.8))
        for widget in (title, self.search, self.report):
            top.addWidget(widget)
        body = QHBoxLayout()
        body.setSpacing(em(self))
        body.addWidget(self.list)
        body.addWidget(self.view, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(em(self, 1.2), em(self), em(self, 0.4), 0)
        layout.setSpacing(em(self, 0.7))
        layout.addLayout(top)
        layout.addWidget(self.choice)
        layout.addWidget(self._nothing)
        layout.addLayout(body, 1)
        self._fit()

    def _fill(self) -> None:
        for widget in (self.list, self.choice):
            blocked = widget.blockSignals(True)
            widget.clear()
            widget.addItems([chapter.title for chapter in self._shown])
            widget.blockSignals(blocked)
        self._nothing.setVisible(not self._shown)
        self._fit()

    def _mark_present(self) -> None:
        """Keep list and field in step with the chapter that is read."""
        present = self._shown.index(self.view.chapter) if self.view.chapter in self._shown else -1
        blocked = self.list.blockSignals(True)
        self.list.setCurrentRow(present)
        self.list.blockSignals(blocked)
        self.choice.setCurrentIndex(present)

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._shown):
            self.show_chapter(self._shown[row].id)

    def _follow(self, address: str) -> None:
        if (chapter := chapter_of(address)) in self._chapters:
            self.show_chapter(chapter)
            self.view.setFocus()
        else:
            self.link_activated.emit(address)

    # --- searching ---------------------------------------------------------------------------------------------------

    def _wanted(self) -> list[str]:
        return self.search.text().lower().split()

    def _search(self) -> None:
        """Show the chapters with all of the words, and the first of these where the one that is read has them not."""
        self._searching.stop()
        wanted = self._wanted()
        self._shown = [chapter for chapter in self._chapters.values() if chapter.holds(wanted)]
        self._fill()
        if self._shown and self.view.chapter not in self._shown:
            self.view.show_chapter(self._shown[0])
        self.view.mark(wanted)
        self._mark_present()

    def _find_next(self) -> None:
        """Go on to the next place, at the end of a chapter in the next one that has any."""
        if self._searching.isActive():
            self._search()
        elif self._wanted() and self._shown and self.view.chapter is not None and not self.view.mark_next():
            place = self._shown.index(self.view.chapter)
            following = self._shown[(place + 1) % len(self._shown)]
            self.view.show_chapter(following)
            self.view.mark(self._wanted())
            self._mark_present()

    # --- sizes -------------------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        narrow = self.width() < em(self, NARROW_EM)
        self.list.setVisible(not narrow)
        self.choice.setVisible(narrow)
        widest = max(self.list.fontMetrics().horizontalAdvance(each.title) for each in self._chapters.values())
        self.list.setFixedWidth(widest + em(self, 1.8))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "view"):
            self._fit()
