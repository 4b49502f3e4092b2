"""Every key of the window in a list: to be changed, added to, switched off, and set back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QKeySequenceEdit, QPushButton, QVBoxLayout, QWidget

from app.settings.rows import Row
from app.settings.texts import Title, small_label
from app.theme import em
from app.widgets.labels import plain_label

_BETWEEN = ", "


class Action(Protocol):
    """What can be done by a key. `keys` are the usual ones, in Qt's portable notation; `title` is translated."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def keys(self) -> tuple[str, ...]: ...
    @property
    def section(self) -> str: ...


def keys_of(action: Action, changes: Mapping[str, str]) -> tuple[str, ...]:
    """The keys in force: those of the changes, where they name the action; none where it is switched off."""
    changed = changes.get(action.id)
    if changed is None:
        return action.keys
    return tuple(key for key in changed.split(_BETWEEN) if key)


class ShortcutsSection(QWidget):
    """`changed` carries the whole mapping of changes: action id -> its keys, joined by ", ", empty for none."""

    changed = Signal(object)

    def __init__(self, actions: Sequence[Action], changes: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._actions, self._changes = actions, dict(changes or {})
        self._reset_all = QPushButton(self.tr("Reset all"))
        self._reset_all.setAccessibleName(self.tr("Reset all shortcuts"))
        head = Row(
            self.tr("Keyboard shortcuts"),
            self.tr("Each can have other keys, several, or none. A key that is taken names its owner."),
        )
        head.line.addWidget(self._reset_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        self.rows: list[Row] = [head]
        self.action_rows: dict[str, ActionRow] = {}
        for action in actions:
            row = ActionRow(action)
            row.words += f" {head.words} {action.section}"
            row.keys_wanted.connect(self._assign)
            row.reset_wanted.connect(self._reset)
            row.change_wanted.connect(self._ask)
            self.action_rows[action.id] = row
            self.rows.append(row)
            column.addWidget(row)
        self._reset_all.clicked.connect(lambda: self._change({}))
        self.show_changes(self._changes)

    def show_changes(self, changes: Mapping[str, str]) -> None:
        self._changes = dict(changes)
        for action in self._actions:
            self.action_rows[action.id].show_keys(keys_of(action, changes), action.id in changes)
        self._reset_all.setVisible(bool(changes))

    def owner_of(self, key: str, but: str) -> Action | None:
        """Who has this key already, besides the action `but`."""
        taken = (action for action in self._actions if key in keys_of(action, self._changes))
        return next((action for action in taken if action.id != but), None)

    def _ask(self, id: str) -> None:
        action = next(action for action in self._actions if action.id == id)
        dialog = KeyDialog(action, self)
        dialog.chosen.connect(lambda key, besides: self._take(action, key, besides))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take(self, action: Action, key: str, besides: bool) -> None:
        """Give the action a key, alone or besides those it has; whoever had it loses it."""
        changes = dict(self._changes)
        if (owner := self.owner_of(key, but=action.id)) is not None:
            changes[owner.id] = _BETWEEN.join(other for other in keys_of(owner, changes) if other != key)
        present = keys_of(action, changes) if besides else ()
        changes[action.id] = _BETWEEN.join(dict.fromkeys((*present, key)))
        self._change(changes)

    def _assign(self, id: str, keys: str) -> None:
        self._change(self._changes | {id: keys})

    def _reset(self, id: str) -> None:
        """The usual keys again; whoever took one of them meanwhile loses it."""
        action = next(action for action in self._actions if action.id == id)
        changes = {other: keys for other, keys in self._changes.items() if other != id}
        for key in action.keys:
            if (owner := self.owner_of(key, but=id)) is not None:
                changes[owner.id] = _BETWEEN.join(k for k in keys_of(owner, changes) if k != key)
        self._change(changes)

    def _change(self, changes: dict[str, str]) -> None:
        usual = {action.id: _BETWEEN.join(action.keys) for action in self._actions}
        self.show_changes({id: keys for id, keys in changes.items() if keys != usual.get(id)})
        self.changed.emit(dict(self._changes))


class ActionRow(Row):
    """One action with its keys."""

    keys_wanted = Signal(str, str)
    reset_wanted = Signal(str)
    change_wanted = Signal(str)

    def __init__(self, action: Action) -> None:
        super().__init__(action.title, "")
        self.sentence.hide()
        self.keys = plain_label()
        self.line.addWidget(self.keys)
        change = QPushButton(self.tr("Change…"))
        self._off = QPushButton(self.tr("Switch off"))
        self._reset = QPushButton(self.tr("Reset"))
        self._reset.setObjectName("reset")
        for button in (change, self._off, self._reset):
            button.setAccessibleName(f"{button.text()}: {action.title}")
            self.line.addWidget(button)
        self.change_button, self.off_button, self.reset_button = change, self._off, self._reset
        change.clicked.connect(lambda: self.change_wanted.emit(action.id))
        self._off.clicked.connect(lambda: self.keys_wanted.emit(action.id, ""))
        self._reset.clicked.connect(lambda: self.reset_wanted.emit(action.id))

    def show_keys(self, keys: tuple[str, ...], changed: bool) -> None:
        self.keys.setText(_BETWEEN.join(map(native, keys)) if keys else self.tr("off"))
        self._off.setVisible(bool(keys))
        self._reset.setVisible(changed)


class KeyDialog(QDialog):
    """Takes one key with its modifiers. `chosen` carries it, and whether it comes besides the present ones."""

    chosen = Signal(str, bool)

    def __init__(self, action: Action, section: ShortcutsSection) -> None:
        super().__init__(section)
        self._action, self._section = action, section
        self.setWindowTitle(self.tr("Keys for: {action}").format(action=action.title))
        label = Title(self.tr("Press the new keys"))
        self.field = QKeySequenceEdit()
        self.field.setMaximumSequenceLength(1)
        self.field.setAccessibleName(self.tr("New keys for: {action}").format(action=action.title))
        self.note = small_label(" ")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.replace_button = buttons.addButton(self.tr("Use"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.add_button = buttons.addButton(self.tr("Use as well"), QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setSpacing(em(self, 0.6))
        layout.setContentsMargins(em(self), em(self), em(self), em(self))
        for widget in (label, self.field, self.note, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(em(self, 20))
        self.replace_button.clicked.connect(lambda: self._choose(False))
        self.add_button.clicked.connect(lambda: self._choose(True))
        buttons.rejected.connect(self.reject)
        self.field.keySequenceChanged.connect(self._look)
        self._look()

    def _key(self) -> str:
        return self.field.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def _look(self) -> None:
        key = self._key()
        owner = self._section.owner_of(key, but=self._action.id) if key else None
        if key and not is_safe(key):
            self.note.setText(self.tr("This key alone is for writing. Press it with Ctrl or Alt."))
        elif owner is not None:
            text = self.tr("{key} belongs to “{action}” now, which would lose it.")
            self.note.setText(text.format(key=native(key), action=owner.title))
        else:
            self.note.setText(" ")
        for button in (self.replace_button, self.add_button):
            button.setEnabled(bool(key) and is_safe(key))

    def _choose(self, besides: bool) -> None:
        self.chosen.emit(self._key(), besides)
        self.accept()


def native(key: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def is_safe(key: str) -> bool:
    """Whether a key does not write or move: it has Ctrl, Alt or Meta, or is a function key or Esc."""
    *modifiers, last = QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText).split("+")
    return bool({"Ctrl", "Alt", "Meta"} & set(modifiers)) or last == "Esc" or bool(re.fullmatch(r"F\d+", last))
