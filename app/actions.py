"""Everything the window can be told to do, by key or from the palette: one table, and who answers to each entry."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.keys import TextWithKeys as TextWithKeys
from app.keys import native as native

log = logging.getLogger(__name__)

Handler = Callable[[], object]

# Texts of the table are sources for translation; QT_TRANSLATE_NOOP says object.
CHATS: Any = QT_TRANSLATE_NOOP("actions", "Chats")
MESSAGES: Any = QT_TRANSLATE_NOOP("actions", "Messages")
TRAINING: Any = QT_TRANSLATE_NOOP("actions", "Training")
WINDOW: Any = QT_TRANSLATE_NOOP("actions", "Window")
PAGES: Any = QT_TRANSLATE_NOOP("actions", "Pages")


@dataclass(frozen=True)
class Action:
    """One thing to do. `keys` in Qt's portable notation (Ctrl is Command on macOS), each a key of one stroke."""

    id: str
    title: Any  # str
    keys: tuple[str, ...]
    section: Any  # str


ACTIONS: Mapping[str, Action] = {
    action.id: action
    for action in (
        Action("new_chat", QT_TRANSLATE_NOOP("actions", "New chat"), ("Ctrl+N", "Ctrl+Shift+O"), CHATS),
        Action("search_chats", QT_TRANSLATE_NOOP("actions", "Search the chats"), ("Ctrl+Shift+F",), CHATS),
        Action("next_chat", QT_TRANSLATE_NOOP("actions", "Next chat"), ("Ctrl+Tab", "Ctrl+PgDown"), CHATS),
        Action("previous_chat", QT_TRANSLATE_NOOP("actions", "Previous chat"), ("Ctrl+Shift+Tab", "Ctrl+PgUp"), CHATS),
        Action("rename_chat", QT_TRANSLATE_NOOP("actions", "Rename this chat"), ("F2",), CHATS),
        Action("delete_chat", QT_TRANSLATE_NOOP("actions", "Delete this chat…"), ("Ctrl+Shift+D",), CHATS),
        Action("model", QT_TRANSLATE_NOOP("actions", "Choose a model"), ("Ctrl+L",), CHATS),
        Action("find", QT_TRANSLATE_NOOP("actions", "Find in this chat"), ("Ctrl+F",), MESSAGES),
        Action("find_next", QT_TRANSLATE_NOOP("actions", "Find next"), ("F3",), MESSAGES),
        Action("find_previous", QT_TRANSLATE_NOOP("actions", "Find previous"), ("Shift+F3",), MESSAGES),
        Action("focus_composer", QT_TRANSLATE_NOOP("actions", "Write a message"), ("Ctrl+Shift+M",), MESSAGES),
        Action("stop", QT_TRANSLATE_NOOP("actions", "Stop the reply, or close the find bar"), ("Esc",), MESSAGES),
        Action("regenerate", QT_TRANSLATE_NOOP("actions", "Write the last reply again"), ("Ctrl+R",), MESSAGES),
        Action("continue", QT_TRANSLATE_NOOP("actions", "Continue the last reply"), ("Ctrl+Shift+Return",), MESSAGES),
        Action("edit_last", QT_TRANSLATE_NOOP("actions", "Edit your last message"), ("Ctrl+Shift+E",), MESSAGES),
        Action("copy_last", QT_TRANSLATE_NOOP("actions", "Copy the last reply"), ("Ctrl+Shift+C",), MESSAGES),
        Action("copy_code", QT_TRANSLATE_NOOP("actions", "Copy the last block of code"), ("Ctrl+Shift+;",), MESSAGES),
        Action("open_data", QT_TRANSLATE_NOOP("actions", "Train on a file…"), ("Ctrl+O",), TRAINING),
        Action("palette", QT_TRANSLATE_NOOP("actions", "Find anything to do"), ("Ctrl+K", "Ctrl+Shift+P"), WINDOW),
        Action("sidebar", QT_TRANSLATE_NOOP("actions", "Show or hide the chats"), ("Ctrl+B",), WINDOW),
        Action("panel", QT_TRANSLATE_NOOP("actions", "Show or hide the side panel"), ("Ctrl+.",), WINDOW),
        Action("theme", QT_TRANSLATE_NOOP("actions", "Next theme"), ("Ctrl+Shift+L",), WINDOW),
        Action("zoom_in", QT_TRANSLATE_NOOP("actions", "Larger text"), ("Ctrl++", "Ctrl+="), WINDOW),
        Action("zoom_out", QT_TRANSLATE_NOOP("actions", "Smaller text"), ("Ctrl+-",), WINDOW),
        Action("zoom_reset", QT_TRANSLATE_NOOP("actions", "Text in its usual size"), ("Ctrl+0",), WINDOW),
        Action("first_steps", QT_TRANSLATE_NOOP("actions", "First steps"), (), WINDOW),
        Action("shortcuts", QT_TRANSLATE_NOOP("actions", "Keyboard shortcuts"), ("Ctrl+/",), WINDOW),
        Action("help", QT_TRANSLATE_NOOP("actions", "Help"), ("F1",), WINDOW),
        Action("report", QT_TRANSLATE_NOOP("actions", "Report a problem…"), (), WINDOW),
        Action("about", QT_TRANSLATE_NOOP("actions", "About Seedling"), (), WINDOW),
        Action("quit", QT_TRANSLATE_NOOP("actions", "Quit"), ("Ctrl+Q",), WINDOW),
        Action("settings", QT_TRANSLATE_NOOP("actions", "Settings"), ("Ctrl+,",), PAGES),
        *(
            Action(f"page_{n}", QT_TRANSLATE_NOOP("actions", "Show a page"), (f"Ctrl+{n}",), PAGES)
            for n in range(1, 10)
        ),
    )
}

_COMMA = re.compile(r"(?<![^+]\+),\s*")  # between two keys; after a "+" that is no key itself, it is the key
_ALONE = {Qt.Key.Key_Escape, *(Qt.Key(Qt.Key.Key_F1 + n) for n in range(35))}  # these do without Ctrl or Alt


class Actions(QObject):
    """Which handler and which keys each action has now. Only what is bound exists for the person."""

    changed = Signal()

    def __init__(self, shortcuts: Mapping[str, str], parent: QObject | None = None) -> None:
        """`shortcuts`: the person's own keys, as `set_keys` takes them."""
        super().__init__(parent)
        self._handlers: dict[str, Handler] = {}
        self._titles: dict[str, str] = {}  # in place of the table's
        self._window: QWidget | None = None
        self._shortcuts: list[QShortcut] = []
        self.problems: list[str] = []  # what of the person's keys could not be taken, a sentence each
        self._keys = self._agreed(shortcuts)

    # --- what there is ------------------------------------------------------------------------------------------------

    def bind(self, id: str, handler: Handler, title: str = "") -> None:
        """Have `handler` do the action; `title` in place of the table's. Raises KeyError for one not in the table."""
        self._handlers[ACTIONS[id].id] = handler
        if title:
            self._titles[id] = title
        self._renew()

    def install(self, window: QWidget) -> None:
        """Listen for the keys in this window."""
        self._window = window
        self._renew()

    def bound(self) -> list[Action]:
        """What can be done now, as in the table (`keys` are the usual ones), in the person's language."""
        return [
            replace(
                action,
                title=self._title(id),
                section=QCoreApplication.translate("actions", action.section),
            )
            for id, action in ACTIONS.items()
            if id in self._handlers
        ]

    def run(self, id: str) -> None:
        self._handlers[id]()

    # --- keys ---------------------------------------------------------------------------------------------------------

    def keys(self, id: str) -> tuple[str, ...]:
        """The present ones."""
        return self._keys[id]

    def set_keys(self, shortcuts: Mapping[str, str]) -> None:
        """The person's own keys: id -> "Ctrl+N, Ctrl+Shift+O", empty for none; the others have their defaults.

        What cannot be taken keeps its default and is named in `problems`.
        """
        self._keys = self._agreed(shortcuts)
        self._renew()
        self.changed.emit()

    def conflicts(self, shortcuts: Mapping[str, str]) -> dict[str, list[str]]:
        """Keys that more than one action would have -> the ids of those actions."""
        return _claimed_twice({id: _parsed(shortcuts[id]) or () for id in shortcuts if id in ACTIONS})

    def text_with_keys(self, title: str, id: str) -> str:
        """`New chat (Ctrl+N)`, for a tooltip; only the title where the action has no keys."""
        keys = self._keys[id]
        return f"{title} ({native(keys[0])})" if keys else title

    def _agreed(self, shortcuts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """The keys of every action: the person's own where they are keys and free, else the defaults."""
        self.problems = []
        own: dict[str, tuple[str, ...]] = {}
        for id, text in shortcuts.items():
            keys = _parsed(text)
            if id not in ACTIONS:
                log.warning("shortcuts: there is no action %.100r", id)
            elif keys is None:
                self._report(
                    id,
                    self.tr("“{keys}” cannot be the shortcut of “{action}”.").format(keys=text, action=self._title(id)),
                )
            else:
                own[id] = keys
        while twice := _claimed_twice(own):
            keys_text, ids = next(iter(twice.items()))
            loser = [id for id in ids if id in own][-1]  # the defaults agree with one another
            other = next(id for id in ids if id != loser)
            sentence = self.tr("{keys} cannot be the shortcut of both “{action}” and “{other}”.")
            self._report(
                loser, sentence.format(keys=native(keys_text), action=self._title(loser), other=self._title(other))
            )
            del own[loser]
        return {id: own.get(id, action.keys) for id, action in ACTIONS.items()}

    def _report(self, id: str, sentence: str) -> None:
        log.warning("shortcuts: %s", sentence)
        self.problems.append(sentence)

    def _title(self, id: str) -> str:
        return self._titles.get(id) or QCoreApplication.translate("actions", ACTIONS[id].title)

    def _renew(self) -> None:
        if self._window is None:
            return
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)  # at once; it is deleted when the event loop turns
            shortcut.deleteLater()
        self._shortcuts = []
        for id, handler in self._handlers.items():
            for keys in self._keys[id]:
                shortcut = QShortcut(QKeySequence(keys), self._window)
                shortcut.activated.connect(handler)
                self._shortcuts.append(shortcut)


def _parsed(text: str) -> tuple[str, ...] | None:
    """The keys that a text names, in Qt's spelling; None where it names something else."""
    keys = tuple(_spelled(part) for part in _COMMA.split(text.strip())) if text.strip() else ()
    return tuple(dict.fromkeys(keys)) if all(keys) else None  # type: ignore[arg-type]


def _spelled(text: str) -> str | None:
    """One stroke, as Qt spells it. Keys that write or move are refused, unless with Ctrl, Alt or Meta."""
    sequence = QKeySequence.fromString(text, QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1:
        return None
    stroke: QKeyCombination = sequence[0]  # type: ignore[index]
    modifier = Qt.KeyboardModifier
    held = stroke.keyboardModifiers() & (modifier.ControlModifier | modifier.AltModifier | modifier.MetaModifier)
    if stroke.key() is Qt.Key.Key_unknown or (not held and stroke.key() not in _ALONE):
        return None
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def _claimed_twice(own: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Keys of more than one action, where those in `own` have theirs and the others the table's."""
    claims: dict[str, list[str]] = defaultdict(list)
    for id, action in ACTIONS.items():
        for keys in own.get(id, action.keys):
            claims[keys].append(id)
    return {keys: ids for keys, ids in claims.items() if len(ids) > 1}
