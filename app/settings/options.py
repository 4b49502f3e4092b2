"""An option is set: taken at once, saved beside the window, and put back where it cannot be kept."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.background import Background
from engine import log
from engine.errors import EngineError
from engine.settings import Settings, Value


class Options(QObject):
    """`changed(name)`: the option has a new value, which is saved; the program's parts follow it.

    `taken(name)`: what is to be shown of it now. `failed`: an EngineError; the value of before counts again.
    """

    changed = Signal(str)
    taken = Signal(str)
    failed = Signal(object)

    def __init__(self, settings: Settings, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings, self._background = settings, background

    def set(self, name: str, value: Value) -> None:
        before = self.settings.value(name)
        if value == before:
            return
        self._take(name, value)

        def failed(error: EngineError) -> None:
            if self.settings.value(name) == value:
                self._take(name, before)
                self.changed.emit(name)
            self.failed.emit(error)

        self._background.run(self.settings.save, lambda _: self._saved(name), failed)

    def release(self, *names: str) -> None:
        """Let options that were held at their defaults, all or these, be what they are set to; see `Settings.hold`."""
        for name in self.settings.release(*names):
            self.taken.emit(name)
            self.changed.emit(name)

    def _take(self, name: str, value: Value) -> None:
        self.settings.set(name, value)
        self.taken.emit(name)

    def _saved(self, name: str) -> None:
        if name == "log_level":
            log.start("window")
        self.changed.emit(name)
