"""Risks: each speaks from its threshold on, and not before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.training.advice import TEXTS
from engine.training.risks import Facts, risks

SAFE = Facts(
    method="lora", items=2000, held_back=100, rows=2100, size_bytes=1_000_000, steps=375, per_step=16,
    learning_rate=1e-3, usual_rate=1e-3, max_length=256, labels=(("a", 1000), ("b", 1000)), replay=True,
)  # fmt: skip


def codes(**changes: Any) -> set[str]:
    return {risk.code for risk in risks(replace(SAFE, **changes))}


def test_nothing_is_said_of_a_sound_plan() -> None:
    for method in ("lora", "full", "continue", "classify", "dpo", "pretrain"):
        assert codes(method=method) == set(), method


@pytest.mark.parametrize(
    ("code", "quiet", "raised"),
    [
        ("little_data", {"items": 50, "per_step": 4, "steps": 50}, {"items": 49, "per_step": 4, "steps": 50}),
        ("little_data", {"method": "dpo", "items": 100}, {"method": "dpo", "items": 99}),
        ("little_text", {"method": "pretrain", "size_bytes": 100_000}, {"method": "pretrain", "size_bytes": 99_999}),
        ("labels_rare", {"labels": (("a", 10), ("b", 10))}, {"labels": (("a", 9), ("b", 500))}),
        ("too_many_passes", {"steps": 1000}, {"steps": 1001}),
        ("too_many_passes", {"method": "dpo", "steps": 375}, {"method": "dpo", "steps": 376}),
        ("forgets_text", {"method": "continue"}, {"method": "continue", "replay": False}),
        ("forgets_rest", {"method": "full", "steps": 437}, {"method": "full", "steps": 438}),
        ("forgets_rest", {"method": "full"}, {"method": "full", "learning_rate": 2e-3}),
        ("rate_high", {"learning_rate": 3e-3}, {"learning_rate": 3.1e-3}),
        ("rate_low", {"learning_rate": 1e-4}, {"learning_rate": 0.9e-4}),
        ("batch_large", {"per_step": 200, "steps": 20}, {"per_step": 201, "steps": 20}),
        ("texts_long", {"too_long": 0.02}, {"too_long": 0.03}),
        ("duplicates_leak", {"duplicates": 21}, {"duplicates": 22}),
        ("duplicates_leak", {"method": "classify", "duplicates": 500}, {"duplicates": 500}),
        ("evaluation_leaks", {"leaked": 0}, {"leaked": 1}),
        ("little_held_back", {"held_back": 10}, {"held_back": 9}),
    ],
)
def test_thresholds(code: str, quiet: dict[str, Any], raised: dict[str, Any]) -> None:
    assert code not in codes(**quiet)
    assert code in codes(**raised)


def test_texts_are_whole_sentences() -> None:
    facts = replace(
        SAFE, method="full", items=9, held_back=0, duplicates=500, learning_rate=1.0, too_long=1.0, labels=(("x", 1),)
    )
    found = risks(facts)
    assert len(found) >= 7
    for risk in found:
        told = risk.to_json()
        assert told["text"].endswith(".")
        assert told["cure"].endswith(".")
        assert "{" not in told["text"] + told["cure"]


def test_every_sentence_belongs_to_something() -> None:
    import inspect

    from engine.training import risks as of_risks
    from engine.training import warnings as of_warnings

    source = inspect.getsource(of_risks) + inspect.getsource(of_warnings)
    assert all(f'"{code}"' in source for code in TEXTS)
