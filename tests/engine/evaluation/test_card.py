"""Asking the card: what the backend is asked, what is made of its replies, and the figures."""

from __future__ import annotations

import threading

from fakes import ScriptedBackend

from engine.chat.messages import Message
from engine.evaluation import card
from engine.evaluation.card import Reply
from engine.evaluation.scoring import Question
from engine.events import Finished

ASKED = [Question("identity", "Who?"), Question("where", "Where is the seed?", place="panel")]


def reply(kind: str, passed: bool, backend: str = "llama") -> Reply:
    return Reply(backend, 1, kind, "", "", passed, () if passed else ("wrong",))


def test_each_prompt_is_asked_with_each_seed_alone() -> None:
    backend = ScriptedBackend()
    for said in ("I am Seedling.", "I am Tom.", "Open the side panel.", "I do not know."):
        backend.enqueue(said)
    replies = list(card.ask(backend, ASKED, [1, 2], threading.Event()))
    assert [(one.prompt, one.seed, one.passed) for one in replies] == [
        ("Who?", 1, True),
        ("Who?", 2, False),
        ("Where is the seed?", 1, True),
        ("Where is the seed?", 2, False),
    ]
    assert replies[1].reply == "I am Tom."
    assert replies[1].reasons == ("does not name Seedling", "calls itself Tom")
    for (messages, options), one in zip(backend.calls, replies, strict=True):
        assert messages == [Message("user", one.prompt)]
        assert (options.sampling.temperature, options.max_tokens) == (0.7, card.LONGEST_REPLY)
    assert [options.sampling.seed for _, options in backend.calls] == [1001, 2001, 1002, 2002]  # no two draw alike


def test_it_ends_when_cancelled() -> None:
    backend, cancelled = ScriptedBackend(), threading.Event()
    backend.enqueue("I am Seedling.")
    replies = card.ask(backend, ASKED, [1], cancelled)
    next(replies)
    cancelled.set()
    assert list(replies) == []


def test_a_reply_that_was_stopped_does_not_count() -> None:
    backend = ScriptedBackend().enqueue("I am Seedling.", Finished("cancelled"))
    assert list(card.ask(backend, ASKED, [1], threading.Event())) == []


def test_a_story_cut_at_the_limit_did_not_end_by_itself() -> None:
    backend = ScriptedBackend().enqueue("Once there was a fox.", Finished("length"))
    (told,) = card.ask(backend, [Question("story", "?", things=("fox",))], [1], threading.Event())
    assert "does not end by itself" in told.reasons


def test_shares_by_kind_and_backend() -> None:
    replies = [reply("where", True), reply("where", True), reply("where", False, "gpt"), reply("where", True, "gpt")]
    found = card.shares([*replies, reply("unknown", False)])
    assert found == {
        "where": {"share": 0.75, "limit": 0.8, "met": False, "backends": {"llama": 1.0, "gpt": 0.5}},
        "unknown": {"share": 0.0, "limit": 0.7, "met": False, "backends": {"llama": 0.0}},
    }


def test_a_limit_is_met_when_it_is_reached() -> None:
    replies = [reply("where", True)] * 4 + [reply("where", False)]
    assert card.shares(replies)["where"]["met"] is True


def test_the_limits_are_those_that_were_promised() -> None:
    assert card.LIMITS == {"identity": 0.95, "where": 0.8, "story": 0.8, "unknown": 0.7}
