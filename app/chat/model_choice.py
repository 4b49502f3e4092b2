"""Which model answers: the list of models, the one chosen, what the picker shows of it, and where words go."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app import messages
from app.background import Background
from app.chat.load import Load
from app.chat.model_menu import Choice
from app.chat.page import ChatPage
from app.chat.replies import Replies
from app.chat.where import ask_where_words_go
from app.destinations import Destinations
from app.known_models import KnownModels
from app.library import texts
from app.providers import texts as servers
from app.widgets.file_dialogs import choose_file, choose_folder
from engine.errors import EngineError
from engine.library import models
from engine.library.models import ModelEntry
from engine.providers import provider_list
from engine.providers.provider_list import Listed
from engine.settings import Settings


class ModelChoice(QObject):
    """`name` is the model of the chat that is shown."""

    chosen = Signal(str)  # by the person: this chat, and new ones, are answered by it from now on
    failed = Signal(object)  # EngineError
    page_requested = Signal()  # that of models

    def __init__(
        self,
        page: ChatPage,
        replies: Replies,
        settings: Settings,
        known: KnownModels,
        destinations: Destinations,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page, self._replies = page, replies
        self._settings, self._known, self._background = settings, known, background
        self.destinations = destinations
        self.name = settings.text("model")
        self.entries: list[ModelEntry] = []
        self.gets_ready = True  # a model that costs next to nothing is loaded unasked
        self._first = True  # the library has not been read yet
        picker = page.picker
        picker.opening.connect(self.refresh)
        picker.opening.connect(known.refresh)
        known.settled.connect(lambda *_: self._fill_picker())
        destinations.changed.connect(self.look_again)
        picker.chosen.connect(self.choose)
        picker.add_file_requested.connect(lambda: self._add(folder=False))
        picker.add_folder_requested.connect(lambda: self._add(folder=True))
        picker.manage_requested.connect(self.page_requested)
        picker.unload_requested.connect(self._unload)
        picker.reload_requested.connect(self._reload)
        replies.load_changed.connect(lambda *_: self._load_changed())
        self._fill_picker()

    def refresh(self) -> None:
        """The models there are, and where words to each would go: the command line may have connected a server."""
        self._background.renew("models", lambda: (provider_list.read(), models.entries()), self._take, self.failed.emit)

    def look_again(self) -> None:
        """Other servers are connected, or another thing may leave this computer."""
        self._fill_picker()
        self.show(self.name)

    @property
    def usable(self) -> list[str]:
        """The names of the models that can be chosen."""
        choices = map(self._choice, self.entries)
        return [choice.name for choice in choices if not choice.problem]

    def show(self, name: str) -> None:
        """The model of the chat that is shown now; without a name, that of new ones."""
        self.name = name or self._settings.text("model")
        entry, destination = self._entry(), self.destinations.of(self.name)
        self._page.picker.set_model(self.name, destination.reach if destination is not None else "")
        self._page.picker.set_load(self._replies.load_of(entry.address) if entry is not None else Load())
        self._page.welcome.set_model(self.name, entry is not None and entry.bundled, destination)
        self._page.where.show_destination(destination)

    def choose(self, name: str) -> None:
        """It answers from now on, once the person has agreed where words go."""
        self.agree(name, partial(self._choose, name))

    def agree(self, name: str, then: Callable[[], object]) -> None:
        """Go on unless words would go elsewhere and the person does not want that, who is asked once of each server."""
        destination = self.destinations.of(name)

        def agreed() -> None:
            assert destination is not None
            self.destinations.agree(destination)
            then()

        if destination is None and any(entry.name == name and entry.remote for entry in self.entries):
            self.failed.emit(EngineError("provider_unknown", name=name.partition("/")[0]))
        elif destination is None or not destination.leaves:
            then()
        elif self.destinations.is_forbidden(destination):
            self.failed.emit(EngineError("provider_stays", name=destination.provider))
        elif self.destinations.is_agreed(destination):
            then()
        else:
            ask_where_words_go(self._page, destination, agreed)

    def _choose(self, name: str) -> None:
        self._settings.set("model", name)
        self.chosen.emit(name)
        self.show(name)
        self._fill_picker()
        self._replies.forgive()
        if (entry := self._entry()) is not None:
            self._replies.preload(entry, self._page.panel.parameters().context)

    def follow(self, old: str, new: str) -> None:
        """A model is called otherwise."""
        if self._settings.text("model") == old:
            self._settings.set("model", new)
        if self.name == old:
            self.show(new)

    def _reload(self) -> None:
        self._page.notice.clear()
        self._replies.forgive()
        if (entry := self._entry()) is not None:
            self._replies.reload(entry, self._page.panel.parameters().context)

    def _unload(self) -> None:
        if (entry := self._entry()) is not None:
            self._replies.unload(entry.address)

    def _entry(self) -> ModelEntry | None:
        """The model of the chat that is shown, once the library has been read."""
        return next((entry for entry in self.entries if entry.name == self.name), None)

    def _take(self, found: tuple[dict[str, Listed], list[ModelEntry]]) -> None:
        listed, self.entries = found
        self.destinations.take(listed)
        self._fill_picker()
        self.show(self.name)
        if self._first:
            self._first = False
            if self.gets_ready:
                self.get_ready()

    def get_ready(self) -> None:
        """The starter costs next to nothing: it waits for the first message, not the other way round."""
        if (entry := self._entry()) is not None and entry.bundled and not entry.problem:
            self._replies.preload(entry, self._page.panel.parameters().context)

    def name_of(self, path: str) -> str:
        """What the model at this path is called."""
        return next((entry.name for entry in self.entries if entry.address == path), Path(path).stem)

    def _fill_picker(self) -> None:
        self._page.picker.set_choices([self._choice(entry) for entry in self.entries])

    def _choice(self, entry: ModelEntry) -> Choice:
        """A model that writes no replies is there too, and says so."""
        known = self._known.models.get(entry.name)
        details = known.details if known is not None and known.path == entry.address else {}
        problem = (known.problem if known is not None and details else entry.problem) or ""
        if not problem and not texts.writes(entry.kind, details):
            problem = self.tr("It writes no replies.")
        parameters, size = details.get("parameters"), details.get("size_bytes")
        destination = self.destinations.of(entry.name) if entry.kind == texts.REMOTE else None
        if destination is None:
            form, group = texts.kind_name(entry.kind), texts.group_name(entry.origin)
            return Choice(entry.name, form, problem, parameters, size, group)
        if not problem and self.destinations.is_forbidden(destination):
            problem = messages.sentence("provider_stays", {"name": destination.provider})
        form, group = servers.kind_name(destination.kind), destination.provider
        return Choice(entry.name, form, problem, parameters, size, group, destination.reach)

    def _load_changed(self) -> None:
        self.show(self.name)
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
            self._background.run(lambda: models.add(path), self.take, self.failed.emit)

    def take(self, entry: ModelEntry) -> None:
        """A model that has just been put on the list answers from now on."""
        self.entries = [*(each for each in self.entries if each.name != entry.name), entry]
        self.choose(entry.name)
