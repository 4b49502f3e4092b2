"""Which model answers: the list of models, the one chosen, and what the picker shows of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.background import Background
from app.chat.model_picker import Choice, LoadState
from app.chat.page import ChatPage
from app.chat.replies import Replies
from app.widgets.file_dialogs import choose_file, choose_folder
from engine.errors import EngineError
from engine.library import models
from engine.library.models import ModelEntry
from engine.settings import Settings


class ModelChoice(QObject):
    """`name` is the model of the chat that is shown."""

    chosen = Signal(str)  # by the person: this chat, and new ones, are answered by it from now on
    failed = Signal(object)  # EngineError

    def __init__(
        self,
        page: ChatPage,
        replies: Replies,
        settings: Settings,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page, self._replies = page, replies
        self._settings, self._background = settings, background
        self.name = settings.text("model")
        self.entries: list[ModelEntry] = []
        picker = page.picker
        picker.opening.connect(self.refresh)
        picker.chosen.connect(self.choose)
        picker.add_file_requested.connect(lambda: self._add(folder=False))
        picker.add_folder_requested.connect(lambda: self._add(folder=True))
        picker.unload_requested.connect(replies.unload)
        replies.load_changed.connect(self._load_changed)

    def refresh(self) -> None:
        self._background.run(models.entries, self._take, self.failed.emit)

    def show(self, name: str) -> None:
        """The model of the chat that is shown now; without a name, that of new ones."""
        self.name = name or self._settings.text("model")
        bundled = any(entry.bundled and entry.name == self.name for entry in self.entries)
        self._page.picker.set_model(self.name)
        self._page.welcome.set_model(self.name, bundled)

    def choose(self, name: str) -> None:
        self._settings.set("model", name)
        self.chosen.emit(name)
        self.show(name)
        self._fill_picker()
        self._replies.forgive()
        entry = next((entry for entry in self.entries if entry.name == name), None)
        if entry is not None:
            self._replies.preload(entry, self._page.panel.parameters().context)

    def _take(self, entries: list[ModelEntry]) -> None:
        self.entries = entries
        self._fill_picker()
        self.show(self.name)

    def _fill_picker(self) -> None:
        forms = {"gguf": self.tr("GGUF file"), "folder": self.tr("model folder")}
        self._page.picker.set_choices(
            [Choice(entry.name, forms.get(entry.kind, entry.kind), entry.problem or "") for entry in self.entries]
        )

    def _load_changed(self, state: LoadState, percent: int) -> None:
        self._page.picker.set_state(state, percent)
        self._fill_picker()

    def _add(self, folder: bool) -> None:
        try:
            if folder:
                path = choose_folder(self._page, self.tr("Add a model folder"))
            else:
                path = choose_file(self._page, self.tr("Add a model file"), self.tr("Models (*.gguf);;All files (*)"))
        except EngineError as error:
            self.failed.emit(error)
            return
        if path is not None:
            self._background.run(lambda: models.add(path), self._added, self.failed.emit)

    def _added(self, entry: ModelEntry) -> None:
        self.entries = [*(each for each in self.entries if each.name != entry.name), entry]
        self.choose(entry.name)
