"""A server or an API as a card: what it is, how far what is written goes, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.library.texts import joined
from app.providers import texts
from app.providers.reach_badge import ReachBadge
from app.settings.texts import Title, breakable, small_label
from app.theme import space
from app.widgets.buttons import IconButton
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.hint import Hint
from engine.events import Server

# What is wrong with the key rather than with the server, by the error's code.
KEY_ERRORS = (
    "provider_key_missing",
    "provider_key_wrong",
    "provider_forbidden",
    "key_variable_empty",
    "keyring_failed",
    "keyring_none",
    "keyring_silent",
)


class ServerCard(QFrame):
    """One that is connected; all signals carry its `Server`."""

    models_requested = Signal(object)
    refresh_requested = Signal(object)
    key_requested = Signal(object)
    unlock_requested = Signal(object)
    disconnect_requested = Signal(object)

    def __init__(self, server: Server, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.server = server
        self._name, self._about, self._state = Title(""), small_label(), small_label()
        self._name.setProperty("role", "heading")
        self.badge = ReachBadge()
        self.problem = Hint("triangle-alert")
        self.enter_key = self.problem.add_button(self.tr("Enter the key…"))
        self.unlock = self.problem.add_button(self.tr("Unlock the keys…"))
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 0)
        self.models = QPushButton(self.tr("Its models"))
        self.refresh = QPushButton(self.tr("Look again"))
        self.more = IconButton("ellipsis", self.tr("More"))
        self._build()
        self.models.clicked.connect(lambda: self.models_requested.emit(self.server))
        self.refresh.clicked.connect(lambda: self.refresh_requested.emit(self.server))
        self.enter_key.clicked.connect(lambda: self.key_requested.emit(self.server))
        self.unlock.clicked.connect(lambda: self.unlock_requested.emit(self.server))
        self.more.clicked.connect(lambda: self.menu().popup(self.more.mapToGlobal(QPoint(0, self.more.height()))))
        follow_font(self, self._fit)
        self.show_server(server)
        self.show_busy(False)

    def show_server(self, server: Server) -> None:
        self.server = server
        details, count = server.details, len(server.details.get("models") or ())
        self._name.setText(server.name)
        self.badge.show_reach(str(details.get("reach") or "internet"))
        self._about.setText(breakable(joined((texts.kind_name(server.kind), server.address))))
        parts = (texts.model_count(count), texts.looked(details.get("looked")))
        self._state.setText(joined((*parts, texts.key_place(str(details.get("key_place") or "")))))
        self.problem.show_text(server.problem or "")
        code = str((details.get("error") or {}).get("code") or "")
        self.enter_key.setVisible(code in KEY_ERRORS)
        self.unlock.setVisible(code == "vault_closed")
        self.models.setVisible(count > 0)
        for button, action in ((self.models, self.models.text()), (self.refresh, self.refresh.text())):
            button.setAccessibleName(f"{action}: {server.name}")
        self.more.setAccessibleName(f"{self.more.toolTip()}: {server.name}")
        self._bar.setAccessibleName(self.tr("Asking {name}").format(name=server.name))

    def show_busy(self, busy: bool) -> None:
        """Whether it is being asked."""
        self._bar.setVisible(busy)
        self.refresh.setEnabled(not busy)

    def menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Change the key…")).triggered.connect(lambda: self.key_requested.emit(self.server))
        menu.addSeparator()
        menu.addAction(self.tr("Disconnect…")).triggered.connect(lambda: self.disconnect_requested.emit(self.server))
        return menu

    def _build(self) -> None:
        self._top = QHBoxLayout()
        self._top.addWidget(self._name, 1)
        self._top.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignVCenter)
        self._buttons = FlowLayout()
        for button in (self.models, self.refresh, self.more):
            self._buttons.addWidget(button)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._top)
        for widget in (self._about, self._state, self._bar, self.problem):
            self._column.addWidget(widget)
        self._column.addLayout(self._buttons)

    def _fit(self) -> None:
        self._column.setContentsMargins(space(self, 2), space(self, 1.5), space(self, 2), space(self, 1.5))
        self._column.setSpacing(space(self, 0.6))
        self._top.setSpacing(space(self))
        self._buttons.setSpacing(space(self))


class FoundCard(QFrame):
    """One that was found on this computer and is not connected: `connect_requested(Server)`."""

    connect_requested = Signal(object)

    def __init__(self, server: Server, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.server = server
        name = Title(texts.kind_name(server.kind))
        name.setProperty("role", "heading")
        about = small_label(breakable(joined((server.address, self._said(server)))))
        self.connect_button = QPushButton(self.tr("Connect"))
        self.connect_button.setAccessibleName(f"{self.connect_button.text()}: {server.address}")
        self.connect_button.clicked.connect(lambda: self.connect_requested.emit(server))
        self._words = QVBoxLayout()
        self._words.addWidget(name)
        self._words.addWidget(about)
        self._line = QHBoxLayout(self)
        self._line.addLayout(self._words, 1)
        self._line.addWidget(self.connect_button, 0, Qt.AlignmentFlag.AlignVCenter)
        follow_font(self, self._fit)

    def _said(self, server: Server) -> str:
        if server.problem:
            return server.problem
        return self.tr("wants a key") if server.details.get("needs_key") else ""

    def _fit(self) -> None:
        self._line.setContentsMargins(space(self, 2), space(self, 1.5), space(self, 2), space(self, 1.5))
        self._line.setSpacing(space(self, 2))
        self._words.setSpacing(space(self, 0.3))
