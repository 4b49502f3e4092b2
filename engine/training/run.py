"""A run: the folder of one training, and what is written into it.

`recipe.toml` (every default filled in), `run.json` (what is known about it), `data/` (tokens), `tokenizer/`,
`metrics.jsonl` and `samples.jsonl` (one line each, flushed), `checkpoints/`, and at the end `model/`. Whoever trains it
holds `run.lock`: a run that says it is running while nobody does was interrupted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import files
from engine.errors import EngineError
from engine.gpt.config import GPTConfig
from engine.training import recipe as recipes
from engine.training.recipe import Recipe

_LOCK = "run.lock"
_WHERE = ("out", "parallel")  # keys that say nothing about what is computed


@dataclass(frozen=True)
class Run:
    """An opened run folder."""

    folder: Path
    recipe: Recipe  # resolved
    config: GPTConfig
    info: dict[str, Any]  # run.json

    @classmethod
    def open(cls, folder: Path) -> Run:
        """Raises EngineError `not_a_run`."""
        try:
            info = json.loads((folder / "run.json").read_text("utf-8"))
            recipe = recipes.make(recipes.read(folder / "recipe.toml"))
            return cls(folder, recipe, GPTConfig(**info["config"]), info)
        except (OSError, ValueError, KeyError, TypeError, EngineError) as error:
            raise EngineError("not_a_run", detail=str(error), place=str(folder)) from error

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @property
    def model(self) -> Path:
        return self.folder / "model"

    def update(self, **changes: Any) -> None:
        """Put these into run.json."""
        self.info.update(changes)
        files.write_json(self.folder / "run.json", self.info)

    def with_parallel(self, parallel: str | None) -> Run:
        """The same run, with the model held in this way; None leaves it. Raises EngineError as `recipes.make` does."""
        if parallel is None:
            return self
        return replace(self, recipe=recipes.make(self.recipe.given() | {"parallel": parallel}, self.recipe.reasons))

    def check_same(self, asked: Recipe) -> None:
        """Raises EngineError `resume_changed` where `asked` gives a key another value than the run was started with."""
        begun = self.recipe.given() | self.info["asked"]
        for name, value in asked.given().items():
            wanted = begun.get(name)
            wanted = tuple(wanted) if isinstance(wanted, list) else wanted
            if name not in _WHERE and value != wanted:
                raise EngineError("resume_changed", key=name, place=str(self.folder), found=value, wanted=wanted)


def exists(folder: Path) -> bool:
    return (folder / "run.json").exists()


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Be the only one who trains the run in this folder. Raises EngineError `run_in_use`.

    Where the disk knows no locks the run goes on without one, and looks interrupted to those who ask.
    """
    with ExitStack() as stack:
        try:  # who only asks whether it is held, holds it for an instant
            stack.enter_context(files.exclusive(folder / _LOCK, patience_s=1.0))
        except TimeoutError:
            raise EngineError("run_in_use", place=str(folder)) from None
        yield


def is_held(folder: Path) -> bool:
    """Whether a process trains the run in this folder now."""
    try:
        return files.is_locked(folder / _LOCK)
    except OSError:
        return False


class Journal:
    """A file of JSON lines, each with a `step`, appended and flushed one by one."""

    def __init__(self, path: Path, upto: int) -> None:
        """Lines after step `upto`, written before a run was cut off, go: those steps are made again."""
        kept = [line for line in read_journal(path) if line["step"] <= upto]
        text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in kept)
        if not path.exists() or path.read_bytes() != text.encode():
            files.write_bytes(path, text.encode())
        self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115 (closed by close)

    def add(self, step: int, **values: Any) -> None:
        self._file.write(json.dumps({"step": step, **values}, ensure_ascii=False) + "\n")
        self._file.flush()

    def sync(self) -> None:
        """Down to the disk, before a checkpoint claims that these steps are done."""
        files.sync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class NoJournal(Journal):
    """Of a process that writes nothing."""

    def __init__(self, path: Path, upto: int) -> None:
        pass

    def add(self, step: int, **values: Any) -> None:
        pass

    def sync(self) -> None:
        pass

    def close(self) -> None:
        pass


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a journal; a last line cut short by a kill is no line."""
    lines = []
    for line in path.read_bytes().split(b"\n") if path.exists() else ():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and isinstance(value.get("step"), int):
            lines.append(value)
    return lines
