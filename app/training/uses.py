"""What a run's model is used for: talked to, as it is or as it was at a checkpoint; labelling; taken elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app import messages
from app.background import Background
from app.engine_client import EngineClient
from app.messages import Notice
from app.training.classify_dialog import Classifying
from app.training.exports import Exports
from engine.errors import EngineError
from engine.events import Event, Failed, Finished
from engine.training import recipe as recipes


class Uses(QObject):
    """`chat_requested(folder, name, words)`: of a model, and what is said there. `said` carries a `Notice`."""

    chat_requested = Signal(object, str, str)
    said = Signal(object)

    def __init__(
        self, window: QWidget, client: EngineClient, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client, self._background = client, background
        self.exports = Exports(window, client, self)
        self.classifying = Classifying(window, client, self)
        self.exports.said.connect(self.said)

    def use(self, kind: str, run: Path) -> None:
        """kind: of `use_it.KINDS`."""
        match kind:
            case "chat":
                self.chat_requested.emit(run / "model", run.name, "")
            case "classify":
                self.classifying.open(run)
            case _:
                self._background.run(
                    lambda: list(recipes.read(run / "recipe.toml").get("data", ())),
                    lambda data: self.exports.export(kind, run, data),
                    self._say_error,
                )

    def talk(self, checkpoint: Path, words: str) -> None:
        """A checkpoint is made a model first, which takes a moment."""
        run = checkpoint.parent.parent
        step = int(checkpoint.name.removeprefix("step-"))

        def done(ending: Event) -> None:
            match ending:
                case Finished("done", {"model": model}):
                    name = self.tr("{run}, step {step}").format(run=run.name, step=step)
                    self.chat_requested.emit(Path(model), name, words)
                case Failed():
                    self.said.emit(replace(messages.notice(ending), remedies=()))

        self.said.emit(Notice(self.tr("Getting the model of step {step} ready.").format(step=step)))
        self._client.submit("snapshot", {"run": str(run), "step": step}).done.connect(done)

    def _say_error(self, error: EngineError) -> None:
        self.said.emit(Notice(messages.sentence(error.code, error.data), details=error.detail))
