"""The local backend: events in their order, texts without loss, and every way a reply may end."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from fakes import CHATML, ScriptedRuntime

from engine.chat.backend import LocalBackend
from engine.chat.messages import ChatOptions, Message
from engine.errors import EngineError
from engine.events import Event, Finished, Log, Progress, TextDelta, ThinkingDelta, TokenChoice
from engine.phrases import packed
from engine.runtime.base import Sampling

HI = [Message("user", "hi")]
ENDLESS = 10**9  # tokens of context: without a script the runtime writes on until it is stopped


def stream(runtime: ScriptedRuntime, messages: list[Any] = HI, **options: Any) -> list[Event]:
    backend = LocalBackend(runtime)
    try:
        return list(backend.stream(messages, ChatOptions(**options)))
    finally:
        backend.close()


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def end_of(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    assert sum(isinstance(event, Finished) for event in events) == 1
    return events[-1]


def test_a_reply_from_first_to_last_event() -> None:
    runtime = ScriptedRuntime().enqueue("Hello.")
    events = stream(runtime)
    assert events[:-1] == [TextDelta(letter) for letter in "Hello."]
    end = end_of(events)
    assert end.reason == "stop"
    assert {name: value for name, value in end.stats.items() if not name.endswith("_seconds")} == {
        "prompt_tokens": len(runtime.prompts[0]),
        "cached_tokens": 0,
        "cache_reason": "first",
        "output_tokens": 6,
        "thinking_tokens": 0,
        "drafted_tokens": 0,
        "accepted_tokens": 0,
        "stop": "<|im_end|>",
        "tokens": list(b"Hello."),
        "model": "f00d",
    }
    assert end.stats["first_token_seconds"] >= end.stats["prompt_seconds"] >= 0
    assert end.stats["output_seconds"] >= 0


def test_the_second_turn_evaluates_only_what_is_new() -> None:
    runtime = ScriptedRuntime().enqueue(b"One <|im_start|>!", "Two.")
    backend = LocalBackend(runtime)
    first = end_of(list(backend.stream(HI)))
    reply = Message("assistant", "One <|im_start|>!", tuple(first.stats["tokens"]), first.stats["model"])
    second = end_of(list(backend.stream([*HI, reply, Message("user", "more")])))
    new = "<|im_end|>\n<|im_start|>user\nmore<|im_end|>\n<|im_start|>assistant\n"
    assert second.stats["prompt_tokens"] - second.stats["cached_tokens"] == len(runtime.tokenize(new, special=True))
    backend.close()


def test_choices_come_where_they_are_asked_for() -> None:
    events = stream(ScriptedRuntime().enqueue("<think>a</think>\n\né!"), choices=True)
    thought, *told, _ = events
    assert (thought, end_of(events).stats["output_tokens"]) == (ThinkingDelta("a"), 21)
    first, second = (TokenChoice("\ufffd", 0.5, told[at].alternatives, 0) for at in (0, 1))  # type: ignore[union-attr]
    assert told == [first, second, TextDelta("é"), told[3], TextDelta("!")]
    shares = tuple(0.5 ** (1 + place) for place in range(8))
    assert told[3] == TokenChoice("!", 0.5, tuple(zip("!\"#$%&'(", shares, strict=True)), 1)
    assert not [event for event in stream(ScriptedRuntime().enqueue("é!")) if isinstance(event, TokenChoice)]


def test_why_the_rest_of_a_prompt_is_evaluated() -> None:
    runtime = ScriptedRuntime().enqueue("One.", "Two.", "Three.", "Four.")
    backend = LocalBackend(runtime)
    first = end_of(list(backend.stream(HI)))
    talk = [*HI, Message("assistant", "One.", tuple(first.stats["tokens"]), "f00d")]
    second = end_of(list(backend.stream([*talk, Message("user", "more")])))
    edited = end_of(list(backend.stream([*talk, Message("user", "less")])))
    again = end_of(list(backend.stream([*talk, Message("user", "less")])))
    assert [end.stats["cache_reason"] for end in (first, second, edited, again)] == ["first", None, "changed", None]
    common = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nOne.<|im_end|>\n<|im_start|>user\n"
    assert edited.stats["cached_tokens"] == len(runtime.tokenize(common, special=True))
    assert again.stats["cached_tokens"] == again.stats["prompt_tokens"] - 1
    backend.close()


def test_a_conversation_that_another_model_has_read_says_so() -> None:
    said = [*HI, Message("assistant", "One.", (79,), "another"), Message("user", "more")]
    assert end_of(stream(ScriptedRuntime().enqueue("x"), said)).stats["cache_reason"] == "model"
    mine = [*HI, Message("assistant", "One.", (79,), "f00d"), Message("user", "more")]
    assert end_of(stream(ScriptedRuntime().enqueue("x"), mine)).stats["cache_reason"] == "first"


def test_messages_may_be_plain_dictionaries() -> None:
    runtime = ScriptedRuntime().enqueue("ok", "ok")
    assert text_of(stream(runtime, [{"role": "user", "content": "hi"}])) == "ok"
    with pytest.raises(EngineError, match="not a message"):
        stream(runtime, [{"role": "nobody", "content": "hi"}])


@pytest.mark.trial(sample=200, full=10_000)
def test_no_byte_is_lost_on_the_way(trials: range) -> None:
    """Valid text arrives as it is, in whole characters, however tokens cut it; other bytes as Python replaces them."""
    runtime = ScriptedRuntime()
    backend = LocalBackend(runtime)
    for seed in trials:
        chance = random.Random(seed)
        text = "".join(chance.choices("aé你🙂👩‍👩‍👧‍👦\0\n\u2028", k=chance.randrange(8)))
        raw = text.encode() if seed % 2 else text.encode() + chance.randbytes(chance.randrange(5))
        runtime.enqueue(raw)
        events = list(backend.stream(HI))
        assert text_of(events) == raw.decode("utf-8", "replace")
        assert end_of(events).stats["tokens"] == list(raw)
    backend.close()


def test_a_character_cut_short_shows_as_a_replacement_and_its_tokens_stay() -> None:
    events = stream(ScriptedRuntime().enqueue("a🙂".encode()), max_tokens=3)
    assert text_of(events) == "a\ufffd"
    assert end_of(events).reason == "length"
    assert end_of(events).stats["tokens"] == list("a🙂".encode()[:3])


def test_max_tokens_ends_a_reply() -> None:
    end = end_of(stream(ScriptedRuntime().enqueue("abcdef"), max_tokens=4))
    assert (end.reason, end.stats["output_tokens"], end.stats["stop"]) == ("length", 4, None)


@pytest.mark.parametrize("spare", [1, 2, 10])
def test_a_reply_ends_where_the_context_does(spare: int) -> None:
    used = end_of(stream(ScriptedRuntime().enqueue("x"))).stats["prompt_tokens"]
    end = end_of(stream(ScriptedRuntime(context=used + spare), max_tokens=1000))
    assert (end.reason, end.stats["output_tokens"]) == ("length", spare)


@pytest.mark.parametrize("missing", [0, 1, 100])
def test_a_conversation_that_does_not_fit_is_never_cut(missing: int) -> None:
    used = end_of(stream(ScriptedRuntime().enqueue("x"))).stats["prompt_tokens"]
    runtime = ScriptedRuntime(context=used - missing)
    with pytest.raises(EngineError) as caught:
        stream(runtime)
    assert caught.value.code == "context_overflow"
    assert caught.value.data == {"asked": used + 1, "context": used - missing}
    assert runtime.prompts == []


def test_cancelling_keeps_the_text_so_far() -> None:
    cancelled = threading.Event()
    backend = LocalBackend(ScriptedRuntime(context=ENDLESS))
    text = ""
    for event in backend.stream(HI, cancelled=cancelled):
        if isinstance(event, TextDelta):
            text += event.text
            cancelled.set()
    assert isinstance(event, Finished)
    assert event.reason == "cancelled"
    assert text
    assert event.stats["tokens"] == list(text.encode())
    backend.close()


def test_cancelling_before_the_first_token() -> None:
    cancelled = threading.Event()
    cancelled.set()
    backend = LocalBackend(ScriptedRuntime().enqueue("never"))
    end = end_of(list(backend.stream(HI, cancelled=cancelled)))
    assert (end.reason, end.stats["output_tokens"], end.stats["first_token_seconds"]) == ("cancelled", 0, None)
    backend.close()


def test_a_stream_that_is_closed_frees_the_model() -> None:
    backend = LocalBackend(ScriptedRuntime(context=ENDLESS))
    events = backend.stream(HI)
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert text_of(list(backend.stream(HI, ChatOptions(max_tokens=2)))) == "AA"
    backend.close()


def test_progress_is_told_for_a_prompt_of_several_chunks() -> None:
    short = stream(ScriptedRuntime().enqueue("x"))
    assert not [event for event in short if isinstance(event, Progress)]
    runtime = ScriptedRuntime().enqueue("x")
    reports = [event for event in stream(runtime, [Message("user", "a" * 150)]) if isinstance(event, Progress)]
    total = len(runtime.prompts[0])
    assert reports == [Progress(done, total, "tokens") for done in [*range(64, total, 64), total]]


def test_sampling_and_one_thread_reach_the_runtime() -> None:
    runtime = ScriptedRuntime().enqueue("x")
    stream(runtime, sampling=Sampling(temperature=0, seed=7))
    assert runtime.samplings == [Sampling(temperature=0, seed=7)]
    assert runtime.closed
    assert len(runtime.threads) == 1
    assert threading.get_ident() not in runtime.threads


def test_what_the_runtime_raises_is_raised_and_the_backend_lives_on() -> None:
    class Broken(ScriptedRuntime):
        def tokenize(self, text: str, special: bool) -> list[int]:
            if "bang" in text:
                raise EngineError("not_a_number", place="model")
            return super().tokenize(text, special)

    backend = LocalBackend(Broken().enqueue("fine"))
    with pytest.raises(EngineError, match="no numbers"):
        list(backend.stream([Message("user", "bang")]))
    assert text_of(list(backend.stream(HI))) == "fine"
    backend.close()


def test_closing_twice_does_nothing() -> None:
    backend = LocalBackend(ScriptedRuntime())
    backend.close()
    backend.close()


# --- templates -------------------------------------------------------------------------------------------------------


def prompt_of(runtime: ScriptedRuntime) -> str:
    return b"".join(runtime.piece(id) for id in runtime.prompts[-1]).decode()


def test_the_template_of_the_model_is_used() -> None:
    runtime = ScriptedRuntime(CHATML).enqueue("x")
    assert not [event for event in stream(runtime) if isinstance(event, Log)]
    assert prompt_of(runtime) == "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"


def test_without_a_template_the_text_is_continued() -> None:
    runtime = ScriptedRuntime(template=None).enqueue("x")
    assert not [event for event in stream(runtime) if isinstance(event, Log)]
    assert prompt_of(runtime) == "hi"


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% if %}", "does not work"),
        ("{{ raise_exception('No chats on Sundays') }}", "No chats on Sundays"),
        ("{{ ''.__class__ }}", "refused"),
        ("{{ 'a' * 3000000000 }}", "too much memory"),
    ],
)
def test_a_broken_template_is_a_warning_and_the_chat_goes_on(template: str, reason: str) -> None:
    runtime = ScriptedRuntime(template).enqueue("still here")
    events = stream(runtime)
    assert isinstance(events[0], Log)
    assert events[0].level == "warning"
    assert reason in events[0].text
    assert "The model gets the conversation as plain text." in str(packed(events[0].text))
    assert text_of(events) == "still here"
    assert prompt_of(runtime) == "hi"


def test_an_endless_template_costs_its_two_seconds_once() -> None:
    template = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    backend = LocalBackend(ScriptedRuntime(template).enqueue("a", "b"))
    warnings = [event for event in backend.stream(HI) if isinstance(event, Log)]
    assert len(warnings) == 1
    assert "too long" in warnings[0].text
    assert not [event for event in backend.stream(HI) if isinstance(event, Log)]
    backend.close()
