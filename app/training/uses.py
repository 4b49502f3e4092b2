"""What a run's model is used for: talked to, as it is or as it was at a checkpoint; labelling; taken elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal
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
    """`chat_requested(folder, name)`: of a model. `said` carries a `Notice`."""

    chat_requested = Signal(object, str)
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
                self.chat_requested.emit(run / "model", run.name)
            case "classify":
                self.classifying.open(run)
            case _:
                self._background.run(
                    lambda: list(recipes.read(run / "recipe.toml").get("data", ())),
                    lambda data: self.exports.export(kind, run, data),
                    self._say_error,
                )

    def talk(self, checkpoint: Path) -> None:
        """A checkpoint is made a model first, which takes a moment."""

        def failed(failure: Failed) -> None:
            self.said.emit(replace(messages.notice(failure), remedies=()))

        step = step_of_checkpoint(checkpoint)
        self.said.emit(Notice(self.tr("Getting the model of step {step} ready.").format(step=step)))
        self.prepare(checkpoint, lambda model: self.chat_requested.emit(model, name_of(checkpoint)), failed)

    def prepare(self, checkpoint: Path, made: Callable[[Path], object], failed: Callable[[Failed], object]) -> None:
        """Have a model made of a checkpoint."""

        def done(ending: Event) -> None:
            match ending:
                case Finished("done", {"model": model}):
                    made(Path(model))
                case Failed():
                    failed(ending)

        params = {"run": str(run_of(checkpoint)), "step": step_of_checkpoint(checkpoint)}
        self._client.submit("snapshot", params).done.connect(done)

    def _say_error(self, error: EngineError) -> None:
        self.said.emit(Notice(messages.sentence(error.code, error.data), details=error.detail))


def run_of(checkpoint: Path) -> Path:
    """The folder of its run."""
    return checkpoint.parent.parent


def step_of_checkpoint(checkpoint: Path) -> int:
    """By the name of its folder, as `runs.checkpoints` found it."""
    return int(checkpoint.name.removeprefix("step-"))


def name_of(checkpoint: Path) -> str:
    """What its model is called."""
    text = QCoreApplication.translate("training", "{run}, step {step}")
    return text.format(run=run_of(checkpoint).name, step=step_of_checkpoint(checkpoint))
