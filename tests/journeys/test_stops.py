"""Stop pressed at random moments, as the window does it: the job ends, its worker is as it was, the next job starts."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import run_outcomes
import small_run
from PySide6.QtCore import QEventLoop, QTimer

from app.engine_client import GRACE_MS, EngineClient
from app.workers import TRAINING_GRACE_MS
from engine.events import Event, Failed, Finished, TextDelta

IDLE_WITHIN_S, CHECKPOINT_WITHIN_S = 1.0, 10.0
STORY = {"role": "user", "content": "Tell me a story about a cat."}


class Desk:
    """An engine client and someone who waits for it, or does not."""

    def __init__(self, grace_ms: int = GRACE_MS) -> None:
        self.client = EngineClient(grace_ms=grace_ms)
        self.stops: list[Stop] = []

    def do(self, job: str, stop_after_s: float | None = None, **params: Any) -> Done:
        """The job, to its end, or stopped after so many seconds."""
        done, loop = Done(), QEventLoop()
        handle = self.client.submit(job, params)
        handle.reported.connect(done.hear)
        handle.done.connect(done.end)
        handle.done.connect(loop.quit)
        pressed: list[tuple[float, int]] = []

        def press() -> None:
            pressed.append((time.monotonic(), self._worker()))
            handle.cancel()

        if stop_after_s is not None:
            QTimer.singleShot(round(1000 * stop_after_s), handle, press)
        QTimer.singleShot(300_000, loop, loop.quit)
        loop.exec()
        assert done.ending is not None, "it never ended"
        for when, worker in pressed:
            self.stops.append(Stop(time.monotonic() - when, worker == self._worker()))
        return done

    def _worker(self) -> int:
        return int(self.client._process.processId()) if self.client._process is not None else 0

    def report(self, what: str, limit_s: float, strict: bool) -> None:
        """Print how long the stops took, and forget them; strict: none may have taken longer than the limit."""
        seconds = sorted(stop.seconds for stop in self.stops)
        if len(seconds) < 2:
            return
        p99 = statistics.quantiles(seconds, n=100, method="inclusive")[98]
        lost = sum(not stop.same_worker for stop in self.stops)
        self.stops.clear()
        print(f"{what}: {len(seconds)} stops, median {statistics.median(seconds):.3f} s, p99 {p99:.3f} s,", end=" ")
        print(f"longest {seconds[-1]:.3f} s; {lost} cost the worker")
        assert not strict or seconds[-1] <= limit_s


@dataclass
class Done:
    """What a job said, and how it ended."""

    text: str = ""
    first_s: float | None = None  # until its first word
    ending: Finished | Failed | None = None
    seconds: float = 0.0
    _begun: float = field(default_factory=time.monotonic)

    def hear(self, event: Event) -> None:
        if isinstance(event, TextDelta):
            self.first_s = self.first_s or time.monotonic() - self._begun
            self.text += event.text

    def end(self, ending: Finished | Failed) -> None:
        self.ending, self.seconds = ending, time.monotonic() - self._begun

    @property
    def reason(self) -> str:
        assert isinstance(self.ending, Finished), self.ending
        return self.ending.reason


@dataclass(frozen=True)
class Stop:
    seconds: float
    same_worker: bool


@pytest.fixture
def desk(qapp: object) -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.client.close()


@pytest.fixture
def strict(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--trials"))


@pytest.fixture
def models(strict: bool, tmp_path: Path) -> list[dict[str, str]]:
    """What `load` is asked for: both forms of the starter, and at full count of a model of 110 million parameters."""
    found = [{"model": "starter", "backend": backend} for backend in ("llama", "gpt")]
    if strict:
        from engine.benchmarks import synthetic

        for backend, type in (("llama", "q8_0"), ("gpt", None)):
            found.append({"model": str(synthetic.write(tmp_path, type)), "backend": backend})
    return found


@pytest.mark.trial(sample=2, full=80)
def test_loads_stop(trials: range, desk: Desk, models: list[dict[str, str]], strict: bool) -> None:
    for number, model in enumerate(models):
        _loads_stop(desk, model, trials[number :: len(models)])
        desk.report(f"load of {Path(model['model']).name} in {model['backend']}", IDLE_WITHIN_S, strict)


def _loads_stop(desk: Desk, model: dict[str, str], trials: range) -> None:
    cold = desk.do("load", **model).seconds
    warm = desk.do("load", **model).seconds
    for seed in trials:
        chance = random.Random(seed)
        if fresh := chance.random() < 0.4:
            desk.client.stop_worker()
        ending = desk.do("load", chance.uniform(0, cold if fresh else warm), **model)
        assert ending.reason in ("cancelled", "loaded")
        if seed % 5 == 0 or ending.reason == "loaded":
            assert ending.reason == "loaded" or desk.do("load", **model).reason == "loaded"
            assert desk.do("chat", messages=[STORY], options={"max_tokens": 3}).text


@pytest.mark.parametrize("moment", ["prompt", "decode"])
@pytest.mark.trial(sample=2, full=80)
def test_replies_stop(trials: range, desk: Desk, models: list[dict[str, str]], moment: str, strict: bool) -> None:
    for number, model in enumerate(models):
        _replies_stop(desk, model, moment, trials[number :: len(models)])
        desk.report(f"{moment} of {Path(model['model']).name} in {model['backend']}", IDLE_WITHIN_S, strict)


def _replies_stop(desk: Desk, model: dict[str, str], moment: str, trials: range) -> None:
    loaded = desk.do("load", **model)
    assert isinstance(loaded.ending, Finished)
    room = loaded.ending.stats["context"]
    options = {"max_tokens": 200, "temperature": 0.0}
    wanted = desk.do("chat", messages=[STORY], options={**options, "max_tokens": 12}).text
    whole = desk.do("chat", messages=_long(room, "whole"), options=options)
    assert whole.first_s is not None
    for seed in trials:
        chance = random.Random(seed)
        start, end = (0.0, whole.first_s) if moment == "prompt" else (whole.first_s, whole.seconds)
        messages = _long(room, str(seed)) if moment == "prompt" else _long(room, "whole")
        ending = desk.do("chat", chance.uniform(start, end), messages=messages, options=options)
        assert ending.reason in ("cancelled", "stop", "length")
        if not desk.stops or not desk.stops[-1].same_worker:
            assert desk.do("load", **model).reason == "loaded"
        again = desk.do("chat", messages=[STORY], options={**options, "max_tokens": 12})
        assert again.text == wanted, seed


def _long(room: int, first: str) -> list[dict[str, str]]:
    """A prompt that fills half of the context, and of which nothing is in the cache."""
    return [{"role": "user", "content": first + " cat" * (room // 2)}]


@pytest.mark.trial(sample=1, full=60)
def test_a_training_stops_with_a_checkpoint_and_goes_on(trials: range, tmp_path: Path, strict: bool) -> None:
    desk = Desk(TRAINING_GRACE_MS)
    try:
        _trainings_stop(desk, tmp_path, trials)
    finally:
        desk.client.close()
    desk.report("training", CHECKPOINT_WITHIN_S, strict)


def _trainings_stop(desk: Desk, folder: Path, trials: range) -> None:
    params = small_run.of_method("pretrain", folder, steps=40, evaluate_every=20, checkpoint_every=1000)
    assert desk.do("train", **params, out=str(folder / "warm")).reason == "done"
    whole = desk.do("train", **params, out=str(folder / "whole"))
    wanted = run_outcomes.outcome(folder / "whole")
    for seed in trials:
        out = folder / f"stopped-{seed}"
        after = random.Random(seed).uniform(0, whole.seconds)
        stopped = desk.do("train", after, **params, out=str(out))
        assert stopped.reason in ("cancelled", "done")
        begun = (out / "run.json").exists()
        assert not begun or list((out / "checkpoints").glob("step-*")), seed
        again = {"out": str(out), "resume": True} if begun else {**params, "out": str(out)}
        assert desk.do("train", **again).reason == "done"
        assert run_outcomes.differing(out, wanted) == [], seed
