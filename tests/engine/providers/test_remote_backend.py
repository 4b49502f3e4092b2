"""A backend over a provider: events as they come, figures as they are told, stopping at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from scripted_dialect import ScriptedDialect, opener

from engine import jobs
from engine.chat.backend import open_backend
from engine.chat.messages import ChatOptions, Message
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Log, TextDelta, ThinkingDelta
from engine.jobs import JobContext
from engine.providers import provider_list, remote_backend
from engine.providers.base import Ended, Provider, RemoteModel, Usage, fingerprint

HERE = Provider("here", "compatible", "http://127.0.0.1:9")
SMALL = RemoteModel("here", "small", context=512, parameters=7, size_bytes=9, capabilities=("chat",))
ASKED = [Message("user", "Hi")]


@pytest.fixture
def dialect(monkeypatch: pytest.MonkeyPatch) -> ScriptedDialect:
    dialect = ScriptedDialect([SMALL])
    monkeypatch.setattr(remote_backend, "open_dialect", opener(dialect))
    provider_list.add(HERE, [SMALL])
    return dialect


def answer(name: str = "here/small", messages: Any = ASKED, **options: Any) -> list[Event]:
    backend = open_backend(name)
    try:
        return list(backend.stream(messages, ChatOptions.from_json(options)))
    finally:
        backend.close()


def test_a_reply_comes_as_it_is_written_with_its_figures(dialect: ScriptedDialect) -> None:
    usage = Usage(5, 2, 9, 4, 0.5, 1.5)
    dialect.enqueue(ThinkingDelta("Hm."), "Hel", "lo", Ended("length", usage, "small"))
    *events, end = answer()
    assert events == [ThinkingDelta("Hm."), TextDelta("Hel"), TextDelta("lo")]
    assert isinstance(end, Finished)
    first = end.stats.pop("first_token_seconds")
    assert first >= 0
    assert end == Finished(
        "length",
        {
            "prompt_tokens": 5,
            "cached_tokens": 2,
            "output_tokens": 9,
            "thinking_tokens": 4,
            "prompt_seconds": 0.5,
            "output_seconds": 1.5,
            "tokens": None,
            "stop": None,
            "answered_by": "small",
            "cost": None,
            "model": fingerprint(HERE, SMALL),
        },
    )
    assert dialect.closed


def test_what_is_not_told_is_not_made_up(dialect: ScriptedDialect) -> None:
    dialect.enqueue("Hi", Ended("stop"))
    dialect.enqueue("Hi", Ended("stop", Usage(output_tokens=900, thinking_tokens=890)))  # whose thoughts were hidden
    for hidden in (False, True):
        end = answer()[-1]
        assert isinstance(end, Finished)
        assert end.stats["prompt_tokens"] is None
        assert (end.stats["output_seconds"] is None) is hidden


@pytest.mark.parametrize(
    ("asked", "answered", "same"),
    [
        ("small", "small", True),
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929", True),
        ("qwen3", "qwen3:latest", True),
        ("small", "/models/Small.gguf", True),
        ("gpt-4o", "gpt-4o-mini", False),
        ("gpt-4", "gpt-4-turbo-2024-04-09", False),
        ("qwen3:8b", "qwen3:4b", False),
        ("small", "other", False),
    ],
)
def test_another_model_that_answers_is_never_silent(
    dialect: ScriptedDialect, asked: str, answered: str, same: bool
) -> None:
    dialect.listed = [RemoteModel("here", asked)]
    dialect.enqueue("Hi", Ended("stop", model=answered))
    warnings = [event.text for event in answer(f"here/{asked}") if isinstance(event, Log)]
    assert warnings == (
        [] if same else [f"{answered} answered, not {asked}. here has put the one in the place of the other."]
    )


def test_stopping_does_not_wait_for_the_provider(dialect: ScriptedDialect) -> None:
    silence, cancelled = threading.Event(), threading.Event()
    dialect.enqueue("Hi", silence, "there", Ended("stop"))
    backend = open_backend("here/small")
    events = backend.stream(ASKED, cancelled=cancelled)
    assert next(events) == TextDelta("Hi")
    cancelled.set()
    rest = list(events)
    assert not silence.is_set()
    assert [(type(event), getattr(event, "reason", "")) for event in rest] == [(Finished, "cancelled")]
    silence.set()
    backend.close()


def test_closing_the_iterator_stops_the_reply(dialect: ScriptedDialect) -> None:
    cancelled = threading.Event()
    dialect.enqueue("Hi", "there", Ended("stop"))
    events = open_backend("here/small").stream(ASKED, cancelled=cancelled)
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert cancelled.is_set()


def test_a_failure_is_raised_and_a_reply_without_an_end_is_cut(dialect: ScriptedDialect) -> None:
    dialect.enqueue("Hi", EngineError("provider_busy", name="here")).enqueue("Hi")
    for code in ("provider_busy", "provider_cut"):
        with pytest.raises(EngineError) as caught:
            answer()
        assert caught.value.code == code


def test_the_conversation_is_sent_as_texts_alone(dialect: ScriptedDialect) -> None:
    conversation = [
        Message("system", "Be kind."),
        Message("user", "one"),
        Message("assistant", " "),
        Message("user", "two"),
        Message("assistant", "ok", (1, 2), "f00d"),
        Message("user", "three"),
    ]
    answer(messages=conversation)
    assert dialect.calls[-1][1] == [
        Message("system", "Be kind."),
        Message("user", "one\n\ntwo"),
        Message("assistant", "ok"),
        Message("user", "three"),
    ]
    with pytest.raises(EngineError, match="no text to answer"):
        answer(messages=[Message("system", "Be kind."), Message("user", "\n")])


def test_a_reply_is_gone_on_with_where_that_is_offered(dialect: ScriptedDialect) -> None:
    begun = [*ASKED, Message("assistant", "Hel")]
    answer(messages=begun, continue_final_message=True)
    assert dialect.calls[-1][2].continue_final_message
    answer(messages=[*ASKED, Message("assistant", "")], continue_final_message=True)  # nothing of it is there
    assert not dialect.calls[-1][2].continue_final_message
    dialect.offered = frozenset()
    for messages, code in ((begun, "provider_cannot_continue"), (ASKED, "usage")):
        with pytest.raises(EngineError) as caught:
            answer(messages=messages, continue_final_message=True)
        assert caught.value.code == code


def test_what_is_not_heeded_is_said_once(dialect: ScriptedDialect) -> None:
    backend = open_backend("here/small")
    options = ChatOptions.from_json({"temperature": 0, "top_k": 3, "choices": True})
    said = [[e.text for e in backend.stream(ASKED, options) if isinstance(e, Log)] for _ in range(2)]
    assert said == [["here/small does not heed choices, top_k."], []]


def test_only_a_context_can_be_chosen_and_only_where_it_is_offered(dialect: ScriptedDialect) -> None:
    for option in ({"threads": 2}, {"template": "x"}, {"context": 99}):
        with pytest.raises(EngineError, match=f"so {next(iter(option))} cannot be chosen"):
            open_backend("here/small", **option)
    assert dialect.closed
    dialect.offered = frozenset({"context"})
    assert open_backend("here/small", context=99).info.context == 99
    assert open_backend("here/small", context=9999, defaults={"threads": 2}).info.context == 512


@pytest.mark.parametrize(("asked", "sent"), [(None, None), (99, 99), (512, 512), (9999, 512)])
def test_the_context_that_was_asked_for_is_told_apart_from_all_there_is(
    dialect: ScriptedDialect, asked: int | None, sent: int | None
) -> None:
    dialect.offered = frozenset({"context"})
    backend = open_backend("here/small", context=asked)
    list(backend.stream(ASKED))
    ((model, _, options),) = dialect.calls
    assert (model.context, options.context) == (512, sent)
    assert (backend.info.context, backend.info.trained_context) == (sent or 512, 512)


def test_a_model_that_is_not_there_is_not_loaded(dialect: ScriptedDialect) -> None:
    with pytest.raises(EngineError, match="here has no model large any more"):
        open_backend("here/large")
    dialect.listed = []  # it has no list
    assert open_backend("here/large").info.name == "here/large"


def test_the_jobs_load_chat_and_refuse_adapters(dialect: ScriptedDialect) -> None:
    context = JobContext()

    def run(job: str, **params: Any) -> Event:
        return list(jobs.run(jobs.find(job), params, context))[-1]

    loaded = run("load", model="here/small", backend="remote", key="sk-1")
    assert isinstance(loaded, Finished)
    assert dialect.key == "sk-1"
    assert (loaded.stats["backend"], loaded.stats["context"], loaded.stats["parameters"]) == ("remote", 512, 7)
    assert loaded.stats["remote"] == {
        "provider": "here",
        "kind": "compatible",
        "reach": "machine",
        "leaves": False,
        "offers": ["continue", "max_tokens", "seed", "temperature"],
        "price": None,
    }
    ended = run("chat", messages=[{"role": "user", "content": "Hi"}])
    assert isinstance(ended, Finished)
    assert run("adapt", adapters=[]) == Finished("done", {"adapters": []})
    refused = run("adapt", adapters=[["starter", 1.0]])
    assert isinstance(refused, Failed)
    assert refused.code == "model_remote"
    gone = run("load", model="nobody/small", backend="remote")
    assert isinstance(gone, Failed)
    assert gone.code == "provider_unknown"
