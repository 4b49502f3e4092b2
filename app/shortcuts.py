"""Every keyboard shortcut of the window, once; the list that Ctrl+/ shows is made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from app.theme import em
from app.widgets.labels import plain_label


@dataclass(frozen=True)
class Shortcut:
    """`keys` in Qt's portable notation (Ctrl is Command on macOS); `what` for the list."""

    name: str
    keys: tuple[str, ...]
    what: Any  # str; QT_TRANSLATE_NOOP says object


SHORTCUTS = (
    Shortcut("new_chat", ("Ctrl+N", "Ctrl+Shift+O"), QT_TRANSLATE_NOOP("shortcuts", "New chat")),
    Shortcut("search", ("Ctrl+K",), QT_TRANSLATE_NOOP("shortcuts", "Search the chats")),
    Shortcut("find", ("Ctrl+F",), QT_TRANSLATE_NOOP("shortcuts", "Find in this chat")),
    Shortcut("model", ("Ctrl+L",), QT_TRANSLATE_NOOP("shortcuts", "Choose a model")),
    Shortcut("regenerate", ("Ctrl+R",), QT_TRANSLATE_NOOP("shortcuts", "Write the last reply again")),
    Shortcut("stop", ("Esc",), QT_TRANSLATE_NOOP("shortcuts", "Stop the reply, or close the find bar")),
    Shortcut("sidebar", ("Ctrl+B",), QT_TRANSLATE_NOOP("shortcuts", "Show or hide the chats")),
    Shortcut("panel", ("Ctrl+,",), QT_TRANSLATE_NOOP("shortcuts", "Show or hide the side panel")),
    Shortcut("shortcuts", ("Ctrl+/",), QT_TRANSLATE_NOOP("shortcuts", "Show this list")),
)
# Keys of the composer, for the list only.
_TYPING: tuple[tuple[str, Any], ...] = (
    ("Return", QT_TRANSLATE_NOOP("shortcuts", "Send the message")),
    ("Shift+Return", QT_TRANSLATE_NOOP("shortcuts", "Begin a new line")),
)


def install(window: QWidget, actions: dict[str, Callable[[], object]]) -> None:
    """Connect every shortcut to the action of its name. Raises KeyError if one has none."""
    for shortcut in SHORTCUTS:
        for keys in shortcut.keys:
            action = actions[shortcut.name]
            QShortcut(QKeySequence(keys), window).activated.connect(action)


class ShortcutsDialog(QDialog):
    """The list of shortcuts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        form = QFormLayout()
        form.setHorizontalSpacing(em(self, 2))
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        listed = [(keys, what) for keys, what in _TYPING] + [(s.keys[0], s.what) for s in SHORTCUTS]
        for keys, what in listed:
            shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            form.addRow(plain_label(shown, muted=True), plain_label(QCoreApplication.translate("shortcuts", what)))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(em(self))
        layout.setContentsMargins(em(self), em(self), em(self), em(self))
        layout.addLayout(form)
        layout.addWidget(buttons)
