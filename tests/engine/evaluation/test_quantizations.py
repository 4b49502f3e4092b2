"""The job quantizations: sizes and losses of each type against f16, on the person's own text."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from random_gpt import english_tokenizer, random_gpt

from engine import jobs, paths
from engine.evaluation import likelihood
from engine.evaluation.quantizations import sample_of
from engine.events import Failed, Finished, Metric, Progress
from engine.gpt import hf
from engine.jobs import JobContext
from engine.runtime.base import open_runtime

TEXT = "Once upon a time there was a little boat. It liked to float on the pond. " * 20


@pytest.fixture
def model(tmp_path: Path) -> Path:
    hf.save(random_gpt("qwen3", width=256, heads=4), english_tokenizer(), tmp_path / "model")
    return tmp_path / "model"


def test_each_type_is_held_against_f16(model: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT)
    params = {"model": str(model), "data": str(tmp_path / "text.txt"), "types": ["q8_0", "q2_k"]}
    *events, ending = jobs.run(jobs.find("quantizations"), params, JobContext())
    assert isinstance(ending, Finished), ending
    f16, q8_0, q2_k = ending.stats["types"]
    assert [event.values for event in events if isinstance(event, Metric)] == [f16, q8_0, q2_k]
    assert [row["type"] for row in (f16, q8_0, q2_k)] == ["f16", "q8_0", "q2_k"]
    assert f16["size_bytes"] > q8_0["size_bytes"] > q2_k["size_bytes"]
    assert f16["bits_per_weight"] > q8_0["bits_per_weight"] > q2_k["bits_per_weight"]
    assert (f16["loss_difference"], f16["worse"]) == (0, 0)
    assert abs(q8_0["loss_difference"]) < abs(q2_k["loss_difference"])
    for row in (q8_0, q2_k):
        assert row["worse"] == pytest.approx(row["perplexity"] / f16["perplexity"] - 1)
    assert ending.stats["bytes"] == len(TEXT)
    assert not list(paths.home().glob(".quantizations*"))

    export = {"model": str(model), "out": str(tmp_path / "f16.gguf"), "to": "gguf", "quantize": "f16"}
    list(jobs.run(jobs.find("export"), export, JobContext()))
    runtime = open_runtime(tmp_path / "f16.gguf", "llama")
    try:
        steps = likelihood.measure(runtime, [TEXT], JobContext().cancelled)
        while True:
            next(steps)
    except StopIteration as stop:
        alone = stop.value
    finally:
        runtime.close()
    assert f16["loss"] == pytest.approx(alone.nats / alone.tokens, rel=1e-6)
    assert f16["perplexity"] == pytest.approx(math.exp(f16["loss"]))


def test_it_can_be_stopped_and_leaves_nothing(model: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT)
    context = JobContext()
    events = jobs.run(jobs.find("quantizations"), {"model": str(model), "data": str(tmp_path / "text.txt")}, context)
    while not (isinstance(event := next(events), Progress) and event.unit == "types" and event.message != ""):
        pass
    context.cancelled.set()
    *_, ending = events
    assert isinstance(ending, Finished)
    assert ending.reason == "cancelled"
    assert not list(paths.home().glob(".quantizations*"))


def test_a_type_there_is_not_is_refused_at_once(model: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT)
    params = {"model": str(model), "data": str(tmp_path / "text.txt"), "types": ["q9_9"]}
    (ending,) = jobs.run(jobs.find("quantizations"), params, JobContext())
    assert isinstance(ending, Failed)
    assert ending.code == "unknown_gguf_type"


def test_a_sample_is_spread_over_the_data_and_bounded(tmp_path: Path) -> None:
    rows = [{"text": f"text number {number:04} is here", "label": "ab"[number % 2]} for number in range(1000)]
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = sample_of(str(tmp_path / "data.jsonl"), 2600)
    assert sum(len(text.encode()) for text in found) <= 2600
    numbers = [int(text.split()[2]) for text in found if len(text.split()) > 2]
    assert numbers[0] < 50
    assert numbers[-1] > 900


def test_conversations_are_measured_by_what_is_said(tmp_path: Path) -> None:
    talk = [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "Two."}]
    (tmp_path / "talks.jsonl").write_text("\n".join(json.dumps({"messages": talk}) for _ in range(3)))
    assert sample_of(str(tmp_path / "talks.jsonl"), 1000) == ["One?\nTwo."] * 3
