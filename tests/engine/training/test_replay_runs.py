"""Runs of the method continue: general text mixed in, and licences that are carried on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_run
import torch

from engine.data.text import Windows
from engine.errors import EngineError
from engine.events import Event, Finished
from engine.library.facts import licence
from engine.training import loop, recipe
from engine.training.methods.table import method_of
from engine.training.methods.text import Mixed, ReplayedData
from engine.training.run import Run


def run(params: dict[str, Any]) -> list[Event]:
    torch.set_num_threads(1)
    return list(loop.train(recipe.make(params), Path(params["out"]), threading.Event()))


@pytest.mark.parametrize(("own", "more", "share"), [(90, 1000, 0.1), (30, 4, 0.5), (20, 50, 0.0)])
def test_a_share_of_the_windows_is_replay(own: int, more: int, share: float) -> None:
    text = Windows(np.arange(own * 4 + 1), 4, 4)
    replay = Windows(10_000 + np.arange(more * 4 + 1), 4, 4)
    mixed = Mixed(text, replay, share)
    ids, labels = mixed.batch(np.random.Generator(np.random.PCG64(0)).permutation(len(mixed)))
    assert (labels == ids + 1).all()
    general = ids[ids[:, 0] >= 10_000]
    assert len(general) / len(ids) == pytest.approx(share, abs=0.02)
    assert len(np.unique(ids[ids[:, 0] < 10_000][:, 0])) == own, "every window of the text, once"
    assert len(np.unique(general[:, 0])) == min(more, len(general)), "spread over the replay, none left out in vain"


def test_replay_is_learnt_and_not_evaluated(tmp_path: Path) -> None:
    params = small_run.of_method("continue", tmp_path, steps=3, out=str(tmp_path / "run"))
    general = tmp_path / "general.txt"
    general.write_text("Zebras quietly zigzag. " * 200)
    events = run({**params, "replay": str(general), "replay_share": 0.25})
    assert isinstance(events[-1], Finished)
    opened = Run.open(tmp_path / "run")
    data = method_of(opened.recipe).load(opened.folder / "data", opened.info["data"], opened.recipe)
    assert isinstance(data, ReplayedData)
    assert len(data.training()) == pytest.approx(len(data.text.training()) / 0.75, abs=1)
    assert len(data.held_back()) == len(data.text.held_back())
    assert [file["name"] for file in opened.info["data"]["files"]] == ["data.txt", "general.txt"]
    assert "replay.npy" in opened.info["data"]["sha256"]
    assert str(tmp_path) not in (opened.model / "README.md").read_text()


def test_a_replay_that_is_too_short_is_refused(tmp_path: Path) -> None:
    params = small_run.of_method("continue", tmp_path, steps=3, out=str(tmp_path / "run"))
    (tmp_path / "general.txt").write_text("Short.")
    with pytest.raises(EngineError) as caught:
        run({**params, "replay": str(tmp_path / "general.txt")})
    assert caught.value.code == "data_too_short"
    assert not (tmp_path / "run").exists()


def test_a_share_without_replay_is_refused() -> None:
    with pytest.raises(EngineError, match="needs replay"):
        recipe.make({"method": "continue", "data": "a", "model": "m", "replay_share": 0.2})


@pytest.mark.parametrize(("own", "wanted"), [(None, "mit"), ("cc-by-4.0", "cc-by-4.0")])
def test_licences_are_carried_on(own: str | None, wanted: str, tmp_path: Path) -> None:
    params = small_run.of_method("continue", tmp_path, steps=1, out=str(tmp_path / "run"))
    (tmp_path / "parent" / "README.md").write_text("---\nlicense: mit\n---\n# The parent\n")
    run({**params, "licence": own, "data_licence": "CC0-1.0"})
    card = tmp_path / "run" / "model" / "README.md"
    assert licence(card) == wanted
    for line in ("Licence of the parent: mit", "Licence of the data: CC0-1.0", "(continue from parent)"):
        assert line in card.read_text()
