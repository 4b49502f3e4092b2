"""What a run comes to, to be compared bit for bit, and how the programs beside this file are asked for comparisons."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from engine.files import sha256_of
from engine.training.run import read_journal

_OF_THE_MOMENT = {"tokens_per_second": 0, "memory": 0}
_END = ("state", "steps", "model_step", "best_step", "best_val_loss")


def outcome(run: Path) -> dict[str, Any]:
    """All that a finished run leaves, but for how long it took: weights, optimizer, figures, samples, how it ended."""
    (weights,) = (run / "model").glob("*.safetensors")
    newest = max((run / "checkpoints").glob("step-*"))
    info = json.loads((run / "run.json").read_text())
    return {
        "weights": sha256_of(weights),
        "checkpoint": [newest.name, *(sha256_of(newest / f"{name}.safetensors") for name in ("model", "optimizer"))],
        "metrics": [{**line, **_OF_THE_MOMENT} for line in read_journal(run / "metrics.jsonl")],
        "samples": read_journal(run / "samples.jsonl"),
        "end": {name: info[name] for name in _END},
    }


def differing(run: Path, wanted: dict[str, Any]) -> list[str]:
    """In what a finished run differs from the outcome of another one."""
    return [name for name, found in outcome(run).items() if found != wanted[name]]


def serve(answer: Callable[..., Iterator[dict[str, Any]]]) -> None:
    """Answer every line of stdin, the arguments of `answer` as JSON, by its reports, a line each, and at the
    end by null or an error: so one that fails leaves nothing in the pipe for the next to stumble over.
    """
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            for report in answer(Path(asked.pop("folder")), **asked):
                print(json.dumps(report), flush=True)
        except Exception:
            print(json.dumps({"error": traceback.format_exc()}), flush=True)
        else:
            print("null", flush=True)
