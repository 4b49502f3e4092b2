"""Offers what other programs have: looks for it, shows it, and puts on the list what a person ticks."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from app import messages
from app.background import Background
from app.engine_client import EngineClient
from app.library.scan import Scan, add_all
from app.library.view import LocalModels
from app.messages import Notice
from app.widgets.file_dialogs import choose_folder
from engine.errors import EngineError
from engine.events import Failed, Model


class Finding(QObject):
    """`added(names)`: they are on the list now."""

    added = Signal(list)
    page_requested = Signal()
    failed = Signal(object)  # EngineError

    def __init__(
        self,
        view: LocalModels,
        client: EngineClient,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._background = view, background
        self.scan = Scan(client, self)
        found = view.found
        self.scan.found.connect(self._take)
        self.scan.ended.connect(self._ended)
        found.scan_requested.connect(self.look)
        found.folder_requested.connect(self._look_in_folder)
        found.add_requested.connect(self._add)
        found.closed.connect(view.show_models)

    def look(self) -> None:
        """The person asks for it."""
        self.page_requested.emit()
        self._view.show_found()
        self._begin()

    def close(self) -> None:
        self.scan.close()

    def _begin(self) -> None:
        self._view.found.show_scanning(True)
        self.scan.start()

    def _look_in_folder(self) -> None:
        try:
            folder = choose_folder(self._view, self.tr("Look for models in a folder"))
        except EngineError as error:
            self.failed.emit(error)
            return
        if folder is not None and folder not in self.scan.folders:
            self.scan.folders.append(folder)
        if folder is not None:
            self._begin()

    def _take(self, model: Model) -> None:
        """What is on the list already is not offered."""
        if model.path not in {listed.path for listed in self._view.rows.models()}:
            self._view.found.rows.take(model)

    def _ended(self, paths: set[str], failure: Failed | None) -> None:
        found = self._view.found
        found.rows.keep(paths - {listed.path for listed in self._view.rows.models()})
        found.show_scanning(False)
        if failure is not None:
            self._view.notice.show_notice(Notice(messages.sentence(failure.code, failure.data), details=failure.detail))

    def _add(self, wanted: list[Model]) -> None:
        def done(result: tuple[list[str], list[EngineError]]) -> None:
            names, errors = result
            for error in errors[:1]:
                self.failed.emit(error)
            self._view.found.rows.keep({m.path for m in self._view.found.rows.models()} - {m.path for m in wanted})
            self._view.show_models()
            self.added.emit(names)

        self._background.run(lambda: add_all(wanted), done, self._failed)

    def _failed(self, error: Any) -> None:
        self.failed.emit(error)
