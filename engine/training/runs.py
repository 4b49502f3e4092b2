"""What there is to know about runs without training: read from their folders, whoever made them and however they ended.

Needs no torch. Whatever a folder holds, it is a row: one that cannot be read says why.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import paths
from engine.errors import EngineError, from_os_error
from engine.library.facts import read_json
from engine.phrases import phrase, unpacked
from engine.training import run

STATES = ("running", "interrupted", "paused", "stopped", "failed", "done", "broken")
# How run.json says it, as far as it says it otherwise. What says it is running must be held by a process that does.
_SAID = {"cancelled": "stopped", "early_stopping": "done"}
_UNFINISHED = ("interrupted", "paused", "stopped", "failed")
_TAIL = 2**16  # bytes: many times the longest line of figures
_MARK = 64  # bytes before where reading stopped, by which a file that was written again is known


@dataclass(frozen=True)
class RunInfo:
    """A run, or a folder among runs that is none (`broken`, with its `problem`).

    state: one of STATES. `stopped`: by the person, before its last step; `paused`: the disk was full; `interrupted`: it
    was killed. reason: how run.json says it ended (`early_stopping`, ...). parent: path of the model it began from.
    done: steps that a resumed run need not make again; of a running one those made. best: the lowest held-back loss.
    scores: of the evaluation of the model's step, once it ended. data: names of the files. model: what it left behind.
    """

    name: str
    folder: Path
    method: str = ""
    state: str = "broken"
    reason: str = ""
    parent: str | None = None
    parent_name: str | None = None
    started: str = ""
    finished: str = ""
    done: int = 0
    steps: int = 0
    seconds: float = 0.0
    best: float | None = None
    best_step: int = 0
    scores: dict[str, Any] | None = None
    data: tuple[str, ...] = ()
    parameters: int = 0
    model: Path | None = None
    problem: str | None = None

    @property
    def resumable(self) -> bool:
        return self.state in _UNFINISHED and bool(checkpoints(self.folder))


def list_runs(root: Path | None = None) -> list[RunInfo]:
    """The runs in a folder (default: that of the settings), the latest first. Hidden folders are being made."""
    root = paths.runs() if root is None else root
    try:
        folders = [place for place in root.iterdir() if place.is_dir() and not place.name.startswith(".")]
    except FileNotFoundError:
        return []
    return sorted(map(run_info, folders), key=lambda info: (info.started, info.name), reverse=True)


def run_info(folder: Path) -> RunInfo:
    """The run in this folder. Never raises: what is wrong with it is its `problem`."""
    try:
        return _read(folder)
    except EngineError as error:
        return RunInfo(folder.name, folder, problem=str(error))
    except OSError as error:
        return RunInfo(folder.name, folder, problem=str(from_os_error(error)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = EngineError("run_broken", detail=repr(error), place=str(folder), reason=why(error))
        return RunInfo(folder.name, folder, problem=str(problem))


def _read(folder: Path) -> RunInfo:
    if not (folder / "run.json").is_file():
        raise EngineError("run_broken", place=str(folder), reason=phrase("it has no run.json"))
    info = read_json(folder / "run.json")
    recipe = tomllib.loads((folder / "recipe.toml").read_text("utf-8"))
    said = str(info["state"])
    state = _SAID.get(said, said)
    if state == "running" and not run.is_held(folder):
        state = "interrupted"
    if state not in STATES:
        reason = phrase("its state is {state}", state=repr(state[:40]))
        raise EngineError("run_broken", place=str(folder), reason=reason)
    at = _newest_state(folder)
    done = int(info.get("steps", at.get("step", 0)))
    if state in ("running", "interrupted"):
        done = _last_step(folder) if state == "running" else int(at.get("step", 0))
    best = at.get("best_val_loss", info.get("best_val_loss"))
    model = folder / "model"
    return RunInfo(
        name=folder.name,
        folder=folder,
        method=str(recipe["method"]),
        state=state,
        reason=said,
        parent=_text(info.get("parent")),
        parent_name=_text(info.get("parent_name")),
        started=str(info.get("started") or ""),
        finished=str(info.get("finished") or "") if state in ("done", "stopped") else "",
        done=done,
        steps=int(recipe["steps"]),
        seconds=float(at.get("seconds", 0.0)),
        best=None if best is None else float(best),
        best_step=int(at.get("best_step", 0)),
        scores=info.get("scores") if isinstance(info.get("scores"), dict) else None,
        data=tuple(str(file["name"]) for file in info["data"]["files"]),
        parameters=int(info["parameters"]),
        model=model if model.is_dir() else None,
        problem=_text(unpacked(info.get("problem"))) if state == "failed" else None,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def why(error: Exception) -> str:
    """What a file of a run lacks, in a few words."""
    return phrase("it lacks {name}", name=str(error)) if isinstance(error, KeyError) else str(error)[:200]


def checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """(step, folder) of each checkpoint of a run, in their order; the one of step 0 is the model it began with."""
    place, found = folder / "checkpoints", []
    for path in place.iterdir() if place.is_dir() else ():
        head, _, step = path.name.partition("-")
        if head == "step" and step.isdecimal() and (path / "manifest.json").is_file():
            found.append((int(step), path))
    return sorted(found)


def _newest_state(folder: Path) -> dict[str, Any]:
    """What the newest checkpoint with a readable state says; {} where there is none."""
    for _, path in reversed(checkpoints(folder)):
        try:
            return read_json(path / "state.json")
        except EngineError:
            continue
    return {}


def _last_step(folder: Path) -> int:
    """Of the last whole line of the figures; 0 before the first."""
    try:
        with open(folder / "metrics.jsonl", "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            lines = file.read().split(b"\n")
    except FileNotFoundError:
        return 0
    return next((line["step"] for line in map(_row, reversed(lines[:-1])) if line), 0)


class _Lines:
    """The lines of a journal as they come. Half a line waits; a file that was written again begins again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.began_again = False  # what the last `read_new` gave replaces all that came before it
        self._read, self._mark = 0, b""

    def read_new(self) -> list[dict[str, Any]]:
        """The rows since the last call, each with its `step`. A missing file has none. Raises OSError.

        A resumed run writes its journal again up to its checkpoint; then all rows come once more, and `began_again` is
        true. Lines that are no rows are passed over.
        """
        self.began_again = False
        try:
            with open(self.path, "rb") as file:
                file.seek(self._read - len(self._mark))
                if file.read(len(self._mark)) != self._mark:
                    self.began_again, self._read = True, 0
                    file.seek(0)
                new = file.read()
        except FileNotFoundError:
            self.began_again, self._read, self._mark = self._read > 0, 0, b""
            return []
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        self._mark = (self._mark + whole if not self.began_again else whole)[-_MARK:]
        return [row for row in map(_row, whole.split(b"\n")) if row]


class MetricsFile(_Lines):
    """`metrics.jsonl` of a run."""


class SamplesFile(_Lines):
    """`samples.jsonl` of a run: `step` and `text`."""


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and type(value.get("step")) is int else None
