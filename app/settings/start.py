"""What the settings left to be done before the chats are opened: a backup put back, a move, a folder that is gone."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QMessageBox, QProgressDialog

from app import messages
from app.background import Background
from app.messages import Notice
from app.widgets.labels import plain_box
from engine import paths, relocate
from engine.chat import backups
from engine.chat.read_only import READABLE, ReadOnlyStore
from engine.chat.store import Store
from engine.errors import EngineError, from_os_error
from engine.events import Event, Progress
from engine.relocate import AT_START
from engine.settings import Settings

log = logging.getLogger(__name__)


def open_chats(settings: Settings) -> tuple[Store, list[Notice]] | None:
    """As `open_store`, and what is lost of the settings; chats that cannot be written to are opened to be read."""
    lost = [problem for problem in settings.problems if problem.code in ("settings_broken", "settings_unreadable")]
    notices = [Notice(messages.sentence(problem.code, problem.data)) for problem in lost]
    try:
        opened = open_store(settings)
    except (EngineError, OSError) as trouble:
        error = trouble if isinstance(trouble, EngineError) else from_os_error(trouble)
        if error.code not in READABLE:
            raise error from trouble
        log.warning("the chats can only be read: %s", error.code)
        opened = _open_to_read(error)
    return None if opened is None else (opened[0], [*notices, *opened[1]])


def _open_to_read(error: EngineError) -> tuple[Store, list[Notice]]:
    """Nothing can be written, for this reason."""
    store = ReadOnlyStore(paths.database(), error)
    text = QCoreApplication.translate("settings", "{reason} Meanwhile chats can be read, and nothing new is kept.")
    if store.problem is not None:
        text = QCoreApplication.translate(
            "settings",
            "{reason} Meanwhile the chats cannot be read; their file stays as it is, and nothing new is kept.",
        )
    details = "\n".join(each.detail for each in (error, store.problem) if each is not None)
    return store, [Notice(text.format(reason=messages.sentence(error.code, error.data)), details=details)]


def open_store(settings: Settings) -> tuple[Store, list[Notice]] | None:
    """The chats, and what is to be said of it; None where the person would rather leave.

    Raises EngineError or OSError as opening the store does.
    """
    notices = _move(settings)
    if not _find_folder(settings):
        return None
    notices += _restore(settings)
    store, _ = Store.open_or_set_aside(paths.database())  # what was put aside for it is told by app/recovering.py
    return store, notices


def _restore(settings: Settings) -> list[Notice]:
    """Put back the backup that was asked for. A failure changes nothing and is not tried again by itself."""
    name = settings.text("restore")
    if not name:
        return []
    try:
        aside = backups.restore(name, paths.database())
    except EngineError as error:
        notice = Notice(messages.sentence(error.code, error.data), details=error.detail)
    else:
        text = QCoreApplication.translate(
            "settings", "The backup is put back. The chats of before are kept as {place}."
        )
        notice = Notice(text.format(place=aside or "—"))
    settings.set("restore", "")
    settings.save()
    return [notice]


def _move(settings: Settings) -> list[Notice]:
    """Do the move of the chats, or finish the one that was cut short. A failure leaves them where they are."""
    try:
        if AT_START in settings.mapping("moved"):
            _clear(settings)
        target = settings.mapping("moves").get(AT_START)
        if target is not None and not relocate.missing(settings, AT_START):
            if _MoveDialog(relocate.place(settings, AT_START), Path(target)).move():
                relocate.switch(settings, AT_START)
                settings.save()
                _clear(settings)
            else:
                relocate.discard(AT_START, Path(target))
                relocate.forget(settings, AT_START)
                settings.save()
    except (EngineError, OSError) as trouble:
        error = trouble if isinstance(trouble, EngineError) else from_os_error(trouble)
        text = QCoreApplication.translate("settings", "The chats are not moved: {reason}")
        return [Notice(text.format(reason=messages.sentence(error.code, error.data)), details=error.detail)]
    return []


def _clear(settings: Settings) -> None:
    """Nobody has the chats open: what has arrived at the new place leaves the old one."""
    relocate.clear(AT_START, Path(settings.mapping("moved")[AT_START]), relocate.place(settings, AT_START))
    relocate.settled(settings, AT_START)
    settings.save()


def _find_folder(settings: Settings) -> bool:
    """Whether the chats can be opened: an empty list in the place of one on an unplugged disk would be a lie."""
    while settings.text(AT_START) and not paths.database().exists():
        place = paths.database().parent
        translate = QCoreApplication.translate
        title = translate("settings", "The chats are not there")
        text = translate("settings", "The folder of the chats is not there, or holds none: {place}")
        hint = translate(
            "settings",
            "Connect its disk and try again. In the usual place another list of chats begins, and these stay where "
            "they are: choose their folder in the settings to have them again.",
        )
        box = plain_box(None, title, text.format(place=place), hint)
        again = box.addButton(translate("settings", "Try again"), QMessageBox.ButtonRole.AcceptRole)
        usual = box.addButton(translate("settings", "Use the usual place"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(translate("settings", "Quit"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(again)
        box.exec()
        if box.clickedButton() is usual:
            settings.set(AT_START, "")
            settings.save()
        elif box.clickedButton() is not again:
            return False
    return True


class _MoveDialog(QObject):
    """A small window with the progress; the copying is done beside it."""

    _progressed = Signal(object)

    def __init__(self, source: Path, target: Path) -> None:
        super().__init__()
        self._source, self._target = source, target
        self._cancelled = threading.Event()
        self._error: EngineError | None = None
        self._copied = False
        text = self.tr("Moving the chats to {place}").format(place=target)
        self._dialog = QProgressDialog(text, self.tr("Leave them where they are"), 0, 1000)
        self._dialog.setWindowTitle("Seedling")
        self._dialog.setAutoClose(False)
        self._dialog.setAutoReset(False)
        self._dialog.setMinimumDuration(0)
        self._progressed.connect(self._show)
        self._dialog.canceled.connect(self._cancelled.set)

    def move(self) -> bool:
        """Whether everything arrived; False where the person stopped it. Raises EngineError."""
        background = Background()
        background.run(self._copy, self._end, self._fail)
        self._dialog.exec()
        background.close()
        self._dialog.deleteLater()
        if self._error is not None:
            raise self._error
        return self._copied

    def _copy(self) -> bool:
        reason = ""
        for event in relocate.copy(AT_START, self._source, self._target, self._cancelled):
            self._progressed.emit(event)
            reason = getattr(event, "reason", reason)
        return reason == "copied"

    def _show(self, event: Event) -> None:
        if isinstance(event, Progress) and event.total:
            self._dialog.setValue(min(999, 1000 * event.done // event.total))

    def _end(self, copied: bool) -> None:
        self._copied = copied
        self._dialog.done(0)

    def _fail(self, error: EngineError) -> None:
        self._error = error
        self._dialog.done(0)
