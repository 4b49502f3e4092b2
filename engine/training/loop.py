"""The training loop: a generator of events, the same for the window, the terminal and the tests.

Everything random follows from (seed, step), and everything else a step depends on lies in the checkpoint. So a run
that was killed at any instant and resumed gives, bit for bit, what it would have given (same machine, same build).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine import files, hardware
from engine.data.items import Batch, Data
from engine.data.order import batch_at
from engine.errors import EngineError, from_os_error
from engine.events import Event, Finished, Fit, Log, Metric, Sample, Started
from engine.gpt.lora import load_trained, trained
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import joined, packed, phrase
from engine.training import checkpoint, defaults, distributed, machine, run
from engine.training.card import model_card
from engine.training.checkpoint import Checkpoint
from engine.training.distributed import Group
from engine.training.fit import dry_run
from engine.training.machine import Compute
from engine.training.methods.base import Cancelled
from engine.training.methods.table import method_of
from engine.training.optimizers import Optimizer
from engine.training.prepare import parent_again, prepare
from engine.training.recipe import Recipe
from engine.training.run import Journal, NoJournal, Run
from engine.training.schedules import make_schedule


def train(
    recipe: Recipe | None,
    folder: Path,
    cancelled: threading.Event,
    resume: bool = False,
    parallel: str | None = None,
) -> Iterator[Event]:
    """Train by `recipe` in `folder`, or go on with the run that is there. parallel: another way to hold the model than
    the run's own.

    Yields Progress while the data is prepared, Fit for a new run, Started, a Metric per logged step (`loss, lr,
    tokens_per_second, grad_norm, memory`, at evaluations also `val_loss` and what else the method measures), Samples,
    and Finished with the reason `done`, `early_stopping`, `cancelled` or, where the disk is full, `paused`. Raises
    EngineError; the last checkpoint then stands.
    """
    group = distributed.join()
    try:
        if recipe is not None:
            _group_for(recipe, group)  # before anything is begun
        if group.first:
            try:
                yield from _begin(recipe, folder, cancelled, resume)
            except Cancelled:
                yield Finished("cancelled", {"run": None, "model": None, "best_val_loss": None})
                return
        group.wait()
        opened = Run.open(folder).with_parallel(parallel)
        alone = run.held(folder) if group.first else nullcontext()
        sparing = bool(opened.recipe.recompute) or opened.recipe.parallel == "shard"
        with alone, machine.kept_memory(sparing):
            trainer = Trainer(opened, group)
            if trainer.takes_part and trainer.state.step == 0 and "fit" in trainer.run.info:
                yield trainer.fit()
            yield trainer.started()
            yield from trainer.events(cancelled)
    finally:
        distributed.leave()


def _group_for(recipe: Recipe, group: Group) -> Group:
    """The processes as the recipe wants them. Raises EngineError `recipe_conflict` where they are too few."""
    return distributed.sharing(group) if recipe.parallel == "shard" else group


def _begin(recipe: Recipe | None, folder: Path, cancelled: threading.Event, resume: bool) -> Iterator[Event]:
    """See to it that there is a run in the folder. Raises EngineError, or `Cancelled`."""
    if resume and run.exists(folder):
        if recipe is not None:
            Run.open(folder).check_same(recipe)
    elif recipe is None:
        raise EngineError("not_a_run", place=str(folder))
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise EngineError("run_exists", place=str(folder))
    else:
        yield from prepare(recipe, folder, cancelled)


def predict(recipe: Recipe, folder: Path, cancelled: threading.Event) -> Iterator[Event]:
    """What a training in `folder` would take, without beginning it: the events of `train` up to Fit, and Finished with
    the reason `predicted` or `cancelled`. Raises EngineError where it would not fit; nothing is left on disk.
    """
    with files.scratch(folder.parent / "fit") as place:
        try:
            yield from prepare(recipe, place / "run", cancelled)
        except Cancelled:
            yield Finished("cancelled", {})
            return
        found = Trainer(Run.open(place / "run")).fit()
        yield found
    yield Finished("predicted", {key: value for key, value in found.to_json().items() if key != "event"})


class Trainer:
    """A run being worked on: the model, its optimizer and the state of its newest checkpoint."""

    def __init__(self, opened: Run, group: Group | None = None) -> None:
        """Raises EngineError `no_checkpoint`, `data_changed`, `parent_changed` or `recipe_conflict`."""
        self.run, self.recipe, self.method = opened, opened.recipe, method_of(opened.recipe)
        self.group = _group_for(self.recipe, group or Group())
        r = self.recipe
        self._check_accumulation()
        if r.compile == "yes" and not machine.has_compiler():
            raise defaults.no_compiler()
        torch.set_num_threads(self.group.threads(r.threads))
        self.tokenizer = Tokenizer.load(opened.folder / "tokenizer")
        self.data = self._load_data()
        self.items, self.held_back = self.data.training(), self.data.held_back()
        compute = Compute(self.group.device(r.device), r.precision, r.compile == "yes")
        self.device = compute.device
        point = checkpoint.newest(opened.checkpoints)
        self.model = self.group.place(self._whole_model(point), compute.device)
        for module in self.model.modules():
            if isinstance(module, GPT):
                module.recompute = r.recompute
        self.objective = self.method.objective(self.model, self.tokenizer, r, compute, self.data)
        adamw_rate = 1.0 if r.adamw_rate is None else r.adamw_rate  # runs of earlier versions name none
        habits = (r.learning_rate, r.weight_decay, r.beta2, adamw_rate)
        self.optimizer = Optimizer(r.optimizer, self.model, *habits, muon=self.group.muon)
        self.schedule = make_schedule(r.schedule, r.steps, r.warmup, r.decay, r.min_learning_rate)
        self.optimizer.load_tensors(point.optimizer, self.group.part)
        self.state = point.state
        self.saved_step = self.state.step

    @property
    def takes_part(self) -> bool:
        """In what the first process does with the model besides training it."""
        return self.group.first or self.group.shares

    def _check_accumulation(self) -> None:
        """Every process needs work; where they hold the model together, all need equally much."""
        count, size = self.recipe.accumulation, self.group.size
        if count < size or (self.group.shares and count % size):
            values = {"count": count, "size": size, "wanted": -(-count // size) * size}
            reason = (
                phrase(
                    "({count}) must give each of {size} processes equally many micro-batches: make it {wanted}",
                    **values,
                )
                if count > size
                else phrase("({count}) must give each of {size} processes a micro-batch: make it {wanted}", **values)
            )
            raise EngineError("recipe_conflict", key="accumulation", reason=reason)

    def _whole_model(self, point: Checkpoint) -> nn.Module:
        """The model of a checkpoint, in main memory."""
        parent = parent_again(self.run.info)
        model = self.method.build(self.recipe, self.run.config, parent.model if parent else None, self.data)
        load_trained(model, point.model)
        return model

    def _load_data(self) -> Data:
        """The tokens in the run folder. Raises EngineError `data_changed` when they are not those it began with."""
        folder, about = self.run.folder / "data", self.run.info["data"]
        for name, wanted in about["sha256"].items():
            found = files.sha256_of(folder / name)
            if found != wanted:
                raise EngineError("data_changed", place=str(folder / name), found=found, wanted=wanted)
        return self.method.load(folder, about, self.recipe)

    def fit(self) -> Fit:
        """What the run will take, with its speed measured by a dry run that changes nothing. For a run at step 0.

        Raises EngineError `folder_no_room` where the disk has too little left.
        """
        r, folder, known = self.recipe, self.run.folder, self.run.info["fit"]
        if (free := hardware.disk_free(folder)) < known["disk"]:
            sizes = {"free": hardware.size_text(free), "needed": hardware.size_text(known["disk"])}
            raise EngineError("folder_no_room", place=str(folder), **sizes)
        self.model.train()
        step_seconds, speed = dry_run(r, self.items, self.objective, self.optimizer)
        known |= {"seconds": round(r.steps * step_seconds, 3), "tokens_per_second": round(speed, 1)}
        if self.group.first:
            self.run.update(fit=known)
        return Fit(**known, disk_free=free)

    def started(self) -> Started:
        info, r = self.run.info, self.recipe
        data = {
            "run": str(self.run.folder),
            "parameters": info["parameters"],
            "trained": info.get("trained", info["parameters"]),
            "tokens": info["data"]["tokens"],
            "items": info["data"]["items"],
            "held_back": info["data"]["held_back"],
            "steps": r.steps,
            "from_step": self.state.step,
            "precision": r.precision,
            "threads": r.threads,
            "defaults": defaults.explained(r, info.get("reasons", {})),
        }
        return Started("train", data)

    def events(self, cancelled: threading.Event) -> Iterator[Event]:
        """All steps that are left, then the model. A full disk ends them early, and the run waits to be resumed."""
        if not self.group.first:
            for _ in self._steps(cancelled):
                pass  # the first process speaks
            yield Finished("done")
            return
        try:
            self.run.update(state="running", problem=None)
            reason = yield from self._steps(cancelled)
            yield from self._finish(reason)
        except (OSError, EngineError) as error:
            known = from_os_error(error) if isinstance(error, OSError) else error
            if known.code != "disk_full":
                with suppress(OSError):
                    self.run.update(state="failed", problem=packed(str(known)))
                raise
            yield from self._pause()

    def _steps(self, cancelled: threading.Event) -> Generator[Event, None, str]:
        """All steps that are left; why they ended."""
        r, state, folder = self.recipe, self.state, self.run.folder
        journal = Journal if self.group.first else NoJournal
        metrics = journal(folder / "metrics.jsonl", state.step)
        samples = journal(folder / "samples.jsonl", state.step)
        speed = _Speed()
        reason = "done"
        try:
            while state.step < r.steps and not self._gave_up():
                began = time.perf_counter()
                values = self._step(cancelled, speed)
                if values is None:
                    reason = "cancelled"
                    break
                state.step += 1
                step, last = state.step, state.step == r.steps
                evaluated = len(self.held_back) > 0 and (step % r.evaluate_every == 0 or last)
                better = False
                if evaluated:
                    scores = self._evaluate()
                    better = self._note(scores["val_loss"])
                    values |= scores
                state.seconds += time.perf_counter() - began
                if evaluated or step % r.log_every == 0 or last:
                    values |= {"tokens_per_second": speed.read(), "memory": machine.memory_used(self.device)}
                    metrics.add(step, **values)
                    yield Metric(step, values)
                if self.takes_part and r.sample_every and (step % r.sample_every == 0 or last):
                    text = self.method.sample(self.model, self.tokenizer, r, _seed(r.seed, step))
                    self.group.rest(self.model)
                    samples.add(step, text=text)
                    yield Sample(step, text)
                if better or step % r.checkpoint_every == 0:
                    self._save(metrics, samples)
            if self.saved_step < state.step:
                self._save(metrics, samples)
            elif self.group.first:  # a kill behind the last save may have kept what goes from going
                checkpoint.prune(self.run.checkpoints, state.step, state.best_step)
        finally:
            metrics.close()
            samples.close()
        return "early_stopping" if reason == "done" and state.step < r.steps else reason

    def _pause(self) -> Iterator[Event]:
        """Leave the run as its last whole checkpoint has it, to be resumed once there is room."""
        with suppress(OSError):  # even this may find no room; a run that only seems to be running resumes as well
            self.run.update(state="paused")
        step = checkpoint.newest(self.run.checkpoints).state.step
        yield Log("error", str(EngineError("run_paused", place=str(self.run.folder), step=step)))
        yield Finished("paused", {"run": str(self.run.folder), "model": None, "steps": step})

    def _step(self, cancelled: threading.Event, speed: _Speed) -> dict[str, float] | None:
        """One step of the optimizer; None, with nothing changed, when it was cancelled between micro-batches."""
        r, step, group = self.recipe, self.state.step, self.group
        if group.any(cancelled.is_set(), self.device):
            return None
        with speed:
            numbers = range(step * r.accumulation, (step + 1) * r.accumulation)
            batches = dict(zip(numbers, self._batches(step), strict=True))
            count = max(1, sum(self.objective.count(batch) for batch in batches.values()))
            self.model.train()
            self.optimizer.zero_gradients()
            totals: dict[str, float] = {}
            for number in group.share(numbers):
                if group.size == 1 and cancelled.is_set():
                    return None
                torch.manual_seed(_seed(r.seed, number))  # dropout
                for name, value in self.objective.backward(batches[number], count).items():
                    totals[name] = totals.get(name, 0.0) + value
            speed.tokens += sum(batch[0].size for batch in batches.values())
            sums = group.sums(list(totals.values()), self.device)
            values = {name: total / count for name, total in zip(totals, sums, strict=True)}
            group.sum_gradients(self.optimizer.parameters)
            norm = group.clip(self.optimizer.parameters, r.clip or math.inf)
            if not math.isfinite(values["loss"] + norm):  # before the weights, and then a checkpoint, are spoilt
                raise EngineError("diverged", step=step + 1)
            rate = self.optimizer.step(self.schedule(step))
        return values | {"lr": rate, "tokens_per_second": 0.0, "grad_norm": norm}

    def _batches(self, step: int) -> list[Batch]:
        """The micro-batches of a step: however it is cut up, it holds the same items."""
        r = self.recipe
        lengths = self.items.lengths if self.method.sorts_by_length else None
        chosen = batch_at(r.seed, len(self.items), step, r.batch_size * r.accumulation, lengths)
        return [self.items.batch(part) for part in chosen.reshape(r.accumulation, r.batch_size)]

    def _evaluate(self) -> dict[str, Any]:
        """Figures of held-back items, spread evenly where there are more than `evaluate_batches` batches of them."""
        r = self.recipe
        count = min(len(self.held_back), r.evaluate_batches * r.batch_size)
        chosen = np.linspace(0, len(self.held_back) - 1, count).round().astype(np.int64)
        self.model.eval()
        parts = (chosen[start : start + r.batch_size] for start in range(0, count, r.batch_size))
        scores = self.objective.evaluate(self.held_back.batch(part) for part in parts)
        self.group.rest(self.model)
        if not math.isfinite(scores["val_loss"]):
            raise EngineError("diverged", step=self.state.step)
        return scores

    def _note(self, val_loss: float) -> bool:
        """Remember an evaluation; whether it is the best so far."""
        best = self.state.best_val_loss
        if best is not None and not val_loss < best:
            self.state.evaluations_since_best += 1
            return False
        self.state.best_val_loss, self.state.best_step = val_loss, self.state.step
        self.state.evaluations_since_best = 0
        return True

    def _gave_up(self) -> bool:
        return 0 < self.recipe.patience <= self.state.evaluations_since_best

    def _save(self, metrics: Journal, samples: Journal) -> None:
        self.saved_step = self.state.step
        learnt: dict[str, Tensor] = {name: parameter.detach() for name, parameter in trained(self.model).items()}
        whole = Checkpoint(self.group.whole(learnt), self.group.whole(self.optimizer.tensors()), self.state)
        if self.group.first:
            metrics.sync()
            samples.sync()
            checkpoint.save(self.run.checkpoints, whole)
            checkpoint.prune(self.run.checkpoints, self.state.step, self.state.best_step)

    def _finish(self, reason: str) -> Iterator[Event]:
        """Write the model the recipe keeps as a model folder."""
        self.optimizer.zero_gradients()  # no step needs them any more, and writing a model takes as much again
        self.optimizer.forget()
        state = self.state
        if self.group.shares:  # the others have left, and the newest checkpoint is of this step
            self.model = self._whole_model(checkpoint.newest(self.run.checkpoints))
        kept = state.best_step or state.step if self.recipe.keep == "best" else state.step
        if kept != state.step:
            try:
                load_trained(self.model, checkpoint.at(self.run.checkpoints, kept).model)
            except EngineError as error:
                kept = state.step
                instead = phrase("The model of the last step is taken instead.")
                yield Log("warning", joined([str(error), instead]))
        metrics = run.read_journal(self.run.folder / "metrics.jsonl")
        figures = {
            "steps": state.step,
            "model_step": kept,
            "best_step": state.best_step or state.step,
            "best_val_loss": state.best_val_loss,
            "scores": next((line for line in reversed(metrics) if line["step"] == kept and "val_loss" in line), None),
            "seconds": round(state.seconds, 1),
        }
        self.run.info.update(figures)  # which the card tells
        self.method.save(self.model, self.tokenizer, self.run, model_card(self.run, metrics))
        self.run.update(state=reason, finished=time.strftime("%Y-%m-%d %H:%M:%S"))  # until then it can be gone on with
        yield Finished(reason, {"run": str(self.run.folder), "model": str(self.run.model), **figures})


class _Speed:
    """Tokens per second of training since it was last read, without evaluations, samples and checkpoints."""

    def __init__(self) -> None:
        self.tokens = 0
        self._seconds = self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._seconds += time.perf_counter() - self._began

    def read(self) -> float:
        speed = self.tokens / self._seconds if self._seconds else 0.0
        self.tokens, self._seconds = 0, 0.0
        return round(speed, 1)


def _seed(seed: int, step: int) -> int:
    """One number of 63 bits from two."""
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0] >> 1)
