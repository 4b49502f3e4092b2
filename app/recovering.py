"""Chats that come back out of a damaged file: beside the window, which can be used meanwhile."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from app import messages
from app.background import Background
from app.figures import number
from app.messages import Notice, Remedy
from engine.chat.store import Store
from engine.errors import EngineError

if TYPE_CHECKING:  # as a rule nothing is damaged, and the window need not wait for it
    from engine.chat.recovery import Recovered


class Recovering(QObject):
    """`said` carries a Notice. `came_back`: the store holds more than before."""

    said = Signal(object)
    came_back = Signal()

    def __init__(self, store: Store, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._background = store, background
        self._closing = threading.Event()
        self._place = Path()

    def start(self) -> None:
        """Begin, or go on with what the last start did not finish; nothing where nothing was damaged."""
        for place in self._store.unsalvaged():
            self._place = place
            text = self.tr(
                "The file of the chats is damaged, and kept as {place}. What can be read of it is being brought back; "
                "you can write meanwhile."
            )
            self.said.emit(Notice(text.format(place=place), calm=True))
            self._background.run(partial(self._recover, place), self._tell, self._fail)

    def show_file(self) -> None:
        """Open the folder in which the damaged file lies."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._place.parent)))

    def close(self) -> None:
        """Stop; the next start begins again."""
        self._closing.set()

    def _recover(self, place: Path) -> Recovered | None:
        from engine.chat.recovery import recover

        return recover(self._store, place, self._closing.is_set)

    def _tell(self, recovered: Recovered | None) -> None:
        if recovered is not None:
            self.came_back.emit()
            self.said.emit(Notice(_summary(recovered), (Remedy.SHOW_DAMAGED, Remedy.SHOW_BACKUPS), calm=True))

    def _fail(self, error: EngineError) -> None:
        text = self.tr("The chats of before are not back yet, and the next start tries again. {reason}")
        reason = messages.sentence(error.code, error.data)
        self.said.emit(Notice(text.format(reason=reason), (Remedy.SHOW_DAMAGED, Remedy.COPY), details=error.detail))


def _summary(recovered: Recovered) -> str:
    """What is back, from where, and where the damaged file lies."""
    translate = QCoreApplication.translate
    if recovered.chats:
        one, several = translate("recovering", "1 chat"), translate("recovering", "{count} chats")
        chats = (one if recovered.chats == 1 else several).format(count=number(recovered.chats))
        one = translate("recovering", "1 message")
        several = translate("recovering", "{count} messages")
        said = (one if recovered.messages == 1 else several).format(count=number(recovered.messages))
        text = translate("recovering", "The file of the chats was damaged. {chats} with {messages} are back.")
        parts = [text.format(chats=chats, messages=said)]
    else:
        parts = [translate("recovering", "The file of the chats was damaged, and nothing of it can be read.")]
    if recovered.from_backup and recovered.backup is not None:
        one = translate("recovering", "1 of the messages is from the backup of {date}.")
        several = translate("recovering", "{count} of the messages are from the backup of {date}.")
        made = QDateTime.fromSecsSinceEpoch(int(recovered.backup.made.timestamp()))
        date = QLocale().toString(made, QLocale.FormatType.ShortFormat)
        count = number(recovered.from_backup)
        parts.append((one if recovered.from_backup == 1 else several).format(count=count, date=date))
    parts.append(translate("recovering", "The damaged file is kept as {place}.").format(place=recovered.place))
    return " ".join(parts)
