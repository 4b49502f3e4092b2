"""Warnings on recorded curves: each is raised by the one made to show it and by no curve made to be quiet about it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from engine.training.advice import TEXTS
from engine.training.warnings import LOOKS, warnings

CURVES = Path(__file__).parent / "curves"
CODES = [look.__name__ for look in LOOKS]


def curve(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CURVES / f"{name}.jsonl").read_text().splitlines()]


def codes(rows: list[dict[str, Any]]) -> set[str]:
    return {advice.code for advice in warnings(rows)}


@pytest.mark.parametrize("code", CODES)
def test_raised_by_the_curve_that_shows_it(code: str) -> None:
    found = next(advice for advice in warnings(curve(f"{code}-raised")) if advice.code == code)
    assert found.text.endswith(".")
    assert found.cure.endswith(".")
    assert "{" not in found.text + found.cure
    assert 0 < found.step <= curve(f"{code}-raised")[-1]["step"]


@pytest.mark.parametrize("code", CODES)
def test_quiet_on_a_run_that_does_well(code: str) -> None:
    assert code not in codes(curve(f"{code}-quiet"))


@pytest.mark.parametrize("path", sorted(CURVES.glob("*-quiet.jsonl")), ids=lambda path: path.stem)
def test_no_curve_that_learns_is_called_flat_or_falling_apart(path: Path) -> None:
    assert not codes(curve(path.stem)) - {"memorising"}


@pytest.mark.parametrize("path", sorted(CURVES.glob("*.jsonl")), ids=lambda path: path.stem)
def test_the_beginning_of_a_curve_raises_nothing(path: Path) -> None:
    for rows in range(10 if "empty_mask" not in path.stem else 3):
        assert codes(curve(path.stem)[:rows]) == set()


def test_noise_alone_is_no_jump() -> None:
    for seed in range(40):
        chance = random.Random(seed)
        rows = [
            {
                "step": n,
                "loss": 2 + 3 / n + chance.gauss(0, 0.3),
                "lr": 1e-3,
                "grad_norm": chance.lognormvariate(0, 0.7),
            }
            for n in range(1, 200)
        ]
        assert "learning_rate_high" not in codes(rows), seed


def test_a_single_odd_batch_is_no_jump() -> None:
    rows = curve("learning_rate_high-quiet")
    rows[60] |= {"loss": 30.0, "grad_norm": 300.0}
    assert codes(rows) == set()


def test_a_rise_must_last_for_its_share_of_the_run() -> None:
    rows = [{"step": n, "loss": 2.0, "lr": 1e-3, "grad_norm": 1.0} for n in range(1, 101)]
    for row in rows[50:64]:
        row["loss"] = 4.0
    assert codes(rows[:64]) == {"learning_rate_high"}
    assert "learning_rate_high" in codes(rows)
    assert "learning_rate_high" not in codes(rows[:59])  # not yet
    later = [{"step": n, "loss": 1.9, "lr": 1e-3, "grad_norm": 1.0} for n in range(101, 401)]
    assert "learning_rate_high" not in codes(rows + later)


def test_a_gradient_that_stays_large_is_told_apart_from_a_loss_that_rises() -> None:
    rows = [{"step": n, "loss": 2.0, "lr": 1e-3, "grad_norm": 1.0} for n in range(1, 81)]
    for row in rows[50:]:
        row |= {"loss": 2.1, "grad_norm": 200.0}
    assert "gradient_exploded" in codes(rows)


def test_rows_of_anything_are_borne() -> None:
    rows: list[dict[str, Any]] = [{"step": n, "loss": None, "val_loss": float("nan"), "lr": "x"} for n in range(99)]
    assert warnings(rows) == []
    assert warnings([]) == []


def test_every_sentence_is_used() -> None:
    assert set(CODES) <= set(TEXTS)
