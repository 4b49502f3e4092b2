"""Opens About Seedling, and has it filled with what is known without waiting."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app import messages
from app.about.dialog import AboutDialog
from app.about.updates import Updates
from app.background import Background
from app.engine_client import EngineClient
from app.widgets.links import ask_and_open
from engine import about, licences
from engine.errors import EngineError
from engine.events import Event, Finished


class About(QObject):
    """One window of it at a time. `settings_requested`: the section where the address of newer versions is set."""

    settings_requested = Signal()

    def __init__(
        self,
        window: QWidget,
        updates: Updates,
        client: EngineClient,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._updates, self._client, self._background = window, updates, client, background
        self._open: AboutDialog | None = None

    def show(self, view: str = "seedling") -> None:
        if self._open is None:
            self._open = self._made()
            self._open.show()
        self._open.show_view(view)
        self._open.raise_()
        self._open.activateWindow()

    def _made(self) -> AboutDialog:
        dialog = AboutDialog(about.version(), about.parts(), about.folders(), self._updates, self._window)
        dialog.licences_wanted.connect(lambda: self._read_licences(dialog))
        dialog.updates.settings_requested.connect(self._leave_for_settings)
        dialog.updates.link_activated.connect(lambda address: ask_and_open(dialog, address))
        dialog.finished.connect(lambda _: self._closed(dialog))
        self._ask_for_llama(dialog)
        return dialog

    def _closed(self, dialog: AboutDialog) -> None:
        self._open = None
        dialog.deleteLater()

    def _leave_for_settings(self) -> None:
        if self._open is not None:
            self._open.reject()
        self.settings_requested.emit()

    def _read_licences(self, dialog: AboutDialog) -> None:
        def show(found: list[licences.Licence]) -> None:
            if self._open is dialog:
                dialog.licences.show_licences(found)

        def fail(error: EngineError) -> None:
            if self._open is dialog:
                dialog.licences.show_problem(messages.sentence(error.code, error.data))

        self._background.run(licences.collected, show, fail)

    def _ask_for_llama(self, dialog: AboutDialog) -> None:
        """Which of its variants for processors runs here: only a process that has loaded it knows."""

        def told(ending: Event) -> None:
            if self._open is dialog and isinstance(ending, Finished) and "text" in ending.stats:
                dialog.show_processor(str(ending.stats["text"]).replace(" = 1", "").replace(" | ", ", "))

        self._client.submit("probe", {"library": "llama"}).done.connect(told)
