"""What other programs hand to the window: a double-click on a file, a link, a second start; checked by `engine.handed`.

Files go where they go when they are dropped on the window, but that a model is talked to at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app import messages
from app.library import dropped, texts
from app.messages import Notice
from engine import handed
from engine.errors import EngineError
from engine.library import models
from engine.library.models import ModelEntry

if TYPE_CHECKING:
    from app.application import Seedling


class HandedFiles(QObject):
    """Decides what becomes of them."""

    def __init__(self, program: Seedling) -> None:
        super().__init__(program)
        self._program = program

    def open(self, wanted: Sequence[object]) -> None:
        """wanted: as `engine.handed.read` takes it. Where one cannot be opened, none is, and the person reads why."""
        try:
            found = handed.read(wanted)
        except EngineError as error:
            self._say(error)
            return
        if found.repo:
            self._program.models_wiring.show_repository(found.repo)
        if found.paths:
            self._program.background.run(lambda: _sorted(found.paths), self._take, self._say)

    def _take(self, found: tuple[list[Path], list[Path]]) -> None:
        there, others = found
        if others:
            self._program.training.open(others)
        if len(there) == 1:
            self._program.background.run(lambda: models.add(there[0]), self._begin_chat, self._say)
        elif there:
            self._program.library.add(there)

    def _begin_chat(self, entry: ModelEntry) -> None:
        """What writes no replies is shown among the models."""
        program = self._program
        if entry.kind in texts.OPENED:
            program.begin_chat(lambda: program.chat.models.take(entry))
            program.known.refresh()
        else:
            program.library.add([entry.path])

    def _say(self, error: EngineError) -> None:
        self._program.window.show_page("chat")
        text = messages.sentence(error.code, error.data)
        self._program.page.notice.show_notice(Notice(text, details=error.detail))


def _sorted(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """(models, the others); reads from the disk. Raises EngineError where one of them is neither."""
    for path in paths:
        handed.check(path)
    return dropped.sort_out(paths)
