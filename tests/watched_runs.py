"""Folders that look like runs, written without training, for the tests of what shows them."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def write_run(
    folder: Path,
    method: str = "pretrain",
    steps: int = 200,
    done: int | None = None,
    state: str = "done",
    rows: Sequence[Mapping[str, Any]] | None = None,
    parent: str | None = None,
    **recipe: Any,
) -> Path:
    """A run of which `done` steps have been made (default all), with samples, checkpoints and, once ended, a model."""
    done = steps if done is None else done
    rows = figures(method, done) if rows is None else rows
    best = min((row for row in rows if "val_loss" in row), key=lambda row: row["val_loss"], default=None)
    folder.mkdir(parents=True)
    keys = {"method": method, "data": ["ZZ.txt"], "steps": steps, "learning_rate": 0.001, **recipe}
    (folder / "recipe.toml").write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in keys.items()))
    info: dict[str, Any] = {"state": state, "started": "2026-11-28 04:30:00", "parameters": 20_000, "parent": parent}
    info |= {"parent_name": Path(parent).name if parent else None}
    info["data"] = {"files": [{"name": "ZZ.txt", "sha256": "0" * 64}]}
    if state != "running":
        info |= {"steps": done, "best_val_loss": best and best["val_loss"], "scores": best}
        (folder / "model").mkdir()
    (folder / "run.json").write_text(json.dumps(info))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    samples = [{"step": step, "text": f"ZZ ZZ {step} ZZ"} for step in range(50, done + 1, 50)]
    (folder / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in samples))
    for step in (done - done % 50 - 50, done - done % 50):
        if step >= 0:
            write_checkpoint(folder, step, best)
    if method == "classify":
        (folder / "data").mkdir()
        (folder / "data" / "labels.json").write_text(json.dumps(["ZA", "ZB", "ZC"]))
    return folder


def write_checkpoint(folder: Path, step: int, best: Mapping[str, Any] | None = None) -> Path:
    place = folder / "checkpoints" / f"step-{step:08}"
    place.mkdir(parents=True)
    state = {"step": step, "best_step": best["step"] if best else 0, "seconds": 0.1 * step}
    (place / "state.json").write_text(json.dumps(state | {"best_val_loss": best["val_loss"] if best else None}))
    (place / "manifest.json").write_text("{}")
    return place


def figures(method: str, steps: int, seed: int = 0) -> list[dict[str, Any]]:
    """Rows as a run of that method writes them, an evaluation every ten steps."""
    chance = random.Random(seed)
    rows = []
    for step in range(1, steps + 1):
        clean = 1.2 + 2.5 * math.exp(-step / 60)
        row: dict[str, Any] = {
            "step": step,
            "loss": clean + chance.gauss(0, 0.1),
            "lr": 1e-3 * (1 - step / (steps + 1)),
        }
        row |= {"grad_norm": abs(chance.gauss(1, 0.2)), "tokens_per_second": 9000.0, "memory": 400_000_000}
        if method == "dpo":
            row |= {"reward_margin": step / 100, "reward_accuracy": min(1.0, 0.5 + step / 200)}
        if step % 10 == 0:
            row["val_loss"] = clean + 0.1
            if method == "classify":
                row |= {"accuracy": 0.9, "balanced_accuracy": 0.8, "macro_f1": 0.85}
                row["confusion"] = [[8, 1, 0], [0, 5, 2], [0, 0, 3]]
            else:
                row["perplexity"] = math.exp(clean + 0.1)
            if method == "dpo":
                row |= {"val_reward_margin": step / 120, "val_reward_accuracy": 0.7}
        rows.append(row)
    return rows
