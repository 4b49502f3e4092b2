"""Decides what the page of models does: what is on the list, what becomes of it, and what of it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox

from app import messages
from app.background import Background
from app.chat.replies import Replies
from app.engine_client import EngineClient
from app.figures import number, size_text
from app.known_models import KnownModels, event_of
from app.library import dropped, texts
from app.library.file_work import FileWork
from app.library.finding import Finding
from app.library.model_actions import ModelAction
from app.library.page import ModelsPage
from app.library.setup import Setup
from app.messages import Notice, Remedy
from app.providers.texts import price_text
from app.settings.texts import breakable
from app.widgets.file_dialogs import choose_file, choose_folder
from app.widgets.labels import ask_before, plain_box
from engine import paths
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Model
from engine.library import models, owned
from engine.library.model_settings import ModelSettings
from engine.library.models import ModelEntry
from engine.providers import prices
from engine.providers.base import Provider, names


class LibraryController(QObject):
    """`changed`: other models are on the list. `renamed(old, new)`. `chat_requested(name)`.

    `train_requested(Model)`: on top of it. `run_requested(folder)`: a training shall be seen; `classify_requested`: its
    classifier used. `data_dropped(paths)`: no models. `page_requested`: this page shall be seen. `storage_requested`:
    the folders of the settings. `server_requested(name)`: one that is connected shall be seen.
    `download_requested(source)`: what is broken shall come from the hub again.
    """

    changed = Signal()
    renamed = Signal(str, str)
    chat_requested = Signal(str)
    train_requested = Signal(object)
    run_requested = Signal(object)
    classify_requested = Signal(object)
    data_dropped = Signal(list)
    page_requested = Signal()
    storage_requested = Signal()
    server_requested = Signal(str)
    download_requested = Signal(dict)

    def __init__(
        self,
        page: ModelsPage,
        known: KnownModels,
        client: EngineClient,
        file_client: EngineClient,
        replies: Replies,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        """client: for what is quick. file_client: for work on whole files."""
        super().__init__(parent)
        self._page, self._view = page, page.local
        self._client, self._replies, self._background = client, replies, background
        self.known = known
        self.finding = Finding(page.local, client, background, self)
        self.setup = Setup(page.local, client, background, lambda: replies.load.memory_bytes or 0, self)
        self.files = FileWork(file_client, self)
        self._selected = ""  # the name of a model that is to be shown once it is told of
        self._opens_settings = False  # then, with its settings
        self._added: Model | None = None  # the one a notice offers to copy
        self._listen()

    def start(self) -> None:
        self._view.show_load(self._replies.load)

    def close(self) -> None:
        self.finding.close()
        self.setup.close()
        self.files.close()
        self._client.close()

    def refresh(self) -> None:
        self.known.refresh()

    def show_settings(self, name: str) -> None:
        """Of the model of this name, as soon as it is known."""
        self.page_requested.emit()
        self._page.show_view("local")
        self._selected, self._opens_settings = name, True
        self._changed()

    # --- what comes onto the list -------------------------------------------------------------------------------------

    def sort_out(self, paths: Sequence[Path]) -> None:
        """Add the models among files that were dropped; the others are data."""

        def sorted_out(found: tuple[list[Path], list[Path]]) -> None:
            there, others = found
            if there:
                self.add(there)
            if others:
                self.data_dropped.emit(others)

        self._background.run(lambda: dropped.sort_out(paths), sorted_out, self._say_error)

    def add(self, paths: Sequence[Path]) -> None:
        """Put models on the list, used where they lie."""
        self.page_requested.emit()
        for path in paths:
            self._background.run(partial(models.add, path), self._was_added, self._say_error)

    def _was_added(self, entry: ModelEntry) -> None:
        self._selected = entry.name
        self._added = event_of(entry)
        text = self.tr("{name} is on the list. It is used where it lies.").format(name=entry.name)
        copying = (Remedy.COPY_MODEL,) if entry.origin == "added" else ()
        self._view.notice.show_notice(Notice(text, copying, calm=True))
        self._changed()

    def _add_chosen(self, folder: bool) -> None:
        try:
            path = (
                choose_folder(self._page, self.tr("Add a model folder"))
                if folder
                else choose_file(self._page, self.tr("Add a model file"), self.tr("Models (*.gguf);;All files (*)"))
            )
        except EngineError as error:
            self._say_error(error)
            return
        if path is not None:
            self.add([path])

    # --- what is done with one ----------------------------------------------------------------------------------------

    def do(self, action: ModelAction, model: Model) -> None:
        match action:
            case ModelAction.CHAT:
                self.chat_requested.emit(model.name)
            case ModelAction.CLASSIFY:
                self.classify_requested.emit(Path(model.path).parent)
            case ModelAction.LOAD:
                self._replies.forgive()
                self._replies.preload(entry_of(model), None)
            case ModelAction.STOP_LOADING:
                self._replies.stop(None)
            case ModelAction.EJECT:
                self._replies.unload()
            case ModelAction.TRAIN:
                self.train_requested.emit(model)
            case ModelAction.RENAME:
                self._view.rename(model.name)
            case ModelAction.VERIFY:
                self.files.start("verify", model)
            case ModelAction.COPY:
                self.files.start("copy_model", model)
            case ModelAction.DOWNLOAD_AGAIN:
                self.download_requested.emit(model.details["source"])
            case ModelAction.SHOW_FOLDER:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(model.path).parent)))
            case ModelAction.FIND_FILE:
                self._find_file(model)
            case ModelAction.ADD_BASE:
                self._add_chosen(folder=True)
            case ModelAction.CHANGE_SETTINGS:
                self._view.open_settings()
            case ModelAction.DELETE:
                self._ask_to_delete(model)
            case ModelAction.REMOVE:
                self._ask_to_remove(model)
            case ModelAction.SHOW_SERVER:
                self.server_requested.emit(texts.origin_of(model))

    def _open_otherwise(self, model: Model, before: ModelSettings, after: ModelSettings) -> None:
        """Adapters change on a model that is loaded; everything else counts when it is opened next."""
        if replace(before, adapters=None) == replace(after, adapters=None):
            self._replies.adapt(model.path, after.adapters or ())
        else:
            self._replies.reopen(model.path)

    def _rename(self, old: str, new: str) -> None:
        def renamed(entry: ModelEntry) -> None:
            self._selected = entry.name
            self.renamed.emit(old, entry.name)
            self._changed()

        self._background.run(lambda: models.rename(old, new), renamed, self._say_error)

    def _find_file(self, model: Model) -> None:
        """A model whose file lies elsewhere by now: the same name for the new place."""
        try:
            path = choose_file(self._page, self.tr("Find {name}").format(name=model.name), self.tr("All files (*)"))
        except EngineError as error:
            self._say_error(error)
            return
        if path is None:
            return

        def work() -> ModelEntry:
            found = models.add(path)  # before anything is given up
            if found.name != model.name:
                models.remove(model.name)
                found = models.rename(found.name, model.name)
            return found

        self._background.run(work, self._was_added, self._say_error)

    def _ask_to_remove(self, model: Model) -> None:
        text = self.tr("Remove “{name}” from the list?").format(name=model.name)
        box = plain_box(self._page, self.tr("Remove a model"), text, self.tr("Its file stays where it is."))
        self._ask(box, self.tr("Remove"), model, lambda: models.remove(model.name))

    def _ask_to_delete(self, model: Model) -> None:
        size = size_text(int(model.details.get("freed_bytes") or 0))
        text = self.tr("Delete “{name}” and free {size}?").format(name=model.name, size=size)
        box = plain_box(
            self._page, self.tr("Delete a model"), text, self.tr("Its files are removed from the disk for good.")
        )
        self._ask(box, self.tr("Delete"), model, lambda: owned.delete(entry_of(model)))

    def _ask(self, box: QMessageBox, label: str, model: Model, work: Callable[[], Any]) -> None:
        def agreed() -> None:
            if self._replies.load.path == model.path:  # no system lets go of a file that is mapped
                self._replies.unload()
            self._background.run(work, lambda _: self._changed(), self._say_error)

        ask_before(box, label, agreed)

    # --- what files are like ------------------------------------------------------------------------------------------

    def _work_went_on(self, job: str, model: Model, done: int, total: int) -> None:
        text = self.tr("Checking {name}") if job == "verify" else self.tr("Copying {name} into the library")
        self._view.foot.show_task(text.format(name=model.name), done, total)

    def _work_ended(self, job: str, model: Model, ending: Event) -> None:
        match ending:
            case Failed():
                self._say_failed(ending)
            case Finished("done", stats) if job == "verify":
                self._view.notice.show_notice(_verdict(model.name, stats))
                self._changed()
            case Finished("done", stats):
                self._selected = str(stats.get("name") or "")
                self._view.notice.show_notice(
                    Notice(self.tr("{name} is copied into the library.").format(name=model.name), calm=True)
                )
                self._changed()

    def _find_price(self, model: Model | None) -> None:
        """Of a server's model, as far as the table of prices knows it."""
        if model is None or model.kind != texts.REMOTE or (called := names(model.name)) is None:
            return
        details = model.details
        provider = Provider(called[0], str(details.get("provider_kind")), str(details.get("address") or ""))

        def found(price: prices.Price | None) -> None:
            shown = self._view.detail.model
            if price is not None and shown is not None and shown.name == model.name:
                self._view.detail.show_price(price_text(price))

        self._background.run(lambda: prices.find(provider, called[1]), found, lambda _: None)

    # --- saying and showing -------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self.known.refresh()
        self.changed.emit()

    def _take(self, model: Model) -> None:
        self._view.take(model)
        if model.name == self._selected:
            self._selected = ""
            self._view.select(model.name)
            if self._opens_settings:
                self._opens_settings = False
                self._view.open_settings()

    def _settle(self, names: set[str], stats: dict[str, Any]) -> None:
        self._view.keep(names)
        here = [model for model in self._view.rows.models() if model.kind != texts.REMOTE]
        count, size = len(here), int(stats["disk_bytes"])
        text = (
            self.tr("{count} models take {size} of the disk.")
            if count != 1
            else self.tr("1 model takes {size} of the disk.")
        )
        place = self.tr("What Seedling fetches lies in {place}.").format(place=breakable(str(paths.models())))
        self._view.foot.show_usage(text.format(count=number(count), size=size_text(size)), place)

    def _remedy(self, remedy: Remedy) -> None:
        match remedy:
            case Remedy.COPY_MODEL if self._added is not None:
                self.do(ModelAction.COPY, self._added)

    def _say_error(self, error: EngineError) -> None:
        self.page_requested.emit()
        self._view.notice.show_notice(Notice(messages.sentence(error.code, error.data), details=error.detail))

    def _say_failed(self, failure: Failed) -> None:
        remedies = (Remedy.COPY,) if failure.detail else ()
        self._view.notice.show_notice(
            Notice(messages.sentence(failure.code, failure.data), remedies, details=failure.detail)
        )

    def _listen(self) -> None:
        view = self._view
        self._page.shown.connect(self.refresh)
        self.known.told.connect(self._take)
        self.known.settled.connect(self._settle)
        self.known.failed.connect(self._say_failed)
        self.finding.added.connect(self._found_added)
        self.finding.page_requested.connect(self.page_requested)
        self.finding.failed.connect(self._say_error)
        self.setup.failed.connect(self._say_error)
        self.setup.changed.connect(self._open_otherwise)
        self.files.went_on.connect(self._work_went_on)
        self.files.ended.connect(self._work_ended)
        self.files.idle.connect(lambda: view.foot.show_task(""))
        self._replies.load_changed.connect(lambda *_: view.show_load(self._replies.load))
        view.wanted.connect(self.do)
        view.rows.rename_requested.connect(self._rename)
        view.add_file_requested.connect(lambda: self._add_chosen(folder=False))
        view.add_folder_requested.connect(lambda: self._add_chosen(folder=True))
        view.scan_requested.connect(self.finding.look)
        view.stop_requested.connect(self.files.stop)
        view.chosen.connect(self._find_price)
        view.move_requested.connect(self.storage_requested)
        view.notice.remedy_chosen.connect(self._remedy)
        view.detail.lineage.run_chosen.connect(self._show_run)
        view.detail.lineage.model_chosen.connect(view.select)

    def _show_run(self, name: str) -> None:
        """The training that made the chosen model, which lies in its folder."""
        if (model := self._view.detail.model) is not None:
            folders = (folder for folder in Path(model.path).parents if folder.name == name)
            self.run_requested.emit(next(folders, paths.runs() / name))

    def _found_added(self, names: list[str]) -> None:
        self._selected = names[0] if names else ""
        self._changed()


def entry_of(model: Model) -> ModelEntry:
    return ModelEntry(
        model.name,
        Path(model.path),
        model.kind,
        model.backend,
        model.bundled,
        model.problem,
        texts.origin_of(model),
    )


def _verdict(name: str, stats: dict[str, Any]) -> Notice:
    """What checking a model's files has found."""
    translate = QCoreApplication.translate
    match stats["verdict"]:
        case "good":
            text = translate("library", "{name} is whole: its files are what they were.")
        case "changed":
            changed = [file["name"] for file in stats["files"] if file["verdict"] == "changed"]
            names = {"name": name, "files": ", ".join(changed) or name}
            return Notice(messages.sentence("model_changed", names), (Remedy.COPY,), details=stats["sha256"])
        case _:
            text = translate("library", "{name} can be read to its end. From now on it shows when its files change.")
    return Notice(text.format(name=name), calm=True)
