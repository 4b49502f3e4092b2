"""Servers and APIs: those that are connected, those that were found on this computer, and ways to further ones."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.providers import texts
from app.providers.server_card import FoundCard, ServerCard
from app.settings.texts import small_label
from app.theme import em, set_text_role, space
from app.widgets.buttons import asking_button
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.hint import Hint
from app.widgets.labels import plain_label
from app.widgets.notice_bar import NoticeBar
from app.widgets.scroll import Scroll
from engine.events import Server

COLUMN_EM = 46  # cards are no wider


class ServersView(QWidget):
    """`connect_requested(kind)`: a service of `texts.SERVICES`, or empty. The signals of cards carry a `Server`."""

    shown = Signal()
    connect_requested = Signal(str)
    found_chosen = Signal(object)
    scan_requested = Signal()
    refresh_requested = Signal()
    prices_requested = Signal()
    switch_requested = Signal()
    models_requested = Signal(object)
    server_refresh_requested = Signal(object)
    key_requested = Signal(object)
    unlock_requested = Signal(object)
    disconnect_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards = dict[str, ServerCard]()
        self.found = list[FoundCard]()
        self.notice = NoticeBar()
        self.connect_button = asking_button(self.tr("Connect…"))
        self.connect_button.setDefault(True)
        self.scan = QPushButton(self.tr("Look for servers on this computer"))
        self.services = {
            kind: asking_button(self.tr("{service}…").format(service=texts.kind_name(kind))) for kind in texts.SERVICES
        }
        self.refresh = QPushButton(self.tr("Look again"))
        self.refresh.setAccessibleName(self.tr("Look at all of them again"))
        self.prices = asking_button(self.tr("Prices…"))
        self._words = small_label(
            self.tr("Servers and APIs answer with models of their own. None is asked before you connect it.")
        )
        self.stays = Hint("lock")
        self.switch = self.stays.add_button(self.tr("Show the switch"))
        self._found_heading, self._nothing_found = plain_label(self.tr("Found on this computer")), small_label()
        self._heading = plain_label(self.tr("Connected"))
        self._nothing = small_label(self.tr("Nothing is connected yet."))
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Looking for servers"))
        self._bar.setRange(0, 0)
        self._build()
        self._connect()
        follow_font(self, self._fit)
        self.show_scanning(False)
        self.keep(())

    # --- what is connected --------------------------------------------------------------------------------------------

    def take(self, server: Server) -> None:
        """One that is connected, or news of it."""
        card = self._cards.get(server.name)
        if card is None:
            card = self._cards[server.name] = ServerCard(server)
            card.models_requested.connect(self.models_requested)
            card.refresh_requested.connect(self.server_refresh_requested)
            card.key_requested.connect(self.key_requested)
            card.unlock_requested.connect(self.unlock_requested)
            card.disconnect_requested.connect(self.disconnect_requested)
            self._connected.addWidget(card)
        else:
            card.show_server(server)
        self._show_headings()

    def keep(self, names: Iterable[str]) -> None:
        """Only these are connected."""
        for name in set(self._cards) - set(names):
            _put_away(self._connected, self._cards.pop(name))
        self._show_headings()

    @property
    def servers(self) -> list[Server]:
        return [card.server for card in self._cards.values()]

    def card(self, name: str) -> ServerCard:
        """Raises KeyError where it is not connected."""
        return self._cards[name]

    def show_busy(self, names: Iterable[str], busy: bool) -> None:
        """Whether these are being asked."""
        for name in names:
            if name in self._cards:
                self._cards[name].show_busy(busy)

    def show_stays(self, text: str) -> None:
        """Why those beyond this machine are not asked; empty: they are."""
        self.stays.show_text(text)

    # --- what was found -----------------------------------------------------------------------------------------------

    def show_scanning(self, scanning: bool) -> None:
        self._bar.setVisible(scanning)
        self.scan.setEnabled(not scanning)
        if scanning:
            self.show_found((), "")

    def show_found(self, servers: Iterable[Server], otherwise: str) -> None:
        """In the place of what was found before; otherwise: what is said where there are none."""
        for card in self.found:
            _put_away(self._found_column, card)
        self.found = [FoundCard(server) for server in servers]
        for card in self.found:
            card.connect_requested.connect(self.found_chosen)
            self._found_column.addWidget(card)
        self._nothing_found.setText(otherwise)
        self._nothing_found.setVisible(bool(otherwise) and not self.found)
        self._show_headings()

    # --- how it looks -------------------------------------------------------------------------------------------------

    def _show_headings(self) -> None:
        self._found_heading.setVisible(bool(self.found))
        self._heading.setVisible(bool(self._cards))
        self._nothing.setVisible(not self._cards)
        self.refresh.setVisible(bool(self._cards))
        self.prices.setVisible(bool(self._cards))

    def _build(self) -> None:
        for heading in (self._heading, self._found_heading):
            set_text_role(heading, "heading")
        self._tools = FlowLayout()
        for tool in (self.connect_button, *self.services.values(), self.scan, self.refresh, self.prices):
            self._tools.addWidget(tool)
        self._found_column, self._connected = QVBoxLayout(), QVBoxLayout()
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        self._column.addLayout(self._tools)
        for above in (self._words, self.stays, self._bar, self._found_heading, self._nothing_found):
            self._column.addWidget(above)
        self._column.addLayout(self._found_column)
        self._column.addWidget(self._heading)
        self._column.addWidget(self._nothing)
        self._column.addLayout(self._connected)
        self._column.addStretch(1)
        self._notices = QVBoxLayout()
        self._notices.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._notices)
        layout.addWidget(Scroll(self._content), 1)

    def _connect(self) -> None:
        self.connect_button.clicked.connect(lambda: self.connect_requested.emit(""))
        for kind, button in self.services.items():
            button.clicked.connect(lambda _, kind=kind: self.connect_requested.emit(kind))
        self.scan.clicked.connect(self.scan_requested)
        self.refresh.clicked.connect(self.refresh_requested)
        self.prices.clicked.connect(self.prices_requested)
        self.switch.clicked.connect(self.switch_requested)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()

    def _fit(self) -> None:
        self._content.setMaximumWidth(em(self, COLUMN_EM))
        self._column.setContentsMargins(space(self, 2), 0, space(self, 2), space(self, 2))
        self._column.setSpacing(space(self, 1.5))
        for inner in (self._found_column, self._connected):
            inner.setSpacing(space(self))
        self._tools.setSpacing(space(self))
        self._notices.setContentsMargins(space(self, 2), 0, space(self, 2), 0)


def _put_away(column: QVBoxLayout, card: QWidget) -> None:
    column.removeWidget(card)
    card.hide()
    card.deleteLater()
