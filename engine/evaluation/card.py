"""The card of a chat model: how often it does what a stranger may expect of the starter, asked on every backend.

The prompts are resources/starter/card.jsonl; what counts as right is said in `scoring`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine import paths
from engine.chat.backend import ChatBackend
from engine.chat.messages import ChatOptions, Message
from engine.evaluation import scoring
from engine.evaluation.scoring import Question
from engine.events import Event, Finished, TextDelta
from engine.runtime.base import Sampling

LIMITS = {"identity": 0.95, "where": 0.8, "story": 0.8, "unknown": 0.7}  # the share that has to pass
TEMPERATURE = 0.7
LONGEST_REPLY = 512  # tokens; the stories that the starter learnt from have up to some 300


@dataclass(frozen=True)
class Reply:
    """One reply and what is wrong with it."""

    backend: str
    seed: int
    kind: str
    prompt: str
    reply: str
    passed: bool
    reasons: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "reasons": list(self.reasons)}


def questions() -> list[Question]:
    """The prompts that Seedling ships."""
    lines = paths.resource("starter/card.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question(**{**row, "things": tuple(row.get("things", ()))}) for row in map(json.loads, lines)]


def known_words() -> frozenset[str]:
    """The words that a story may be made of, in lower case."""
    return frozenset(paths.resource("starter/words.txt").read_text(encoding="utf-8").split())


def ask(
    backend: ChatBackend, asked: Iterable[Question], seeds: Sequence[int], cancelled: threading.Event
) -> Iterator[Reply]:
    """Each prompt with each seed, at the start of a conversation of its own; ends early when cancelled.

    Every prompt draws numbers of its own: with the same first draw for all, one unlucky seed would decide how they
    all begin.
    """
    known = known_words()
    for number, question in enumerate(asked, 1):
        for seed in seeds:
            if cancelled.is_set():
                return
            options = ChatOptions(Sampling(temperature=TEMPERATURE, seed=1000 * seed + number), LONGEST_REPLY)
            text, end = _reply(backend.stream([Message("user", question.prompt)], options, cancelled))
            if end.reason == "cancelled":
                return
            reasons = tuple(scoring.wrong(question, text, end.reason == "stop", known))
            name = backend.info.backend
            yield Reply(name, seed, question.kind, question.prompt, text, not reasons, reasons)


def _reply(events: Iterator[Event]) -> tuple[str, Finished]:
    text, end = "", Finished("length")
    for event in events:
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, Finished):
            end = event
    return text, end


def shares(replies: Sequence[Reply]) -> dict[str, dict[str, Any]]:
    """For each kind the share that passes, the limit, whether it is met, and the share on each backend."""
    found: dict[str, dict[str, Any]] = {}
    for kind, limit in LIMITS.items():
        of_kind = [reply for reply in replies if reply.kind == kind]
        if of_kind:
            backends = dict.fromkeys(reply.backend for reply in of_kind)
            per_backend = {name: _share([r for r in of_kind if r.backend == name]) for name in backends}
            share = _share(of_kind)
            found[kind] = {"share": share, "limit": limit, "met": share >= limit, "backends": per_backend}
    return found


def _share(replies: Sequence[Reply]) -> float:
    return sum(reply.passed for reply in replies) / len(replies)
