"""Whole runs of a tiny model: what they say, what they leave, how they end."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_run
import torch

from engine import jobs
from engine.data.items import NO_LOSS
from engine.data.text import TextData
from engine.errors import describe
from engine.events import Event, Failed, Finished, Fit, Log, Metric, Progress, Sample, Started
from engine.gpt.model import GPT
from engine.gpt.tokenizer import CHAT_TEMPLATE, Tokenizer
from engine.jobs import JobContext
from engine.training import checkpoint, objectives
from engine.training.jobs import train
from engine.training.methods.text import Pretrain
from engine.training.run import Run, read_journal
from engine.training.runs import run_info


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return small_run.write_text(tmp_path / "text.txt")


def run(params: dict[str, Any], look: Callable[[Event, JobContext], None] = lambda event, context: None) -> list[Event]:
    """All events of the job; `look` sees each as it comes and may cancel."""
    context = JobContext()
    events = []
    for event in jobs.run(train, params, context):
        events.append(event)
        look(event, context)
    return events


def last(events: list[Event]) -> Any:
    assert isinstance(events[-1], Finished | Failed)
    return events[-1]


def weights(out: Path) -> str:
    return hashlib.sha256((out / "model" / "model.safetensors").read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    """One run that several tests look at."""
    folder = tmp_path_factory.mktemp("trained")
    params = small_run.recipe(small_run.write_text(folder / "text.txt"), steps=40, max_length=48, learning_rate=0.01)
    return folder / "run", run({**params, "out": str(folder / "run"), "licence": "apache-2.0", "credits": "By nobody."})


def test_events_in_order(trained: tuple[Path, list[Event]]) -> None:
    out, events = trained
    kinds = [type(event) for event in events if not isinstance(event, Progress)]
    assert kinds[:2] == [Fit, Started]
    assert kinds[-1] is Finished
    started = next(event for event in events if isinstance(event, Started))
    assert started.job == "train"
    assert started.data["run"] == str(out)
    assert started.data["steps"] == 40
    assert started.data["defaults"]["optimizer"][0] == "muon"
    metrics = [event for event in events if isinstance(event, Metric)]
    assert [event.step for event in metrics] == list(range(1, 41))
    for event in metrics:
        assert {"loss", "lr", "tokens_per_second", "grad_norm", "memory"} <= set(event.values)
        assert event.values["tokens_per_second"] > 0
        assert event.values["memory"] > 10**7
        assert ("val_loss" in event.values) == ("perplexity" in event.values) == (event.step % 4 == 0)
    assert [event.step for event in events if isinstance(event, Sample)] == [6, 12, 18, 24, 30, 36, 40]


def test_it_learns(trained: tuple[Path, list[Event]]) -> None:
    metrics = [event.values for event in trained[1] if isinstance(event, Metric)]
    assert metrics[0]["loss"] == pytest.approx(math.log(300), rel=0.1)
    assert metrics[-1]["val_loss"] < 0.8 * metrics[0]["loss"]
    scored = [values for values in metrics if "val_loss" in values]
    assert all(values["perplexity"] == pytest.approx(math.exp(values["val_loss"])) for values in scored)


def test_the_end_names_run_model_and_best(trained: tuple[Path, list[Event]]) -> None:
    out, events = trained
    end = last(events)
    assert end.reason == "done"
    assert (end.stats["run"], end.stats["model"]) == (str(out), str(out / "model"))
    losses = {
        event.step: event.values["val_loss"] for event in events if isinstance(event, Metric) and event.step % 4 == 0
    }
    assert end.stats["best_val_loss"] == min(losses.values()) == losses[end.stats["best_step"]]


def test_the_folder(trained: tuple[Path, list[Event]]) -> None:
    out, events = trained
    assert {path.name for path in out.iterdir()} == {
        "recipe.toml", "run.json", "run.lock", "data", "tokenizer", "metrics.jsonl", "samples.jsonl", "checkpoints",
        "model",
    }  # fmt: skip
    info = json.loads((out / "run.json").read_text())
    assert info["state"] == "done"
    assert info["data"]["files"][0]["sha256"] == hashlib.sha256((out.parent / "text.txt").read_bytes()).hexdigest()
    assert read_journal(out / "metrics.jsonl") == [
        {"step": event.step, **event.values} for event in events if isinstance(event, Metric)
    ]
    kept = sorted(int(path.name[5:]) for path in (out / "checkpoints").iterdir())
    assert kept == sorted({39, 40, info["best_step"]})


def test_the_model_is_the_best_one(trained: tuple[Path, list[Event]]) -> None:
    out, events = trained
    model, tokenizer = GPT.load(out / "model"), Tokenizer.load(out / "model")
    best = checkpoint.at(out / "checkpoints", last(events).stats["best_step"])
    assert all(torch.equal(best.model[name], tensor) for name, tensor in model.state_dict().items())
    assert tokenizer.vocabulary == model.config.vocabulary


def test_the_last_weights_are_kept_where_the_recipe_says_so(text: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    rates = {"learning_rate": 0.003, "warmup": 0, "schedule": "constant", "optimizer": "adamw"}
    params = small_run.recipe(text, steps=60, evaluate_every=2, epochs=None, width=64, validation_share=0.3, **rates)
    text.write_text(text.read_text()[:1500])  # little text: it is learnt by heart, and the best comes early
    end = last(run({**params, "keep": "last", "out": str(out)}))
    assert end.stats["best_step"] < end.stats["model_step"] == end.stats["steps"]
    kept = checkpoint.at(out / "checkpoints", end.stats["steps"])
    model = GPT.load(out / "model")
    assert all(torch.equal(kept.model[name], tensor) for name, tensor in model.state_dict().items())


def test_the_card(trained: tuple[Path, list[Event]]) -> None:
    out, events = trained
    card = (out / "model" / "README.md").read_text("utf-8")
    assert 'license: "apache-2.0"' in card
    assert "By nobody." in card
    assert "text.txt" in card
    assert f"{last(events).stats['best_val_loss']:.4f}" in card
    assert "learning_rate = 0.01" in card
    assert str(out.parent) not in card, "where things lay is nobody else's business"


def test_evaluation_and_samples_change_nothing(text: Path, tmp_path: Path) -> None:
    often = small_run.recipe(text, shape="gpt2", dropout=0.3, evaluate_every=1, sample_every=1, checkpoint_every=1)
    seldom = {**often, "evaluate_every": 12, "sample_every": 0, "checkpoint_every": 12}
    found = []
    for number, params in enumerate((often, seldom)):
        events = run({**params, "out": str(tmp_path / str(number))})
        found.append([event.values["loss"] for event in events if isinstance(event, Metric)])
        assert len(found[-1]) == 12
    assert found[0] == found[1]


def test_the_held_back_loss_is_that_of_the_saved_model(text: Path, tmp_path: Path) -> None:
    """Without dropout, over every held-back token, whatever training does besides."""
    params = small_run.recipe(text, shape="gpt2", dropout=0.5, evaluate_every=12, evaluate_batches=1000, batch_size=3)
    end = last(run({**params, "out": str(tmp_path / "run")}))
    opened = Run.open(tmp_path / "run")
    held = TextData.load(opened.folder / "data", opened.info["data"]["split"], 16, 16).held_back()
    ids, labels = map(torch.from_numpy, held.batch(np.arange(len(held))))
    with torch.no_grad():
        logits = GPT.load(end.stats["model"])(ids)
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=NO_LOSS)
    assert end.stats["best_val_loss"] == pytest.approx(loss.item(), rel=1e-5)


def test_accumulation_is_one_large_batch(text: Path, tmp_path: Path) -> None:
    losses = []
    for batch_size, accumulation in ((4, 1), (1, 4)):
        params = small_run.recipe(text, batch_size=batch_size, accumulation=accumulation, sample_every=0)
        events = run({**params, "out": str(tmp_path / str(batch_size))})
        losses.append([event.values["loss"] for event in events if isinstance(event, Metric)])
    assert losses[0] == pytest.approx(losses[1], rel=3e-4)  # Muon makes what sums round differently larger


def test_cancelled_and_resumed(text: Path, tmp_path: Path) -> None:
    """Stop is a normal ending that leaves a model, and going on changes nothing."""
    params = small_run.recipe(text, checkpoint_every=100, evaluate_every=100)
    run({**params, "out": str(tmp_path / "whole")})

    def stop(event: Event, context: JobContext) -> None:
        if isinstance(event, Metric) and event.step == 5:
            context.cancelled.set()

    out = tmp_path / "stopped"
    end = last(run({**params, "out": str(out)}, stop))
    assert (end.reason, end.stats["steps"]) == ("cancelled", 5)
    GPT.load(end.stats["model"])
    assert json.loads((out / "run.json").read_text())["state"] == "cancelled"
    resumed = run({"out": str(out), "resume": True})
    assert [event.step for event in resumed if isinstance(event, Metric)] == list(range(6, 13))
    assert weights(out) == weights(tmp_path / "whole")


def test_cancelled_while_preparing_leaves_nothing(text: Path, tmp_path: Path) -> None:
    def stop(event: Event, context: JobContext) -> None:
        context.cancelled.set()

    events = run({**small_run.recipe(text), "out": str(tmp_path / "run")}, stop)
    assert last(events).reason == "cancelled"
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


def test_cancel_is_seen_between_micro_batches(text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    real = objectives.backward

    def look(event: Event, context: JobContext) -> None:
        def backward(*args: Any) -> Any:
            seen.append(1)
            if len(seen) == 4:  # the first micro-batch of the second step
                context.cancelled.set()
            return real(*args)

        if isinstance(event, Started):  # what went before only measured
            monkeypatch.setattr(objectives, "backward", backward)

    events = run({**small_run.recipe(text, accumulation=3), "out": str(tmp_path / "run")}, look)
    assert len(seen) == 4
    assert last(events).stats["steps"] == 1


def test_a_run_of_an_earlier_version_goes_on_with_one_rate_for_all(text: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"

    def stop_after_five(event: Event, context: JobContext) -> None:
        if isinstance(event, Metric) and event.step == 5:
            context.cancelled.set()

    run({**small_run.recipe(text, steps=9, adamw_rate=1), "out": str(out)}, stop_after_five)
    earlier = tmp_path / "earlier"
    shutil.copytree(out, earlier)
    lines = (earlier / "recipe.toml").read_text("utf-8").splitlines(keepends=True)
    (earlier / "recipe.toml").write_text("".join(line for line in lines if "adamw_rate" not in line), "utf-8")
    assert Run.open(earlier).recipe.adamw_rate is None
    for folder in (out, earlier):
        assert last(run({"out": str(folder), "resume": True})).reason == "done"
    assert weights(earlier) == weights(out)


def test_a_finished_run_resumes_to_the_same_end(text: Path, tmp_path: Path) -> None:
    params = {**small_run.recipe(text), "out": str(tmp_path / "run")}
    first = last(run(params)).stats
    before = weights(tmp_path / "run")
    again = run({**params, "resume": True})
    assert not any(isinstance(event, Metric) for event in again)
    assert last(again).stats == first
    assert weights(tmp_path / "run") == before


def test_a_run_whose_model_is_not_written_yet_has_not_ended(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = {**small_run.recipe(text), "out": str(tmp_path / "run")}

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Pretrain, "save", killed)
        run(params)
    found = run_info(tmp_path / "run")
    assert (found.state, found.resumable, found.model) == ("interrupted", True, None)
    assert last(run({**params, "resume": True})).reason == "done"
    assert run_info(tmp_path / "run").state == "done"


def test_a_run_of_an_older_version_goes_on(text: Path, tmp_path: Path) -> None:
    """Its run.json knows less, its recipe has no reasons."""
    params = {**small_run.recipe(text), "out": str(tmp_path / "run")}

    def stop(event: Event, context: JobContext) -> None:
        if isinstance(event, Metric) and event.step == 5:
            context.cancelled.set()

    run(params, stop)
    info = json.loads((tmp_path / "run" / "run.json").read_text())
    older = {key: value for key, value in info.items() if key not in ("reasons", "trained", "parent_sha256")}
    (tmp_path / "run" / "run.json").write_text(json.dumps(older))
    recipe = (tmp_path / "run" / "recipe.toml").read_text()
    assert "here because" in recipe
    lines = [line for line in recipe.splitlines() if not line.startswith("#")]
    (tmp_path / "run" / "recipe.toml").write_text("\n".join(lines))
    assert last(run({**params, "resume": True})).reason == "done"
    run({**params, "out": str(tmp_path / "whole")})
    assert weights(tmp_path / "run") == weights(tmp_path / "whole")


def test_early_stopping_keeps_the_best(text: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.txt"
    few.write_text(text.read_text()[:1500])
    params = small_run.recipe(
        few, steps=400, evaluate_every=5, patience=3, learning_rate=0.02, validation_share=0.3, schedule="constant"
    )
    events = run({**params, "out": str(tmp_path / "run")})
    end = last(events)
    assert end.reason == "early_stopping"
    assert end.stats["steps"] == end.stats["best_step"] + 15
    again = run({"out": str(tmp_path / "run"), "resume": True})
    assert last(again).stats == end.stats, "it does not start anew where it gave up"


def test_seeds(text: Path, tmp_path: Path) -> None:
    found = []
    for number, seed in enumerate((1, 1, 2)):
        run({**small_run.recipe(text, seed=seed), "out": str(tmp_path / str(number))})
        found.append(weights(tmp_path / str(number)))
    assert found[0] == found[1] != found[2]


def test_divergence_is_named_and_keeps_the_last_checkpoint(text: Path, tmp_path: Path) -> None:
    params = small_run.recipe(text, learning_rate=1e30, clip=0, optimizer="adamw", warmup=0, checkpoint_every=1)
    end = last(run({**params, "out": str(tmp_path / "run")}))
    assert end.code == "diverged"
    found = checkpoint.newest(tmp_path / "run" / "checkpoints")
    assert all(bool(tensor.isfinite().all()) for tensor in found.model.values())


def test_a_run_in_the_way_is_not_touched(text: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    end = last(run({**small_run.recipe(text), "out": str(out)}))
    assert end.code == "run_exists"
    assert [path.name for path in out.iterdir()] == ["mine.txt"]
    assert last(run({"out": str(out), "resume": True})).code == "not_a_run"


def test_resume_takes_the_same_keys_and_no_others(text: Path, tmp_path: Path) -> None:
    params = {**small_run.recipe(text), "out": str(tmp_path / "run")}
    run(params)
    assert last(run({**params, "resume": True})).reason == "done"
    end = last(run({**params, "steps": 13, "resume": True}))
    assert (end.code, end.data["key"]) == ("resume_changed", "steps")
    assert "13" in describe(end.code, end.data)


def test_tokens_changed_on_disk_are_refused(text: Path, tmp_path: Path) -> None:
    params = {**small_run.recipe(text), "out": str(tmp_path / "run")}
    run(params)
    ids = np.load(tmp_path / "run" / "data" / "ids.npy")
    ids[5] ^= 1
    np.save(tmp_path / "run" / "data" / "ids.npy", ids)
    assert last(run({**params, "resume": True})).code == "data_changed"


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "data_empty"), (b"\x89PNG\0\0", "data_binary"), (b"too short", "data_too_short")]
)
def test_bad_data_is_one_sentence_and_leaves_nothing(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "bad.txt").write_bytes(content)
    end = last(run({**small_run.recipe(tmp_path / "bad.txt"), "out": str(tmp_path / "runs" / "run")}))
    assert end.code == code
    assert not list((tmp_path / "runs").glob("*"))


def test_a_full_disk_pauses_the_run(text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = {**small_run.recipe(text), "out": str(tmp_path / "run")}
    real = os.fsync

    def full(descriptor: int) -> None:
        if (tmp_path / "run" / "checkpoints" / "step-00000006").exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    *_, said, end = run(params)
    assert isinstance(end, Finished)
    assert (end.reason, end.stats["steps"]) == ("paused", 6)
    assert isinstance(said, Log)
    assert (said.level, str(tmp_path / "run") in said.text, "--resume" in said.text) == ("error", True, True)
    assert Run.open(tmp_path / "run").info["state"] in ("paused", "running")
    assert checkpoint.newest(tmp_path / "run" / "checkpoints").state.step == 6
    monkeypatch.setattr(os, "fsync", real)
    assert last(run({**params, "resume": True})).reason == "done"
    run({**params, "out": str(tmp_path / "whole")})
    assert weights(tmp_path / "run") == weights(tmp_path / "whole")


def test_a_lost_best_checkpoint_is_said_aloud(text: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.txt"
    few.write_text(text.read_text()[:1500])
    params = small_run.recipe(few, steps=60, evaluate_every=5, learning_rate=0.03, validation_share=0.3)
    best = last(run({**params, "out": str(tmp_path / "run")})).stats["best_step"]
    assert best < 60
    (tmp_path / "run" / "checkpoints" / f"step-{best:08}" / "model.safetensors").unlink()
    events = run({"out": str(tmp_path / "run"), "resume": True})
    assert any(isinstance(event, Log) and "last step" in event.text for event in events)


# --- other methods ---------------------------------------------------------------------------------------------------


def test_continue_starts_from_the_parent(trained: tuple[Path, list[Event]], text: Path, tmp_path: Path) -> None:
    parent, events = trained
    params = {"method": "continue", "data": str(text), "model": str(parent), "steps": 4, "threads": 1, "batch_size": 2}
    found = run({**params, "out": str(tmp_path / "run")})
    first = next(event for event in found if isinstance(event, Metric))
    assert first.values["loss"] < 0.9 * math.log(300)
    assert Tokenizer.load(tmp_path / "run" / "model").merges == Tokenizer.load(parent / "model").merges
    begun = checkpoint.at(parent / "checkpoints", last(events).stats["best_step"]).model
    step_0 = Run.open(tmp_path / "run").info
    assert step_0["parent"] == str(parent / "model")
    assert begun.keys() == GPT.load(tmp_path / "run" / "model").state_dict().keys()


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    rows = []
    for number in range(40):
        word = ("dog", "cat", "sun", "tree")[number % 4]
        question, answer = {"role": "user", "content": word}, {"role": "assistant", "content": f"the {word}"}
        rows.append(json.dumps({"messages": [question, answer]}))
    path = tmp_path / "talks.jsonl"
    path.write_text("\n".join([*rows, '{"messages": []}']))
    return path


def test_finetuning_learns_to_answer(trained: tuple[Path, list[Event]], talks: Path, tmp_path: Path) -> None:
    params = {
        "method": "full", "data": str(talks), "model": str(trained[0]), "out": str(tmp_path / "run"), "threads": 1,
        "steps": 60, "batch_size": 4, "learning_rate": 0.02, "sample_prompt": "dog", "seed": 1,
    }  # fmt: skip
    events = run(params)
    assert last(events).reason == "done", events[-1]
    assert [event.text for event in events if isinstance(event, Log)] == [
        "talks.jsonl, line 41, was left out: it has no reply of the assistant.",
        "36 rows repeat an earlier one exactly, first talks.jsonl, line 5.",
        "18 rows also stand in the evaluation data, first talks.jsonl, line 3.",
    ]
    samples = [event.text for event in events if isinstance(event, Sample)]
    assert samples[-1] in ("the dog", "the cat", "the sun", "the tree"), "an answer in the learnt form, and its end"
    again = run({"out": str(tmp_path / "run"), "resume": True})
    assert last(again).stats == last(events).stats


def test_a_model_is_trained_with_its_own_chat_template(
    trained: tuple[Path, list[Event]], talks: Path, tmp_path: Path
) -> None:
    template = "{% for m in messages %}[{{ m.role }}] {{ m.content }}{{ eos_token }}{% endfor %}"
    parent = shutil.copytree(trained[0] / "model", tmp_path / "parent")
    (parent / "chat_template.jinja").write_text(template)
    params = {"method": "full", "data": str(talks), "model": str(parent), "out": str(tmp_path / "run"), "steps": 2}
    events = run({**params, "sample_prompt": "dog", "threads": 1})
    assert last(events).reason == "done", events[-1]
    tokenizer = Tokenizer.load(tmp_path / "run" / "model")
    assert tokenizer.template == template
    ids = np.load(tmp_path / "run" / "data" / "ids.npy")
    assert tokenizer.decode(ids[:20].tolist()).startswith("[user] ")


def test_a_model_without_a_chat_template_gets_one(
    trained: tuple[Path, list[Event]], talks: Path, tmp_path: Path
) -> None:
    parent = shutil.copytree(trained[0] / "model", tmp_path / "parent")
    (parent / "chat_template.jinja").unlink()
    config = json.loads((parent / "tokenizer_config.json").read_text())
    (parent / "tokenizer_config.json").write_text(json.dumps(config | {"chat_template": None}))
    params = {"method": "full", "data": str(talks), "model": str(parent), "out": str(tmp_path / "run"), "steps": 1}
    events = run({**params, "threads": 1})
    assert "The model has no chat template, so it gets one." in [e.text for e in events if isinstance(e, Log)]
    assert Tokenizer.load(tmp_path / "run" / "model").template == CHAT_TEMPLATE


def test_recipe_as_a_file_and_as_a_table(text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = small_run.recipe(Path("text.txt"), steps=3)
    lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    (tmp_path / "r.toml").write_text("\n".join(lines))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert last(run({"recipe": str(tmp_path / "r.toml"), "out": "one"})).stats["steps"] == 3
    table = {**keys, "data": str(text)}
    assert last(run({"recipe": table, "steps": 2, "out": "two"})).stats["steps"] == 2
    assert sorted(path.name for path in elsewhere.iterdir()) == ["one", "two"]


def test_runs_lie_under_the_home(text: Path, home: Path) -> None:
    end = last(run({**small_run.recipe(text, steps=1), "name": "mine"}))
    assert end.stats["run"] == str(home / "runs" / "mine")
    assert last(run({**small_run.recipe(text), "name": "../mine"})).code == "recipe_value"


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    torch.set_num_threads(1)
    yield
    assert threading.active_count() < 10
