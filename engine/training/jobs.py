"""The train job of the worker and the command line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import hardware, paths
from engine.errors import EngineError
from engine.events import Event
from engine.jobs import JobContext
from engine.phrases import phrase
from engine.processes import rank_and_size
from engine.training import recipe as recipes


def train(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: keys of a recipe; `recipe`: a TOML file or a table that the keys are laid over; `resume`: go on with the
    run in `out`, which suffices then, or with `parallel`; `fit`: only say what it would take. Paths in `params` are
    relative to the working folder, in a file to it.
    """
    params = dict(params)
    base, resume, fit = params.pop("recipe", None), bool(params.pop("resume", False)), bool(params.pop("fit", False))
    values = recipes.read(Path(base)) if isinstance(base, (str, Path)) else recipes.absolute(base or {}, Path.cwd())
    values |= recipes.absolute(params, Path.cwd())
    folder = Path(values["out"]) if isinstance(values.get("out"), str) else _default_folder(values.get("name"))
    recipe = None if resume and set(values) <= {"out", "parallel"} else recipes.make(values)

    hardware.choose_idle_threads()
    from engine.training import loop  # torch; a recipe that is wrong is refused without it

    try:
        if fit:
            assert recipe is not None
            yield from loop.predict(recipe, folder, context.cancelled)
        else:
            yield from loop.train(recipe, folder, context.cancelled, resume, values.get("parallel"))
    except OSError as error:
        if error.filename is None:  # a write or flush names no file
            error.filename = str(folder)
        raise


def _default_folder(asked: Any) -> Path:
    """Under the home, called by the recipe's name or the time."""
    if not asked and rank_and_size()[1] > 1:
        raise EngineError("usage", reason="Processes that train together need the run folder: --out DIR")
    name = asked if isinstance(asked, str) and asked else time.strftime("%Y-%m-%d %H.%M.%S")
    if Path(name).name != name or name.startswith("."):
        reason = phrase("must be usable as the name of a folder")
        raise EngineError("recipe_value", key="name", reason=reason, found=name)
    return paths.writable(paths.runs()) / name
