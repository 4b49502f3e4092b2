"""The licences: a list that can be searched, and beside it, or below, the text of the one that is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLineEdit, QListWidget, QPlainTextEdit, QVBoxLayout, QWidget

from app.settings.texts import small_label
from app.theme import em, space
from app.widgets.fitting import follow_font, lay_beside
from app.widgets.labels import plain_label
from engine.licences import Licence

BESIDE_EM = 38  # in narrower windows the text stands below the list
_LIST_EM = 15


class LicencesView(QWidget):
    """Empty until `show_licences`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._licences: Sequence[Licence] = ()
        self._shown: list[Licence] = []
        self.search = QLineEdit(placeholderText=self.tr("Search"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search the licences"))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("What this program is made of"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.says = small_label(self.tr("Reading…"))
        self.name = plain_label(wrap=True)
        self.licence = small_label()
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setAccessibleName(self.tr("The text of the licence"))
        self.text.setTabChangesFocus(True)
        left, right = QVBoxLayout(), QVBoxLayout()
        for widget in (self.search, self.says, self.list):
            left.addWidget(widget)
        for widget in (self.name, self.licence):
            right.addWidget(widget)
        right.addWidget(self.text, 1)
        self._left, self._right = QWidget(), QWidget()
        for place, layout in ((self._left, left), (self._right, right)):
            layout.setContentsMargins(0, 0, 0, 0)
            place.setLayout(layout)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.addWidget(self._left)
        self._both.addWidget(self._right, 1)
        self.search.textChanged.connect(self._narrow)
        self.list.currentRowChanged.connect(self._show)
        follow_font(self, self._fit)
        self._show(-1)

    def show_licences(self, licences: Sequence[Licence]) -> None:
        self._licences = licences
        self._narrow(self.search.text())

    def show_problem(self, text: str) -> None:
        self.says.setText(text)
        self.says.show()

    def _narrow(self, words: str) -> None:
        """Those whose name or licence holds every word."""
        wanted = words.casefold().split()
        self._shown = [row for row in self._licences if all(word in _words(row) for word in wanted)]
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for row in self._shown:
            self.list.addItem(f"{row.name} {row.version}".strip())
            self.list.item(self.list.count() - 1).setToolTip(f"{row.name} {row.version}".strip())
        self.list.setCurrentRow(0 if self._shown else -1)
        self.list.blockSignals(blocked)
        self.says.setText("" if self._shown else self.tr("Nothing found"))
        self.says.setVisible(not self._shown)
        self._show(self.list.currentRow())

    def _show(self, place: int) -> None:
        row = self._shown[place] if 0 <= place < len(self._shown) else None
        self._right.setEnabled(row is not None)
        self.name.setText(f"{row.name} {row.version}".strip() if row else "")
        self.licence.setText(row.licence if row else "")
        self.licence.setVisible(bool(row and row.licence))
        self.text.setPlainText((row.text or self.tr("It carries no text of its licence.")) if row else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        beside = lay_beside(self._both, self, BESIDE_EM)
        self._both.setSpacing(space(self, 1.2))
        for place in (self._left, self._right):
            layout = place.layout()
            assert layout is not None
            layout.setSpacing(space(self, 0.6))
        self.list.setMinimumHeight(em(self, 4))
        self.text.setMinimumHeight(em(self, 6))
        self._left.setMaximumWidth(em(self, _LIST_EM) if beside else 16_777_215)
        self._left.setMinimumWidth(em(self, _LIST_EM) if beside else 0)
        self._both.setStretch(0, 0 if beside else 2)
        self._both.setStretch(1, 1 if beside else 3)


def _words(row: Licence) -> str:
    return f"{row.name} {row.licence}".casefold()
