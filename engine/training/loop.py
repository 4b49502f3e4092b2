"""The training loop: a generator of events, the same for the window, the terminal and the tests.

Everything random follows from (seed, step), and everything else a step depends on lies in the checkpoint. So a run
that was killed at any instant and resumed gives, bit for bit, what it would have given (same machine, same build).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.chat.messages import Message
from engine.data.conversations import ConversationData, render
from engine.data.items import NO_LOSS, Data
from engine.data.order import batch_at
from engine.data.text import TextData
from engine.errors import EngineError
from engine.events import Event, Finished, Log, Metric, Sample, Started
from engine.gpt import hf
from engine.gpt.generate import generate, make_sampler
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.runtime.base import Sampling
from engine.training import checkpoint, machine, objectives, run
from engine.training.card import model_card
from engine.training.checkpoint import Checkpoint
from engine.training.optimizers import Optimizer
from engine.training.prepare import Cancelled, prepare
from engine.training.recipe import Recipe
from engine.training.run import Journal, Run
from engine.training.schedules import make_schedule

_SAMPLE_TOKENS = 100


def train(recipe: Recipe | None, folder: Path, cancelled: threading.Event, resume: bool = False) -> Iterator[Event]:
    """Train by `recipe` in `folder`, or go on with the run that is there.

    Yields Progress while the data is prepared, Started, a Metric per logged step (`loss, lr, tokens_per_second,
    grad_norm`, at evaluations also `val_loss, perplexity, bits_per_byte`), Samples, and Finished with the reason
    `done`, `early_stopping` or `cancelled`. Raises EngineError; the last checkpoint then stands.
    """
    if resume and run.exists(folder):
        opened = Run.open(folder)
        if recipe is not None:
            opened.check_same(recipe)
    elif recipe is None:
        raise EngineError("not_a_run", place=str(folder))
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise EngineError("run_exists", place=str(folder))
    else:
        try:
            yield from prepare(recipe, folder, cancelled)
        except Cancelled:
            yield Finished("cancelled", {"run": None, "model": None, "best_val_loss": None})
            return
        opened = Run.open(folder)
    with machine.kept_memory():
        trainer = Trainer(opened)
        yield trainer.started()
        yield from trainer.events(cancelled)


class Trainer:
    """A run being worked on: the model, its optimizer and the state of its newest checkpoint."""

    def __init__(self, opened: Run) -> None:
        """Raises EngineError `no_checkpoint` or `data_changed`."""
        self.run, self.recipe = opened, opened.recipe
        torch.set_num_threads(self.recipe.threads)
        self.tokenizer = Tokenizer.load(opened.folder / "tokenizer")
        data = _load_data(opened)
        self.items, self.held_back = data.training(), data.held_back()
        self.byte_counts = np.array(
            [
                0 if id in self.tokenizer.special_ids else len(self.tokenizer.piece(id))
                for id in range(opened.config.vocabulary)
            ]
        )
        self.device = torch.device(self.recipe.device)
        self.model = GPT(opened.config).to(self.device)
        r = self.recipe
        self.optimizer = Optimizer(r.optimizer, self.model, r.learning_rate, r.weight_decay, r.beta2)
        self.schedule = make_schedule(r.schedule, r.steps, r.warmup, r.decay, r.min_learning_rate)
        point = checkpoint.newest(opened.checkpoints)
        self.model.load_state_dict(point.model)
        self.optimizer.load_tensors(point.optimizer)
        self.state = point.state
        self.saved_step = self.state.step

    def started(self) -> Started:
        info, r = self.run.info, self.recipe
        data = {
            "run": str(self.run.folder),
            "parameters": info["parameters"],
            "tokens": info["data"]["tokens"],
            "items": info["data"]["items"],
            "held_back": info["data"]["held_back"],
            "steps": r.steps,
            "from_step": self.state.step,
            "precision": r.precision,
            "threads": r.threads,
        }
        return Started("train", data)

    def events(self, cancelled: threading.Event) -> Iterator[Event]:
        """All steps that are left, then the model."""
        r, state, folder = self.recipe, self.state, self.run.folder
        self.run.update(state="running")
        metrics = Journal(folder / "metrics.jsonl", state.step)
        samples = Journal(folder / "samples.jsonl", state.step)
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
                    values["tokens_per_second"] = speed.read()
                    metrics.add(step, **values)
                    yield Metric(step, values)
                if r.sample_every and (step % r.sample_every == 0 or last):
                    text = self._sample()
                    samples.add(step, text=text)
                    yield Sample(step, text)
                if better or step % r.checkpoint_every == 0:
                    self._save(metrics, samples)
            if self.saved_step < state.step:
                self._save(metrics, samples)
        finally:
            metrics.close()
            samples.close()
        if reason == "done" and state.step < r.steps:
            reason = "early_stopping"
        yield from self._finish(reason)

    def _step(self, cancelled: threading.Event, speed: _Speed) -> dict[str, float] | None:
        """One step of the optimizer; None, with nothing changed, when it was cancelled between micro-batches."""
        r, step = self.recipe, self.state.step
        with speed:
            numbers = range(step * r.accumulation, (step + 1) * r.accumulation)
            batches = [self._batch(number) for number in numbers]
            labelled = sum(int((labels != NO_LOSS).sum()) for _, labels in batches)
            self.model.train()
            self.optimizer.zero_gradients()
            torch.manual_seed(_seed(r.seed, step))  # dropout
            total = 0.0
            for ids, labels in batches:
                if cancelled.is_set():
                    return None
                with self._autocast():
                    hidden = self.model.hidden(ids.to(self.device))
                    total += float(objectives.backward(self.model.head, hidden, labels.to(self.device), labelled))
                speed.tokens += ids.numel()
            loss = total / labelled
            norm = float(torch.nn.utils.clip_grad_norm_(self.optimizer.parameters, r.clip or math.inf))
            if not math.isfinite(loss + norm):  # before the weights, and then a checkpoint, are spoilt
                raise EngineError("diverged", step=step + 1)
            rate = self.optimizer.step(self.schedule(step))
        return {"loss": loss, "lr": rate, "tokens_per_second": 0.0, "grad_norm": norm}

    def _batch(self, number: int) -> tuple[Tensor, Tensor]:
        r = self.recipe
        chosen = batch_at(r.seed, len(self.items), number, r.batch_size, self.items.lengths)
        ids, labels = self.items.batch(chosen)
        return torch.from_numpy(ids), torch.from_numpy(labels)

    def _evaluate(self) -> dict[str, float]:
        """The loss on held-back items, spread evenly where there are more than `evaluate_batches` batches of them."""
        r = self.recipe
        count = min(len(self.held_back), r.evaluate_batches * r.batch_size)
        chosen = np.linspace(0, len(self.held_back) - 1, count).round().astype(np.int64)
        total, labelled, size_bytes = 0.0, 0, 0
        self.model.eval()
        for start in range(0, count, r.batch_size):
            ids, labels = self.held_back.batch(chosen[start : start + r.batch_size])
            with torch.no_grad(), self._autocast():
                hidden = self.model.hidden(torch.from_numpy(ids).to(self.device))
                wanted = torch.from_numpy(labels).to(self.device)
                total += float(objectives.cross_entropy(self.model.head, hidden, wanted))
            scored = labels[labels != NO_LOSS]
            labelled += len(scored)
            size_bytes += int(self.byte_counts[scored].sum())
        loss = total / labelled
        if not math.isfinite(loss):
            raise EngineError("diverged", step=self.state.step)
        scores = {"val_loss": loss, "perplexity": objectives.perplexity(loss)}
        if size_bytes:
            scores["bits_per_byte"] = objectives.bits_per_byte(total, size_bytes)
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

    def _sample(self) -> str:
        """What the model writes now: from `sample_prompt`, or in finetuning as an answer to it."""
        r, tokenizer = self.recipe, self.tokenizer
        if r.method == "full":
            asked = render(Message("user", r.sample_prompt), tokenizer).ids
            prompt = [*asked, tokenizer.turn_start_id, *tokenizer.encode("assistant\n")]
        else:
            prompt = [tokenizer.end_id, *tokenizer.encode(r.sample_prompt)]
        prompt = prompt[-self.run.config.context // 2 :]
        ends = frozenset({tokenizer.end_id, tokenizer.turn_end_id})
        sampler = make_sampler(Sampling(seed=_seed(r.seed, self.state.step)))
        self.model.eval()
        written = list(islice(generate(self.model, prompt, sampler, ends), _SAMPLE_TOKENS))
        text = tokenizer.decode(id for id in written if id not in ends)
        return text if r.method == "full" else r.sample_prompt + text

    def _autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.recipe.precision == "bf16")

    def _save(self, metrics: Journal, samples: Journal) -> None:
        metrics.sync()
        samples.sync()
        point = Checkpoint(self.model.state_dict(), self.optimizer.tensors(), self.state)
        checkpoint.save(self.run.checkpoints, point)
        self.saved_step = self.state.step
        checkpoint.prune(self.run.checkpoints, self.state.best_step)

    def _finish(self, reason: str) -> Iterator[Event]:
        """Write the model the recipe keeps as a model folder."""
        state = self.state
        kept = state.best_step or state.step if self.recipe.keep == "best" else state.step
        if kept != state.step:
            try:
                self.model.load_state_dict(checkpoint.at(self.run.checkpoints, kept).model)
            except EngineError as error:
                kept = state.step
                yield Log("warning", f"{error} The model of the last step is taken instead.")
        figures = {
            "steps": state.step,
            "model_step": kept,
            "best_step": state.best_step or state.step,
            "best_val_loss": state.best_val_loss,
            "seconds": round(state.seconds, 1),
        }
        self.run.update(state=reason, finished=time.strftime("%Y-%m-%d %H:%M:%S"), **figures)
        card = model_card(self.run, run.read_journal(self.run.folder / "metrics.jsonl"))
        hf.save(self.model, self.tokenizer, self.run.model, card)
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


def _load_data(opened: Run) -> Data:
    """The tokens in the run folder. Raises EngineError `data_changed` when they are not those of the first start."""
    folder, about, r = opened.folder / "data", opened.info["data"], opened.recipe
    for name, wanted in about["sha256"].items():
        found = checkpoint.sha256_of(folder / name)
        if found != wanted:
            raise EngineError("data_changed", place=str(folder / name), found=found, wanted=wanted)
    if r.method == "full":
        return ConversationData.load(folder, about["split"])
    return TextData.load(folder, about["split"], r.max_length, r.stride)


def _seed(seed: int, step: int) -> int:
    """One number of 63 bits from two."""
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0] >> 1)
