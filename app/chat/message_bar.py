"""The bar of actions that appears at the foot of the message the mouse or the keyboard is at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from app.chat.shown_message import ShownMessage
from app.theme import em
from app.widgets.buttons import IconButton
from app.widgets.labels import plain_label

_ICONS = {
    "copy": "copy",
    "edit": "pencil",
    "regenerate": "refresh-cw",
    "continue": "step-forward",
    "delete": "trash-2",
    "previous": "chevron-left",
    "next": "chevron-right",
}


def action_words(action: str) -> str:
    translate = QCoreApplication.translate
    return {
        "copy": translate("actions of a message", "Copy message"),
        "copy_thought": translate("actions of a message", "Copy what it thought"),
        "edit": translate("actions of a message", "Edit message"),
        "regenerate": translate("actions of a message", "Write the reply again"),
        "continue": translate("actions of a message", "Continue the reply"),
        "delete": translate("actions of a message", "Delete message"),
        "previous": translate("actions of a message", "Previous version"),
        "next": translate("actions of a message", "Next version"),
    }[action]


def is_possible(action: str, message: ShownMessage) -> bool:
    """Whether there is a version in that direction; other actions are offered only where they are possible."""
    number, count = message.version
    return {"previous": number > 1, "next": number < count}.get(action, True)


def add_actions(menu: QMenu, message: ShownMessage, offered: Sequence[str], act: Callable[[str], None]) -> None:
    """All that is offered, in a menu; `act` is called with the name of the one chosen."""
    for name in offered:
        action = menu.addAction(action_words(name))
        action.setEnabled(is_possible(name, message))
        action.triggered.connect(lambda _, name=name: act(name))


class MessageBar(QFrame):
    """One for all messages. Emits `chosen` with the name of the action."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setAccessibleName(self.tr("Actions for this message"))
        self._buttons: dict[str, IconButton] = {}
        self._version = plain_label(muted=True)
        self._figures = plain_label(muted=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 1, 2, 1)
        layout.setSpacing(0)
        for action, drawing in _ICONS.items():
            button = self._buttons[action] = IconButton(drawing, action_words(action), parent=self)
            button.clicked.connect(lambda _, action=action: self.chosen.emit(action))
            button.installEventFilter(self)
            if action == "next":
                layout.addWidget(self._version)
            layout.addWidget(button)
        layout.addWidget(self._figures)
        self.hide()

    def describe(self, message: ShownMessage, offered: Sequence[str], figures: str) -> None:
        """Offer what can be done with this message, as far as it has a button; `figures` are said beside."""
        held = self.focused()
        for action, button in self._buttons.items():
            button.setVisible(action in offered)
            button.setEnabled(is_possible(action, message))
        self._version.setVisible("next" in offered)
        self._version.setText("{}/{}".format(*message.version))
        self._version.setAccessibleName(self.tr("Version {} of {}").format(*message.version))
        self._figures.setText(figures)
        self._figures.setVisible(bool(figures))
        self.setToolTip(figures)
        self._figures.setContentsMargins(em(self, 0.3), 0, em(self, 0.3), 0)
        self.adjustSize()
        if held and not self.focused():
            self.take_focus()  # the button that had it cannot be pressed any more

    def focused(self) -> str:
        """The action whose button has the keyboard; nothing where none has."""
        return next((action for action, button in self._buttons.items() if button.hasFocus()), "")

    def narrow(self) -> None:
        """Where there is no room for the figures, the mouse has to stay to read them."""
        self._figures.hide()
        self.adjustSize()

    def take_focus(self, action: str = "copy") -> None:
        """Give the keyboard to this action, or to the first where it is not possible."""
        button = self._buttons[action]
        possible = button.isVisible() and button.isEnabled()
        (button if possible else self._buttons["copy"]).setFocus(Qt.FocusReason.TabFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows go from button to button, and no further."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress or event.modifiers():
            return False
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if step:
            reachable = [button for button in self._buttons.values() if button.isVisible() and button.isEnabled()]
            place = next(place for place, button in enumerate(reachable) if button is watched)
            reachable[(place + step) % len(reachable)].setFocus(Qt.FocusReason.TabFocusReason)
        return bool(step)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), em(self, 0.4), em(self, 0.4))
