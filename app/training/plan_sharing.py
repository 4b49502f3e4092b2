"""A plan taken along: saved as a recipe, or copied as the command that does the same."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.background import Background
from app.messages import Notice
from app.training.command_line import command_of
from app.training.dataset import DatasetLoader
from app.training.planner import Planner
from app.widgets.file_dialogs import choose_new_file
from engine import files
from engine.errors import EngineError


class PlanSharing(QObject):
    """`said` carries a `Notice`, `failed` an EngineError."""

    said = Signal(object)
    failed = Signal(object)

    def __init__(
        self, page: QWidget, planner: Planner, loader: DatasetLoader, background: Background, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._page, self._planner, self._loader, self._background = page, planner, loader, background

    def save(self) -> None:
        """Where the person says; named after the data."""
        if (plan := self._planner.plan) is None or self._loader.source is None:
            return
        name = f"{Path(self._loader.source.data[0]).stem}.toml"
        try:
            path = choose_new_file(self._page, self.tr("Save the recipe"), name, self.tr("Recipes (*.toml)"))
        except EngineError as error:
            self.failed.emit(error)
            return
        if path is None:
            return
        saved = Notice(self.tr("The recipe is saved: {place}").format(place=path))

        def write() -> None:
            with files.whole_file(path) as partial:
                partial.write_text(plan["toml"], "utf-8")

        self._background.run(write, lambda _: self.said.emit(saved), self.failed.emit)

    def copy_command(self) -> None:
        if (plan := self._planner.plan) is not None:
            QGuiApplication.clipboard().setText(command_of(plan["asked"]))
            self.said.emit(Notice(self.tr("The command is copied.")))
