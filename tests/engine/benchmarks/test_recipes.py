"""`benchmarks/recipes.py`: the two recipes may be compared, runs go on where they were stopped, and time is counted."""

from __future__ import annotations

import json
import lzma
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import small_run

from benchmarks import recipes
from benchmarks.recipes import NANOGPT, OURS, RECIPES
from engine.gpt.config import default_config
from engine.gpt.model import GPT
from engine.training import defaults, loop
from engine.training import recipe as keys_of
from engine.training.defaults import Facts
from engine.training.recipe import Recipe
from engine.training.run import Run, read_journal


def resolved(who: str) -> Recipe:
    return defaults.resolve(keys_of.make({**RECIPES[who], "data": "books.txt"}), Facts(70_000_000, bf16=True))


def parameters(who: str) -> int:
    r = resolved(who)
    config = default_config(r.shape, r.vocabulary, r.context, r.layers, r.width, r.heads)
    if r.feed_forward is not None:
        config = replace(config, feed_forward=r.feed_forward)
    return sum(p.numel() for p in GPT(config, seed=0).parameters())


def test_both_have_the_same_parameters_text_and_batch() -> None:
    assert parameters(OURS) == pytest.approx(parameters(NANOGPT), rel=0.02)
    ours, theirs = resolved(OURS), resolved(NANOGPT)
    for key in ("vocabulary", "max_length", "batch_size", "accumulation", "precision", "dropout", "tied", "compile"):
        assert ours.value(key) == theirs.value(key), key


def test_ours_is_what_is_trained_where_nothing_is_said() -> None:
    """Of all that decides how it learns, only the sizes are given."""
    learning = {
        "shape",
        "optimizer",
        "learning_rate",
        "adamw_rate",
        "schedule",
        "decay",
        "min_learning_rate",
        "warmup",
        "clip",
    }
    assert not (learning | {"weight_decay", "beta2", "dropout", "tied"}) & RECIPES[OURS].keys()


def test_nanogpts_is_that_of_its_train_py() -> None:
    r = resolved(NANOGPT)
    assert (r.shape, r.optimizer, r.schedule) == ("gpt2", "adamw", "cosine")
    assert (r.beta2, r.weight_decay, r.clip, r.min_learning_rate) == (0.95, 0.1, 1.0, 0.1)


def test_books_with_slurs_are_left_out_and_held_back_ones_not_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipes, "HELD_BACK", 3)
    for number, name in enumerate(recipes.BOOKS):
        (tmp_path / name).mkdir()
        rows = [{"text": f"book {number}-{each}.", "slur_count": int(each == 1)} for each in range(4)]
        with lzma.open(tmp_path / name / f"{name}.jsonl.xz", "wt") as file:
            file.writelines(f"{json.dumps(row)}\n" for row in rows)
    found = recipes.write_texts(tmp_path, tmp_path / "out")
    assert Path(found["evaluation"]).read_text().split("\n<|endoftext|>\n") == ["book 0-0.", "book 1-0."]
    trained = Path(found["data"]).read_text().split("\n<|endoftext|>\n")
    assert trained == ["book 0-2.", "book 0-3.", "book 1-2.", "book 1-3."]
    assert recipes.write_texts(tmp_path, tmp_path / "out") == found


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Both recipes over a tiny text, with steps of known length."""
    data, held = small_run.write_text(tmp_path / "a.txt"), small_run.write_text(tmp_path / "b.txt", 60, seed=9)
    both = {**small_run.recipe(data), "evaluation": str(held), "sample_every": 0}
    for key in ("steps", "evaluate_every", "seed"):
        del both[key]
    shapes = {OURS: {}, NANOGPT: {"shape": "gpt2", "optimizer": "adamw"}}
    monkeypatch.setattr(recipes, "RECIPES", {who: both | more for who, more in shapes.items()})
    folder = tmp_path / "results"
    folder.mkdir()
    write_seconds(folder, 2.0, 1.0)
    return folder


def write_seconds(folder: Path, ours: float, theirs: float) -> None:
    known = {"seconds": {OURS: ours, NANOGPT: theirs}, "quiet": True, "date": "2026-11-28 12:00"}
    (folder / "steps.json").write_text(json.dumps(known))


def train(who: str, folder: Path, minutes: float = 0.5) -> Path:
    budget = folder / f"{minutes:g}-minutes"
    run = budget / f"{who}-1"
    steps = recipes.steps_of(who, folder, budget, minutes)
    recipes.train({**recipes.RECIPES[who], "seed": 1}, steps, run)
    return run


def test_minutes_become_steps_once_and_ours_gets_half(small: Path) -> None:
    budget = small / "10-minutes"
    assert recipes.steps_of(OURS, small, budget, 10) == 150
    write_seconds(small, 5.0, 5.0)
    assert recipes.steps_of(NANOGPT, small, budget, 10) == 600  # as it was decided for all seeds
    assert recipes.steps_of(NANOGPT, small, small / "20-minutes", 20) == 240


def test_without_a_measurement_nothing_is_trained(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--measure"):
        recipes.steps_of(OURS, tmp_path, tmp_path / "30-minutes", 30)


def test_a_run_that_was_stopped_goes_on_and_a_whole_one_is_left_alone(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, made = loop.Trainer._step, []

    def stopping(self: loop.Trainer, *arguments: Any) -> Any:
        made.append(self.state.step)
        if len(made) == 5:
            raise KeyboardInterrupt
        return step(self, *arguments)

    monkeypatch.setattr(loop.Trainer, "_step", stopping)
    with pytest.raises(SystemExit, match="cancelled"):
        train(OURS, small)
    run = train(OURS, small)
    assert made == [0, 1, 2, 3, 4, 4, 5, 6, 7]
    assert Run.open(run).info["state"] == "done"
    train(OURS, small)
    assert len(made) == 9


def test_the_report_turns_steps_into_minutes(small: Path) -> None:
    mine, theirs = train(OURS, small), train(NANOGPT, small)
    budget = mine.parent
    assert not recipes.report(small, budget / "nowhere")["pairs"]
    (pair,) = recipes.report(small, budget)["pairs"]
    last = read_journal(theirs / "metrics.jsonl")[-1]
    assert (pair["target"], pair["minutes"]) == (last["bits_per_byte"], last["step"] * 1.0 / 60)
    own = [line for line in read_journal(mine / "metrics.jsonl") if "bits_per_byte" in line]
    assert pair["last"] == (own[-1]["step"] * 2.0 / 60, own[-1]["bits_per_byte"])
    assert "ours" in recipes.table(recipes.report(small, budget))


def test_ours_is_held_to_the_best_of_theirs(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = train(OURS, small), train(NANOGPT, small)
    theirs.with_name("nanogpt-faster-1").symlink_to(theirs)
    curves = {mine: [(0.5, 2.0)], theirs: [(0.5, 2.2), (1.0, 2.3)], theirs.with_name("nanogpt-faster-1"): [(1.0, 2.1)]}
    monkeypatch.setattr(recipes, "curve", lambda folder, seconds: curves[folder])
    (pair,) = recipes.report(small, mine.parent)["pairs"]
    assert (pair["target"], pair["minutes"], pair["share"]) == (2.1, 1.0, 0.5)
    del curves[theirs.with_name("nanogpt-faster-1")]
    theirs.with_name("nanogpt-faster-1").unlink()
    (pair,) = recipes.report(small, mine.parent)["pairs"]
    assert pair["target"] == 2.2


def test_the_first_evaluation_that_is_as_good_counts() -> None:
    found = [(1.0, 3.0), (2.0, 2.0), (3.0, 1.9), (4.0, 2.1)]
    assert recipes.first_at(found, 2.0) == 2.0
    assert recipes.first_at(found, 1.95) == 3.0
    assert recipes.first_at(found, 1.5) is None


def test_where_ours_never_gets_there_it_is_said(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = train(OURS, small)
    train(NANOGPT, small)
    monkeypatch.setattr(recipes, "first_at", lambda *_: None)
    found = recipes.report(small, mine.parent)
    assert found["worst_share"] is None
    assert "never" in recipes.table(found)


def test_steps_are_measured_in_turn(small: Path) -> None:
    texts = {"data": recipes.RECIPES[OURS]["data"]}
    recipes.measure(texts, small, rounds=2)
    known = json.loads((small / "steps.json").read_text())
    assert set(known["seconds"]) == {OURS, NANOGPT}
    assert all(0 < seconds < 60 for seconds in known["seconds"].values())
    assert not list(small.glob("steps-*"))
