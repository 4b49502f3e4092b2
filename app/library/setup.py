"""How the chosen model is opened and what that takes: its settings, kept by its name, and its need of memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app import messages
from app.background import Background
from app.engine_client import EngineClient, JobHandle
from app.library import texts
from app.library.choose_dialog import ChooseModelDialog
from app.library.settings_form import ModelSettingsForm
from app.library.template_dialog import TemplateDialog
from app.library.view import LocalModels
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Model
from engine.library import model_settings
from engine.library.model_settings import ModelSettings
from engine.runtime.gguf_header import read_header

SETTLE_MS = 120  # what a model takes is asked once the arrow keys rest


class Setup(QObject):
    """`changed(Model, before, after)`: the settings it is opened with from now on. `failed(EngineError)`."""

    changed = Signal(object, object, object)
    failed = Signal(object)

    def __init__(
        self,
        view: LocalModels,
        client: EngineClient,
        background: Background,
        freed: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        """freed: bytes that the model which is loaded now would give back."""
        super().__init__(parent)
        self._view, self._client, self._background = view, client, background
        self._model: Model | None = None
        self._settings: ModelSettings | None = None  # not read yet
        self._asked: JobHandle | None = None  # what the model takes
        self._freed = freed
        self._settled = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settled.timeout.connect(self._read)
        view.chosen.connect(self._choose)
        view.detail.settings.made.connect(self._listen_to_form)
        view.detail.settings_opened.connect(self._show)

    def close(self) -> None:
        self._settled.stop()
        self._asked = None

    def _choose(self, model: Model | None) -> None:
        self._model, self._settings = model, None
        self._show()
        if model is not None and not model.problem and model.kind != texts.REMOTE:
            self._settled.start()

    def _read(self) -> None:
        if (model := self._model) is not None:
            self._background.run(
                lambda: model_settings.load(model.name), lambda found: self._take(model, found), self.failed.emit
            )

    def _take(self, model: Model, settings: ModelSettings) -> None:
        if self._model is not None and self._model.name == model.name:
            self._settings = settings
            self._show()
            self._ask_memory(model)

    def _show(self) -> None:
        """What cannot be known yet cannot be changed."""
        form = self._view.detail.form
        if form is not None and self._model is not None:
            form.setEnabled(self._settings is not None)
            form.show_settings(asdict(self._settings or ModelSettings()), self._model.backend)

    # --- what it takes ------------------------------------------------------------------------------------------------

    @property
    def known(self) -> bool:
        """Whether the settings of the chosen model are read."""
        return self._settings is not None

    def _ask_memory(self, model: Model) -> None:
        if self._asked is not None and not self._asked.ended:
            self._asked.cancel()
        options = (self._settings or ModelSettings()).options(model.backend)
        params = {"model": model.path, "options": options, "freed": self._freed()}
        self._asked = handle = self._client.submit("memory", params)
        handle.done.connect(lambda ending: self._show_memory(handle, ending))

    def _show_memory(self, handle: JobHandle, ending: Event) -> None:
        if handle is not self._asked:
            return
        match ending:
            case Finished("done", stats):
                self._view.detail.memory.show_fit(stats)
            case Failed():
                self._view.detail.memory.show_unknown(messages.sentence(ending.code, ending.data))

    # --- settings -----------------------------------------------------------------------------------------------------

    def _listen_to_form(self) -> None:
        form = self._view.detail.form
        assert form is not None
        form.changed.connect(self.set)
        form.reset_requested.connect(lambda: self._save(ModelSettings()))
        form.draft_requested.connect(lambda: self._choose_draft(form))
        form.adapter_requested.connect(lambda: self._choose_adapter(form))
        form.template_requested.connect(self._edit_template)
        form.take_requested.connect(self._take_from_another)
        form.give_requested.connect(self._give_to_another)

    def set(self, name: str, value: Any) -> None:
        """Have the chosen model opened with this value from now on; None for automatic."""
        if self._settings is None:
            return
        try:
            self._save(replace(self._settings, **{name: value}))
        except EngineError as error:
            self.failed.emit(error)
            self._show()

    def _save(self, settings: ModelSettings) -> None:
        model, before = self._model, self._settings
        if model is None or before is None:
            return
        self._settings = settings
        self._show()

        def saved(_: object) -> None:
            self.changed.emit(model, before, settings)
            if self._model is not None and self._model.name == model.name:
                self._ask_memory(model)

        self._background.run(lambda: model_settings.save(model.name, settings), saved, self._failed)

    def _failed(self, error: EngineError) -> None:
        """What could not be kept does not count."""
        self.failed.emit(error)
        self._read()

    def _others(self, fits: Callable[[Model], bool]) -> list[Model]:
        here = self._model
        return [
            model
            for model in self._view.rows.models()
            if here is not None and model.name != here.name and not model.problem and fits(model)
        ]

    def _pick(
        self, title: str, words: str, label: str, models: list[Model], take: Callable[[Model], object]
    ) -> None:  # fmt: skip
        dialog = ChooseModelDialog(title, words, label, models, self._view)
        dialog.model_chosen.connect(take)
        dialog.open()

    def _choose_draft(self, form: ModelSettingsForm) -> None:
        self._pick(
            self.tr("The smaller model"),
            self.tr("It guesses what the larger one writes. It needs the same vocabulary."),
            self.tr("Choose"),
            self._others(lambda model: model.kind == "gguf"),
            lambda model: self.set("draft_model", model.name),
        )

    def _choose_adapter(self, form: ModelSettingsForm) -> None:
        there = {path for path, _ in form.adapters.value}
        self._pick(
            self.tr("Add an adapter"),
            self.tr("Adapters as GGUF that were made for this model."),
            self.tr("Add"),
            self._others(lambda model: model.kind == "adapter-gguf" and model.path not in there),
            lambda model: self.set("adapters", (*form.adapters.value, (model.path, 1.0))),
        )

    def _take_from_another(self) -> None:
        def take(source: Model) -> None:
            self._background.run(lambda: model_settings.load(source.name), self._save, self.failed.emit)

        self._pick(
            self.tr("Take the settings of another model"),
            self.tr("They take the place of those set here."),
            self.tr("Take them"),
            self._others(lambda model: model.kind in texts.OPENED),
            take,
        )

    def _give_to_another(self) -> None:
        model, given = self._model, self._settings
        if model is None or given is None:
            return

        def duplicate(target: Model) -> ModelSettings:
            before = model_settings.load(target.name)
            model_settings.duplicate(model.name, target.name)
            return before

        def give(target: Model) -> None:
            self._background.run(
                lambda: duplicate(target), lambda before: self.changed.emit(target, before, given), self.failed.emit
            )

        self._pick(
            self.tr("Give these settings to another model"),
            self.tr("They take the place of those it has."),
            self.tr("Give them"),
            self._others(lambda model: model.kind in texts.OPENED),
            give,
        )

    def _edit_template(self) -> None:
        if (model := self._model) is not None:
            place = Path(model.path)
            self._background.run(lambda: own_template(place), self.show_template, self.failed.emit)

    def show_template(self, own: str) -> None:
        """own: the chosen model's, which another may stand in the place of."""
        if self._model is not None and self._settings is not None:
            dialog = TemplateDialog(self._model, own, self._settings.template, self._client, self._view)
            dialog.saved.connect(lambda text: self.set("template", text))
            dialog.open()


def own_template(place: Path) -> str:
    """The chat template that a model comes with, empty where it has none. Raises EngineError."""
    if place.is_file():
        return str(read_header(place).text("tokenizer.chat_template"))
    from engine.gpt.tokenizer import read_template  # brings a library that takes a while to load

    return read_template(place) or ""
