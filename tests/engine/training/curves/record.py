"""Record the curves beside this file: real runs, tiny, each made to show or not to show what a warning looks for.

    PYTHONPATH=.:tests .venv/bin/python tests/engine/training/curves/record.py [NAME ...]

Every curve is the `metrics.jsonl` of a run of `CURVES`, with speeds left out, because nothing looks at them.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import small_run
import torch

from engine.training import loop, recipe
from engine.training.checkpoint import sha256_of

FOLDER = Path(__file__).parent
EVERY = {"evaluate_every": 10, "checkpoint_every": 1000, "sample_every": 0, "patience": 0, "validation_share": 0.2}
STEADY = {**EVERY, "batch_size": 8, "steps": 120, "schedule": "constant"}


def write_coins(path: Path, count: int = 120) -> Path:
    """Pairs of which chance says which reply is the better one."""
    chance = random.Random(11)
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(count):
            words = chance.choices(small_run._WORDS, k=7)
            replies = [" ".join(words[1:4]), " ".join(words[4:])]
            chance.shuffle(replies)
            file.write(json.dumps({"prompt": words[0], "chosen": replies[0], "rejected": replies[1]}) + "\n")
    return path


def write_rare(path: Path, count: int = 200) -> Path:
    """Texts of which one in twenty is of another class, with nothing in it to tell."""
    chance = random.Random(12)
    rows = (
        {"text": " ".join(chance.choices(small_run._WORDS, k=4)), "label": "rare" if n % 20 == 0 else "usual"}
        for n in range(count)
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def text(folder: Path, sentences: int = 400) -> Path:
    return small_run.write_text(folder / "text.txt", sentences)


def fresh(folder: Path, sentences: int = 400, **more: Any) -> dict[str, Any]:
    return small_run.recipe(text(folder, sentences), **STEADY | {"optimizer": "adamw", "learning_rate": 3e-3} | more)


def tuned(method: str, folder: Path, write: Callable[[Path, int], Path], count: int, **more: Any) -> dict[str, Any]:
    parent = small_run.write_parent(folder / "parent")
    return small_run.finetuning(method, write(folder / "data.jsonl", count), parent, **STEADY | more)


# Name of the curve -> the keys of its run. The first word is the warning, the second whether it is raised.
CURVES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "learning_rate_high-raised": lambda f: fresh(f, learning_rate=3.0, clip=0.0),
    "learning_rate_high-quiet": lambda f: fresh(f),
    # It rises once, about step 39, for some ten steps, and ends with a loss of nothing.
    "learning_rate_high_bump-quiet": lambda f: tuned(
        "lora", f, small_run.write_talks, 120, learning_rate=0.02, steps=300
    ),
    "memorising-raised": lambda f: fresh(f, 60, steps=300, width=64, layers=2),
    "memorising-quiet": lambda f: fresh(f, 2000),
    "nothing_learnt-raised": lambda f: fresh(f, learning_rate=1e-7),
    "nothing_learnt-quiet": lambda f: fresh(f, learning_rate=1e-3),
    "empty_mask-raised": lambda f: tuned(
        "full", f, small_run.write_talks, 40, steps=20, batch_size=2, validation_share=0.0
    ),
    "empty_mask-quiet": lambda f: tuned("full", f, small_run.write_talks, 40, steps=60),
    "margin_flat-raised": lambda f: tuned("dpo", f, small_run.write_pairs, 120, learning_rate=1e-8),
    "margin_flat-quiet": lambda f: tuned("dpo", f, small_run.write_pairs, 120, learning_rate=3e-5),
    "accuracy_at_chance-raised": lambda f: tuned("dpo", f, write_coins, 200, learning_rate=1e-5, steps=100),
    "accuracy_at_chance-quiet": lambda f: tuned("dpo", f, small_run.write_pairs, 120, learning_rate=3e-5),
    "rewards_fall-raised": lambda f: tuned("dpo", f, small_run.write_pairs, 120, learning_rate=2e-3),
    "rewards_fall-quiet": lambda f: tuned("dpo", f, small_run.write_pairs, 120, learning_rate=2e-5),
    "one_class-raised": lambda f: tuned(
        "classify", f, write_rare, 200, learning_rate=1e-3, steps=60, **{"classify.weights": "none"}
    ),
    "one_class-quiet": lambda f: tuned("classify", f, small_run.write_labelled, 300, learning_rate=3e-3),
}


def record(name: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        keys, run, never = CURVES[name](folder), folder / "run", threading.Event()
        stopped = threading.Event()
        asked = recipe.make(keys)
        if name == "empty_mask-raised":
            prepare_without_labels(asked, run, stopped)
            list(loop.train(None, run, never, resume=True))
        else:
            list(loop.train(asked, run, never))
        rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    for row in rows:
        del row["tokens_per_second"]
    rounded = [{key: _rounded(value) for key, value in row.items()} for row in rows]
    (FOLDER / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rounded))
    print(f"{name}: {len(rows)} rows, loss {rows[0]['loss']:.3f} to {rows[-1]['loss']:.3f}")


def prepare_without_labels(asked: recipe.Recipe, run: Path, cancelled: threading.Event) -> None:
    """A run whose data is changed so that tokens of its first row alone count, as a wrong mask would leave it.

    One in which none counts is refused before its first step.
    """
    for _ in loop.prepare(asked, run, cancelled):
        pass
    info = json.loads((run / "run.json").read_text())
    file, starts = run / "data" / "loss.npy", np.load(run / "data" / "starts.npy")
    mask = np.load(file)
    mask[starts[1] :] = False
    np.save(file, mask)
    info["data"]["sha256"][file.name] = sha256_of(file)
    del info["fit"]
    (run / "run.json").write_text(json.dumps(info))


def _rounded(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


if __name__ == "__main__":
    torch.set_num_threads(1)
    for wanted in sys.argv[1:] or CURVES:
        record(wanted)
