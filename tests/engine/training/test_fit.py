"""What fits is chosen and changes nothing of what is learnt; what does not fit is refused with what would."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_run
import torch

from engine import hardware
from engine.errors import EngineError
from engine.events import Event, Finished, Fit
from engine.gpt import hf
from engine.gpt.config import default_config
from engine.jobs import JobContext
from engine.training import fit, jobs, loop
from engine.training import recipe as recipes
from engine.training.prepare import prepare
from engine.training.run import Run, read_journal


class Lengths:
    """Items of given lengths, and nothing in them."""

    def __init__(self, *lengths: int) -> None:
        self.lengths: Any = np.array(lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, items: Any) -> Any:
        longest = int(self.lengths[items].max())
        return np.zeros((len(items), longest), np.int64), np.zeros((len(items), longest), np.int64)


def fit_of(events: list[Event]) -> Fit:
    return next(event for event in events if isinstance(event, Fit))


def predict(folder: Path, text: Path, **more: Any) -> list[Event]:
    return list(jobs.train(small_run.recipe(text, out=str(folder / "run"), fit=True, **more), JobContext()))


def train(out: Path, text: Path, **more: Any) -> list[Event]:
    return list(jobs.train(small_run.recipe(text, out=str(out), **more), JobContext()))


def curve(out: Path) -> list[float]:
    """Losses of all steps, on the training and on the held-back data."""
    return [line[key] for line in read_journal(out / "metrics.jsonl") for key in ("loss", "val_loss") if key in line]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return small_run.write_text(tmp_path / "text.txt")


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`limit(bytes)`: what a training may take, in a process that takes nothing but for its tensors."""
    monkeypatch.setattr(hardware, "resident", lambda: 0)
    monkeypatch.setattr(hardware, "most_resident", lambda: 0)
    monkeypatch.setattr(fit, "_LIBRARIES", 0)

    def to(size: int) -> None:
        monkeypatch.setattr(fit, "available", lambda device: size)

    return to


BIG = {"batch_size": 8, "max_length": 64, "steps": 4, "evaluate_every": 2, "precision": "float32"}


def test_what_fits_is_left_as_it_is(tmp_path: Path, text: Path) -> None:
    events = train(tmp_path / "run", text, **BIG)
    found = fit_of(events)
    recipe = Run.open(tmp_path / "run").recipe
    assert (recipe.batch_size, recipe.accumulation, recipe.recompute) == (8, 1, False)
    assert found.memory == sum(found.parts.values())
    assert found.memory < found.available
    assert found.seconds > 0
    assert found.tokens_per_second > 0
    assert list(found.chosen["recompute"]) == [False, "there is room to keep everything"]
    kinds = [type(event).__name__ for event in events if type(event).__name__ != "Progress"]
    assert kinds.index("Fit") < kinds.index("Started")


def test_smaller_micro_batches_learn_the_same(tmp_path: Path, text: Path, limit: Callable[[int], None]) -> None:
    limit(10**12)
    whole = fit_of(train(tmp_path / "whole", text, **BIG))
    limit(whole.memory * 2 // 3)
    cut = fit_of(train(tmp_path / "cut", text, **BIG))
    recipe = Run.open(tmp_path / "cut").recipe
    assert recipe.batch_size < 8
    assert recipe.batch_size * recipe.accumulation == 8
    assert recipe.evaluate_batches * recipe.batch_size == 4 * 8
    assert cut.memory <= cut.available
    assert "all at once would take" in cut.chosen["batch_size"][1]
    assert curve(tmp_path / "cut") == pytest.approx(curve(tmp_path / "whole"), rel=1e-4)  # sums in another order


@pytest.mark.parametrize("more", [{}, {"dropout": 0.2, "shape": "gpt2"}], ids=["plain", "dropout"])
def test_recomputing_learns_the_same(tmp_path: Path, text: Path, more: dict[str, Any]) -> None:
    for again in (True, False):
        train(tmp_path / str(again), text, **BIG, **more, recompute=again)
        assert Run.open(tmp_path / str(again)).recipe.recompute == again
    assert curve(tmp_path / "True") == curve(tmp_path / "False")


def test_recomputing_comes_where_not_even_one_item_fits(
    tmp_path: Path, text: Path, limit: Callable[[int], None]
) -> None:
    more = BIG | {"layers": 6, "batch_size": 1}
    limit(10**12)
    whole = fit_of(predict(tmp_path, text, **more))
    limit(whole.memory * 9 // 10)
    again = fit_of(predict(tmp_path, text, **more))
    assert again.chosen["recompute"][0] is True
    assert again.memory < whole.memory * 9 // 10


def test_what_cannot_fit_is_refused_with_what_would(tmp_path: Path, text: Path, limit: Callable[[int], None]) -> None:
    more = BIG | {"batch_size": 1, "max_length": 512, "recompute": False}
    limit(10**12)
    whole = fit_of(predict(tmp_path, text, **more))
    limit(whole.memory * 2 // 3)
    with pytest.raises(EngineError, match="max_length = 256") as caught:
        predict(tmp_path, text, **more)
    assert caught.value.code == "fit_length"
    limit(100_000)
    with pytest.raises(EngineError, match="smaller model") as caught:
        predict(tmp_path, text, **more)
    assert caught.value.code == "fit_model"
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


def test_a_prediction_leaves_nothing_behind(tmp_path: Path, text: Path) -> None:
    events = predict(tmp_path, text)
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "predicted"
    assert events[-1].stats["memory"] == fit_of(events).memory
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


def test_a_full_disk_is_known_before(tmp_path: Path, text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "disk_free", lambda path: 1000)
    with pytest.raises(EngineError) as caught:
        train(tmp_path / "run", text)
    assert caught.value.code == "folder_no_room"


def test_a_dry_run_changes_nothing(tmp_path: Path, text: Path) -> None:
    train(tmp_path / "dry", text, **BIG, optimizer="muon")
    recipe = Run.open(tmp_path / "dry").recipe
    started = loop.Trainer.fit
    assert recipe.optimizer == "muon"
    try:
        loop.Trainer.fit = lambda self: Finished("skipped")  # type: ignore[assignment, method-assign, return-value]
        train(tmp_path / "straight", text, **BIG, optimizer="muon")
    finally:
        loop.Trainer.fit = started  # type: ignore[method-assign]
    assert curve(tmp_path / "dry") == curve(tmp_path / "straight")


def test_the_longest_and_a_typical_micro_batch() -> None:
    items = Lengths(5, 90, 20, 40, 30, 70)
    assert list(fit.longest(items, 2)) == [1, 5]
    assert sorted(items.lengths[fit.typical(items, 2)]) == [30, 40]
    assert list(fit.longest(Lengths(5, 9), 3)) == [1, 0, 1]


def test_a_parent_too_large_to_open_is_refused_unopened(
    tmp_path: Path, text: Path, limit: Callable[[int], None]
) -> None:
    config = default_config("qwen3", 50_000, 1024, 24, 2048, 16)
    (tmp_path / "huge").mkdir()
    (tmp_path / "huge" / "config.json").write_text(json.dumps(hf.config_to_json(config, torch.float32, 0)))
    limit(2**30)
    with pytest.raises(EngineError, match=r"huge needs about 4\.9 GB") as caught:
        train(tmp_path / "run", text, method="continue", model=str(tmp_path / "huge"))
    assert caught.value.code == "fit_model"


def test_a_model_in_parts_takes_less_in_each_process_and_no_less_on_disk(
    tmp_path: Path, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"layers": 6, "optimizer": "adamw", "batch_size": 2, "accumulation": 2, "steps": 1, "max_length": 16}
    keys = small_run.recipe(text, **sizes)
    found = []
    for parallel in ("replicate", "shard"):
        monkeypatch.setenv("WORLD_SIZE", "2" if parallel == "shard" else "1")
        out = tmp_path / parallel
        list(prepare(recipes.make({**keys, "parallel": parallel}), out, threading.Event()))
        found.append(Run.open(out).info["fit"])
    whole, part = found
    for name in ("weights", "gradients", "optimizer"):
        assert part["parts"][name] == pytest.approx(whole["parts"][name] / 2, abs=1)
    assert part["disk"] == pytest.approx(whole["disk"], rel=0.001)
