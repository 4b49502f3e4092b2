"""About Seedling, in two views: what it is, and the licences of what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.about.licences_view import LicencesView
from app.about.updates import Updates
from app.about.updates_panel import UpdatesPanel
from app.settings.storage import PlaceRow
from app.settings.texts import small_label
from app.theme import em, space
from app.widgets.choices import Segments
from app.widgets.drawing import Drawing
from app.widgets.fact import Fact, FactGrid
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll
from engine.about import Part

_WIDTH_EM, _HEIGHT_EM = 46, 40


class AboutDialog(QDialog):
    """`licences_wanted`: they are looked at for the first time."""

    licences_wanted = Signal()

    def __init__(
        self,
        version: str,
        parts: Sequence[Part],
        folders: Mapping[str, Path],
        updates: Updates,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Seedling"))
        self.views = Segments(
            [("seedling", self.tr("Seedling"), ""), ("licences", self.tr("Licences"), "")], wide=False
        )
        self.updates = UpdatesPanel(updates)
        self.licences = LicencesView()
        self.processor = Fact(self.tr("llama.cpp here"))
        self._overview = self._made_overview(version, parts, folders)
        self._stack = QStackedWidget()
        for view in (self._overview, self.licences):
            self._stack.addWidget(Scroll(view))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.views)
        self._column.addWidget(self._stack, 1)
        self._column.addWidget(buttons)
        self._asked = False
        for id in self.views.ids:
            self.views.button(id).setAutoDefault(False)  # it would look like the one that Return presses
        self.views.choose("seedling")
        self.views.chosen.connect(self.show_view)
        self.setMinimumSize(1, 1)
        follow_font(self, self._fit)
        room = self.screen().availableGeometry().size() if parent is None else parent.window().size()
        self.resize(QSize(em(self, _WIDTH_EM), em(self, _HEIGHT_EM)).boundedTo(room))

    def show_view(self, id: str) -> None:
        self.views.choose(id)
        self._stack.setCurrentIndex(self.views.ids.index(id))
        if id == "licences" and not self._asked:
            self._asked = True
            self.licences_wanted.emit()

    def show_processor(self, text: str) -> None:
        """What llama.cpp is and uses on this computer; told once it is known."""
        self.processor.show_text(text)
        self.processor.setVisible(bool(text))

    def _made_overview(self, version: str, parts: Sequence[Part], folders: Mapping[str, Path]) -> QWidget:
        overview = QWidget()
        self._name = plain_label(f"Seedling {version}".strip())
        self._name.setProperty("role", "title")
        sign = Drawing("seedling", QPalette.ColorRole.Highlight, 2.2)
        head = QHBoxLayout()
        head.addWidget(sign)
        head.addWidget(self._name, 1)
        about = plain_label(
            self.tr(
                "Chat with a language model, grow one, finetune it, look inside it, ship it: on your own computer."
            ),
            wrap=True,
        )
        licence = small_label(self.tr("Apache License 2.0. The licences of all it is made of stand under Licences."))
        facts = []
        for part in parts:
            fact = Fact(part.name)
            fact.show_text(part.version)
            facts.append(fact)
        self._facts = FactGrid(facts)
        made_of, places = (plain_label(text) for text in (self.tr("Made of"), self.tr("Folders")))
        for heading in (made_of, places):
            heading.setProperty("role", "heading")
        self.places = [self._place(id, path) for id, path in folders.items()]
        self._rows = QVBoxLayout(overview)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.addLayout(head)
        for widget in (about, licence, self.updates, made_of, self._facts, self.processor, places, *self.places):
            self._rows.addWidget(widget)
        self._rows.addStretch(1)
        self.show_processor("")
        return overview

    def _place(self, id: str, path: Path) -> PlaceRow:
        texts = {
            "program": (self.tr("The program"), self.tr("What was installed.")),
            "home": (
                self.tr("What is yours"),
                self.tr("Chats, models, runs and settings, where you moved none of them."),
            ),
            "logs": (self.tr("Logs"), self.tr("Without a word of what you or a model wrote.")),
        }
        row = PlaceRow(*texts[id])
        row.amount.hide()
        row.open_button.setAutoDefault(False)
        row.show_place(path)
        return row

    def _fit(self) -> None:
        self._column.setSpacing(space(self, 1))
        self._column.setContentsMargins(*(4 * [em(self)]))
        self._rows.setSpacing(space(self, 1))
