"""The job `snapshot`: a checkpoint becomes a model to talk to, while its run goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import files
from engine.events import Event, Finished, Progress
from engine.gpt.lora import load_trained
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext
from engine.phrases import phrase
from engine.training import checkpoint
from engine.training.methods.table import method_of
from engine.training.prepare import parent_again
from engine.training.run import Run


def snapshot(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `run` (its folder) and `step` (of a checkpoint there).

    Ends with Finished("done", {"model"}): the folder of the model, in the run's `snapshots/`, where it is found again;
    checkpoints themselves are cleared away while a run goes on. Raises EngineError `not_a_run`, `checkpoint_damaged`,
    `parent_changed`.
    """
    opened, step = Run.open(Path(params["run"])), int(params["step"])
    place = opened.folder / "snapshots" / f"step-{step:08}"
    if not place.exists():
        yield Progress(0, 0, "", phrase("Reading the checkpoint"))
        with files.whole_folder(place) as partial:
            _write(opened, step, partial)
    yield Finished("done", {"model": str(place / "model")})


def _write(opened: Run, step: int, place: Path) -> None:
    method, recipe = method_of(opened.recipe), opened.recipe
    tokenizer = Tokenizer.load(opened.folder / "tokenizer")
    learnt = checkpoint.at(opened.checkpoints, step).model
    data = method.load(opened.folder / "data", opened.info["data"], recipe)
    parent = parent_again(opened.info)
    model = method.build(recipe, opened.config, parent.model if parent else None, data)
    load_trained(model, learnt)
    licence = f"---\nlicense: {recipe.licence}\n---\n" if recipe.licence else ""
    card = f"{licence}# {recipe.name}, step {step}\n\nAs it stood after step {step} of {recipe.steps} of a training.\n"
    method.save(model, tokenizer, replace(opened, folder=place), card)
