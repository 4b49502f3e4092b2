"""`bench chat`: everyone does the same work, and it is counted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import model_stores
import pytest

from engine import hardware
from engine.benchmarks import chat, synthetic
from engine.benchmarks.llama_loops import BareLoop, HighLevel
from engine.benchmarks.replies import Reply
from engine.benchmarks.shapes import Shape
from engine.benchmarks.training import config_of
from engine.benchmarks.turns import CancelledError
from engine.events import Event, Finished, Measured, Started
from engine.jobs import JobContext, run
from engine.paths import resource
from engine.runtime.llama import LlamaRuntime

OURS = ["Seedling", "Seedling, choices"]
STARTER = resource("starter") / "starter-q8_0.gguf"
SMALL = config_of(Shape(vocabulary=4096, width=128, layers=2, heads=2, feed_forward=256, batch=1, context=512))


def measured(context: JobContext | None = None, **params: Any) -> list[Event]:
    return list(run(chat.measure, {"tokens": 12, "rounds": 2, "threads": 1, **params}, context or JobContext()))


def check_rows(events: list[Event], who: list[str]) -> None:
    rows = [event for event in events if isinstance(event, Measured)]
    assert [(row.what, row.who) for row in rows] == [
        (what, one) for what in ("decode", "prompt", "first token") for one in who
    ]
    assert all(len(row.values) == 2 and min(row.values) > 0 for row in rows)
    assert all(set(row.ratios) == set(who[2:] if row.who in who[:2] else ()) for row in rows)


def test_the_starter_beside_both() -> None:
    events = measured()
    started = next(event for event in events if isinstance(event, Started))
    who = [*OURS, "bare loop", "llama_cpp.Llama", "Llama, logprobs"]
    assert started.data == {"model": "starter", "backend": "llama", "threads": 1, "context": 1024, "who": who}
    check_rows(events, who)
    end = events[-1]
    assert isinstance(end, Finished)
    assert (end.reason, end.stats["written_tokens"]) == ("done", 12)
    assert 200 <= end.stats["prompt_tokens"] < 220


def test_the_in_house_runtime_beside_a_plain_loop() -> None:
    check_rows(measured(backend="gpt"), [*OURS, "bare loop"])


def test_a_gguf_inside_a_llamafile_is_beside_the_bare_loop_alone(tmp_path: Path) -> None:
    path = model_stores.llamafile(tmp_path / "starter.llamafile", {"starter.gguf": STARTER})
    check_rows(measured(model=str(path)), [*OURS, "bare loop"])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic.write, "__defaults__", (SMALL,))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("backend", "count"), [(None, 5), ("gpt", 3)])
def test_a_synthetic_model_never_ends_by_itself_and_leaves_nothing(
    backend: str | None, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat.tempfile, "tempdir", str(tmp_path))
    events = measured(synthetic="q8_0", backend=backend, tokens=40)
    assert len([event for event in events if isinstance(event, Measured)]) == 3 * count
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.stats["written_tokens"] == 40
    assert not list(tmp_path.iterdir())


def test_the_synthetic_shape_has_as_many_parameters_as_is_said() -> None:
    from engine.gpt.config import parameters

    assert round(parameters(synthetic.SHAPE) / 1e6) == 110


@pytest.fixture(params=[BareLoop, HighLevel, partial(HighLevel, choices=8)], ids=["bare", "class", "logprobs"])
def peer(request: pytest.FixtureRequest) -> Iterator[BareLoop | HighLevel]:
    opened = request.param(STARTER, 256, 1)
    yield opened
    opened.close()


def test_a_peer_writes_so_many_tokens_each_time(peer: BareLoop | HighLevel) -> None:
    ids = list(range(300, 340))
    for _ in range(2):  # what was read the first time is read again
        reply = peer.reply(ids, 5, threading.Event())
        assert (reply.prompt, reply.written) == (40, 5)
        assert min(reply.first, reply.rest) > 0


def test_the_class_reads_the_whole_prompt_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    peer, read = HighLevel(STARTER, 256, 1), list[int]()
    evaluate = peer._llama.eval
    monkeypatch.setattr(peer._llama, "eval", lambda ids: read.append(len(ids)) or evaluate(ids))
    for _ in range(2):
        peer.reply([300] * 40, 3, threading.Event())
    assert read == [40, 1, 1] * 2
    monkeypatch.undo()
    peer.close()


def test_choices_are_asked_of_all_that_are_said_to_give_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    generate = LlamaRuntime.generate
    monkeypatch.setattr(LlamaRuntime, "generate", lambda *all: asked.append(all[-1]) or generate(*all))
    measured(rounds=1)
    assert asked == [0, 8] * 2

    peer, given = HighLevel(STARTER, 256, 1, choices=8), list[Any]()
    complete = peer._llama.create_completion

    def watched(*ids: Any, **options: Any) -> Any:
        for chunk in complete(*ids, **options):
            given.append(chunk["choices"][0]["logprobs"])
            yield chunk

    monkeypatch.setattr(peer._llama, "create_completion", watched)
    peer.reply([300, 301], 4, threading.Event())
    assert [len(found["top_logprobs"][0]) >= 8 for found in given if found] == [True] * 4
    peer.close()


def test_a_peer_stops(peer: BareLoop | HighLevel) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(CancelledError):
        peer.reply([300, 301], 100, cancelled)


def test_a_bare_loop_reads_a_prompt_of_several_batches() -> None:
    loop = BareLoop(STARTER, 1024, 1)
    assert loop.reply([300] * 700, 2, threading.Event()).prompt == 700
    loop.close()


def test_every_turn_of_ours_reads_the_whole_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    prompts: list[int] = []
    speeds = Reply.speeds
    monkeypatch.setattr(Reply, "speeds", lambda self: prompts.append(self.prompt) or speeds(self))
    measured(rounds=2)
    assert len(prompts) == 15
    assert len(set(prompts)) == 1


def test_ctrl_c_within_a_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    context = JobContext()
    turn = chat._Ours.turn

    def stopped(self: Any) -> Any:
        context.cancelled.set()
        return turn(self)

    monkeypatch.setattr(chat._Ours, "turn", stopped)
    assert measured(context)[-1] == Finished("cancelled")


def test_a_reply_of_one_token_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    (failed,) = [event for event in measured(tokens=1) if not isinstance(event, Started)]
    assert failed.to_json()["code"] == "reply_too_short"


def test_too_little_memory_is_told_before_the_peers_are_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "memory", lambda: hardware.Memory(100 * 2**20, 100 * 2**20))
    failed = measured()[-1].to_json()
    assert (failed["code"], failed["data"]["name"]) == ("memory_share", "2 times starter")
