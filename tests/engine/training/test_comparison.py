"""What tells runs apart: keys of tables as well, runs that lack something, a folder that is no run."""

from __future__ import annotations

from pathlib import Path

from watched_runs import write_run

from engine.training.comparison import compare


def test_only_what_differs_is_told(tmp_path: Path) -> None:
    one = write_run(tmp_path / "one", steps=100, seed=1)
    other = write_run(tmp_path / "other", "lora", steps=200, seed=1, name="other", out="/somewhere")
    with open(other / "recipe.toml", "a") as file:
        file.write("[lora]\nrank = 8\n")
    found = compare([one, other])
    assert found.names == ("one", "other")
    assert found.keys == {"method": ("pretrain", "lora"), "steps": (100, 200), "lora.rank": (None, 8)}
    assert next(iter(found.keys)) == "method"
    assert found.scores["steps"] == (100, 200)
    losses = found.scores["best_val_loss"]
    assert losses[0] > losses[1]


def test_a_folder_that_is_no_run_has_nothing(tmp_path: Path) -> None:
    one = write_run(tmp_path / "one", steps=100)
    (tmp_path / "none").mkdir()
    found = compare([one, tmp_path / "none", tmp_path / "missing"])
    assert found.keys["method"] == ("pretrain", None, None)
    assert found.scores["best_val_loss"][1:] == (None, None)
