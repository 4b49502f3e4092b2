"""Anthropic's API and servers that speak as it does; what they do, and where that is said, stands in the fake."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fake_servers.anthropic import FakeAnthropic
from provider_talk import BEGUN, SHORT, Answer, answer_of, connected, events_of, models_of

from engine.chat.messages import Message
from engine.errors import EngineError
from engine.events import TextDelta
from engine.providers import connection
from engine.providers.anthropic_api import Anthropic
from engine.providers.base import Provider, RemoteModel, Usage

ENDS_S = 10.0
KEY = "sk-ant-api03-0123456789abcdef"
HAIKU = RemoteModel("here", "claude-haiku-4-5")
JSON = {"Content-Type": "application/json"}
SAMPLING = {"temperature", "top_p", "top_k"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_AGAIN_S", (0.0, 0.0))


@pytest.fixture
def server() -> Iterator[FakeAnthropic]:
    with FakeAnthropic(key=KEY) as served:
        yield served


def error_of(server: FakeAnthropic, *args: Any, **how: Any) -> EngineError:
    with pytest.raises(EngineError) as caught:
        answer_of(server, *args, **how)
    return caught.value


def sent(server: FakeAnthropic) -> Any:
    return server.requests("/v1/messages")[-1].body


def event(type: str, **values: Any) -> bytes:
    return f"event: {type}\ndata: {json.dumps({'type': type, **values})}\n\n".encode()


def offers(server: FakeAnthropic, id: str) -> frozenset[str]:
    with connected(server) as dialect:
        return dialect.offers(RemoteModel("here", id))


# --- models ----------------------------------------------------------------------------------------------------------


def test_models_are_told_with_what_they_can(server: FakeAnthropic) -> None:
    opus, haiku = models_of(server)
    assert opus == RemoteModel("here", "claude-opus-5", 200_000, capabilities=("chat", "thinking", "vision"))
    assert haiku.id == "claude-haiku-4-5"


def test_the_list_may_have_pages(server: FakeAnthropic) -> None:
    server.models, server.page = [f"claude-{n}" for n in range(7)], 3
    assert [model.id for model in models_of(server)] == server.models
    assert [seen.query.get("after_id") for seen in server.seen] == [None, ["claude-2"], ["claude-5"]]


def test_a_list_without_an_end_is_left_at_some_page(server: FakeAnthropic) -> None:
    page = {"data": [{"id": "a"}], "has_more": True, "last_id": "a"}
    server.fault("answer", path="/v1/models", body=page, times=10_000)
    assert [model.id for model in models_of(server)] == ["a"]
    assert len(server.seen) <= 10


@pytest.mark.parametrize("said", [[], None, 5, "x"])
def test_a_list_that_is_none_is_strange(server: FakeAnthropic, said: Any) -> None:
    server.fault("answer", path="/v1/models", body=json.dumps(said).encode(), headers=JSON)
    with pytest.raises(EngineError) as caught:
        models_of(server)
    assert caught.value.code == "provider_strange"


def test_a_web_page_is_no_list(server: FakeAnthropic) -> None:
    server.fault("answer", path="/v1/models", body=b"<html>Hello</html>", headers={"Content-Type": "text/html"})
    with pytest.raises(EngineError) as caught:
        models_of(server)
    assert caught.value.code == "provider_strange"


def test_an_error_that_comes_as_a_list_is_told(server: FakeAnthropic) -> None:
    server.fault("answer", path="/v1/models", body={"error": "Unexpected endpoint or method."})
    with pytest.raises(EngineError) as caught:
        models_of(server)
    assert caught.value.code == "provider_failed"


def test_a_server_may_have_no_list(server: FakeAnthropic) -> None:
    server.bare = True
    assert models_of(server) == []


@pytest.mark.parametrize("said", [{}, {"data": 5}, {"data": [None, 5, [], {}, {"id": 7}]}])
def test_a_list_of_a_wrong_form_has_no_models(server: FakeAnthropic, said: Any) -> None:
    server.fault("answer", path="/v1/models", body=json.dumps(said).encode(), headers=JSON)
    assert models_of(server) == []


@pytest.mark.parametrize("value", ["many", -1, 1.5, 10**400, True, [], {}])
def test_values_of_a_wrong_form_are_as_good_as_absent(server: FakeAnthropic, value: Any) -> None:
    row = {"id": "odd", "max_input_tokens": value, "max_tokens": value, "capabilities": value, "lifecycle": value}
    server.fault("answer", path="/v1/models", body={"data": [row]})
    assert models_of(server) == [RemoteModel("here", "odd", capabilities=("chat",))]
    server.models = ["odd"]
    server.fault("answer", path="/v1/models/odd", body=row)
    assert answer_of(server, model=RemoteModel("here", "odd")).text


# --- replies ---------------------------------------------------------------------------------------------------------


def test_a_reply_comes_as_it_is_written(server: FakeAnthropic) -> None:
    answer = answer_of(server)
    assert answer.pieces == ["Hello ", "there, ", "friend."]
    assert answer.ended is not None
    assert (answer.ended.reason, answer.ended.model) == ("stop", "claude-opus-5")


@pytest.mark.parametrize("grain", [1, 7])
def test_events_may_come_in_any_pieces(server: FakeAnthropic, grain: int) -> None:
    server.grain, server.reply = grain, "Grüße 🌱 an alle"
    assert answer_of(server).text == "Grüße 🌱 an alle"


def test_tokens_are_counted_with_those_of_the_cache(server: FakeAnthropic) -> None:
    server.thinking_tokens = 2
    answer = answer_of(server)
    assert answer.ended is not None
    assert answer.ended.usage == Usage(prompt_tokens=2 + 7 + 2, cached_tokens=7, output_tokens=3, thinking_tokens=2)


def test_thoughts_are_asked_for_where_a_model_thinks_anyhow(server: FakeAnthropic) -> None:
    server.thinking = "Let me see."
    answer = answer_of(server)
    assert (answer.thinking, answer.text) == ("Let me see.", "Hello there, friend.")
    assert sent(server)["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert answer_of(server, model=HAIKU).thinking == ""
    assert "thinking" not in sent(server)


def test_system_messages_stand_apart_and_neighbours_are_one_turn(server: FakeAnthropic) -> None:
    texts = [
        ("system", "Be kind."),
        ("user", "a"),
        ("user", "b"),
        ("assistant", "c"),
        ("system", "Be brief."),
        ("user", "d"),
    ]
    answer_of(server, [Message(role, text) for role, text in texts])
    assert sent(server)["system"] == "Be kind.\n\nBe brief."
    turns = [("user", "a\n\nb"), ("assistant", "c"), ("user", "d")]
    assert sent(server)["messages"] == [{"role": role, "content": text} for role, text in turns]


def test_a_conversation_without_a_system_message_sends_none(server: FakeAnthropic) -> None:
    answer_of(server)
    assert sent(server).keys() == {"model", "messages", "max_tokens", "stream", "thinking"}


@pytest.mark.parametrize(("asked", "limit"), [(None, 64000), (100, 100), (10**6, 64000)])
def test_a_reply_always_has_a_limit_within_what_the_model_writes(
    server: FakeAnthropic, asked: int | None, limit: int
) -> None:
    answer_of(server, **({} if asked is None else {"max_tokens": asked}))
    assert sent(server)["max_tokens"] == limit


REASONS = [
    ("end_turn", "stop"),
    ("stop_sequence", "stop"),
    ("tool_use", "stop"),
    ("max_tokens", "length"),
    ("model_context_window_exceeded", "length"),
    ("refusal", "refused"),
    ("something_new", "stop"),
]


@pytest.mark.parametrize(("theirs", "ours"), REASONS)
def test_each_way_to_end_has_its_reason(server: FakeAnthropic, theirs: str, ours: str) -> None:
    server.finish = theirs
    answer = answer_of(server)
    assert answer.ended is not None
    assert answer.ended.reason == ours


def test_a_turn_that_was_only_paused_was_cut(server: FakeAnthropic) -> None:
    server.finish = "pause_turn"
    answer = Answer()
    assert error_of(server, into=answer).code == "provider_cut"
    assert answer.text == "Hello there, friend."


# --- what is offered -------------------------------------------------------------------------------------------------


def test_nobody_chooses_how_tokens_are_drawn_any_more(server: FakeAnthropic) -> None:
    assert offers(server, "claude-opus-5") == {"max_tokens"}
    answer_of(server, temperature=0.5, top_p=0.9, top_k=10, seed=5, min_p=0.1)
    assert not SAMPLING & sent(server).keys()


def test_an_older_server_still_lets_one_choose(server: FakeAnthropic) -> None:
    server.older = True
    assert offers(server, "claude-opus-5") == {"max_tokens", *SAMPLING}
    answer_of(server, temperature=0.5, top_p=0.9, top_k=10, seed=5)
    assert {name: sent(server)[name] for name in SAMPLING} == {"temperature": 0.5, "top_p": 0.9, "top_k": 10}
    assert server.seen[-1].headers["anthropic-version"] == "2023-06-01"


def test_a_server_that_knows_nothing_of_its_models_is_an_older_one(server: FakeAnthropic) -> None:
    server.bare = True
    answer_of(server, temperature=0.5)
    assert (sent(server)["temperature"], sent(server)["max_tokens"]) == (0.5, 8192)


def test_a_reply_is_gone_on_with_where_the_model_lets_one(server: FakeAnthropic) -> None:
    assert offers(server, "claude-haiku-4-5") == {"max_tokens", "continue"}
    answer = answer_of(server, BEGUN, model=HAIKU, continue_final_message=True)
    assert answer.text == "Hello there, friend."
    assert sent(server)["messages"][-1] == {"role": "assistant", "content": "Hello th"}


def test_a_newer_model_is_not_asked_to_go_on(server: FakeAnthropic) -> None:
    assert error_of(server, BEGUN, continue_final_message=True).code == "provider_cannot_continue"
    assert server.requests("/v1/messages") == []


def test_what_is_gone_on_with_may_not_end_with_white_space(server: FakeAnthropic) -> None:
    server.reply = [" \n", " friend", " of mine"]
    begun = (*SHORT, Message("assistant", "Hello \n"))
    answer = answer_of(server, begun, model=HAIKU, continue_final_message=True)
    assert sent(server)["messages"][-1]["content"] == "Hello"
    assert answer.text == "friend of mine"


# --- keys ------------------------------------------------------------------------------------------------------------


def test_other_servers_get_the_key_as_those_before_did(server: FakeAnthropic) -> None:
    answer_of(server)
    for seen in server.seen:
        assert seen.headers["x-api-key"] == KEY
        assert "authorization" not in seen.headers
        assert not [name for name in seen.headers if name.startswith("x-stainless")]


def test_anthropic_itself_gets_it_as_its_sdk_sends_it() -> None:
    dialect = Anthropic(Provider("claude", "anthropic", "https://api.anthropic.com"), KEY)
    assert dialect._http._transport._auth[0] == "Authorization"  # type: ignore[attr-defined]
    dialect.close()
    dialect.close()


def test_no_key_of_the_environment_is_taken(server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-of-the-environment")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-secret: of-the-environment")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
    assert error_of(server, key="").code == "provider_key_missing"
    assert "of-the-environment" not in str([seen.headers for seen in server.seen])


def test_a_wrong_key_is_told(server: FakeAnthropic) -> None:
    assert error_of(server, key="sk-wrong").code == "provider_key_wrong"


# --- what goes wrong -------------------------------------------------------------------------------------------------

REFUSALS = [
    (400, "invalid_request_error", "messages: odd", "provider_bad_request"),
    (400, "invalid_request_error", "Your credit balance is too low to access the API.", "provider_credit"),
    (401, "authentication_error", "invalid x-api-key", "provider_key_wrong"),
    (402, "billing_error", "payment required", "provider_credit"),
    (403, "permission_error", "not allowed", "provider_forbidden"),
    (404, "not_found_error", "model: claude-9", "provider_model_gone"),
    (413, "request_too_large", "Request exceeds the maximum size", "provider_too_long"),
    (429, "rate_limit_error", "too many", "provider_limit"),
    (500, "api_error", "internal", "provider_failed"),
    (529, "overloaded_error", "Overloaded", "provider_busy"),
]


@pytest.mark.parametrize(("status", "type", "message", "code"), REFUSALS)
def test_each_refusal_has_its_sentence(server: FakeAnthropic, status: int, type: str, message: str, code: str) -> None:
    body = {"type": "error", "error": {"type": type, "message": message}}
    server.fault("answer", path="/v1/messages", status=status, body=body, times=9)
    assert error_of(server).code == code


def test_an_overloaded_api_is_asked_again(server: FakeAnthropic) -> None:
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    server.fault("answer", path="/v1/messages", status=529, body=body)
    answer = answer_of(server)
    assert (answer.text, len(answer.warnings)) == ("Hello there, friend.", 1)
    assert len(server.requests("/v1/messages")) == 2


def test_too_long_a_conversation_is_told(server: FakeAnthropic) -> None:
    server.context = 1
    assert error_of(server).code == "provider_too_long"


def test_a_model_that_was_retired_is_gone(server: FakeAnthropic) -> None:
    server.models = ["claude-haiku-4-5"]
    assert error_of(server, model=RemoteModel("here", "claude-opus-5")).code == "provider_model_gone"


IN_STREAM = [
    ("overloaded_error", "provider_busy"),
    ("rate_limit_error", "provider_limit"),
    ("api_error", "provider_failed"),
    ("billing_error", "provider_credit"),
]


@pytest.mark.parametrize(("type", "code"), IN_STREAM)
def test_an_error_within_the_stream_ends_the_reply(server: FakeAnthropic, type: str, code: str) -> None:
    said = event("error", error={"type": type, "message": "Overloaded"})
    server.fault("say", path="/v1/messages", at=5, body=said)
    answer = Answer()
    assert error_of(server, into=answer).code == code
    assert answer.text == "Hello there, "


@pytest.mark.parametrize("kind", ["cut", "end"])
def test_a_reply_without_an_end_was_cut(server: FakeAnthropic, kind: str) -> None:
    server.fault(kind, path="/v1/messages", at=5)
    answer = Answer()
    assert error_of(server, into=answer).code == "provider_cut"
    assert answer.text == "Hello there, "


def test_a_stream_with_nothing_of_a_reply_in_it_is_strange(server: FakeAnthropic) -> None:
    server.fault("say", path="/v1/messages", body=b'data: {"hello": 1}\n\n')
    assert error_of(server).code == "provider_strange"


@pytest.mark.parametrize("value", [None, 5, "x", [], [1], {}, {"text": 7, "thinking": []}, 10**400])
def test_events_of_a_wrong_form_are_as_good_as_absent(server: FakeAnthropic, value: Any) -> None:
    body = b"".join(
        [
            event("message_start", message=value),
            event("content_block_start", index=value, content_block=value),
            event("content_block_delta", index=value, delta=value),
            event("novelty", of=value),
            event("message_delta", delta=value, usage=value),
            event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": value}),
            event("message_stop"),
        ]
    )
    server.fault("say", path="/v1/messages", body=body)
    answer = answer_of(server)
    assert answer.text == ""
    assert answer.ended is not None
    assert answer.ended.reason == "stop"
    assert answer.ended.usage.prompt_tokens is None


# --- stopping --------------------------------------------------------------------------------------------------------


def test_stopping_ends_the_request_at_the_server(server: FakeAnthropic) -> None:
    server.fault("stall", path="/v1/messages", at=5)
    cancelled = threading.Event()
    pieces = []
    for said in events_of(server, cancelled=cancelled):
        assert isinstance(said, TextDelta)
        pieces.append(said.text)
        if len(pieces) == 2:
            threading.Timer(0.1, cancelled.set).start()
    assert pieces == ["Hello ", "there, "]
    (seen,) = server.requests("/v1/messages")
    assert seen.ended.wait(ENDS_S)
    assert seen.disconnected


def test_closing_the_reply_ends_the_request_at_the_server(server: FakeAnthropic) -> None:
    server.pace, server.reply = 0.01, "word " * 500
    events = events_of(server)
    next(events)
    events.close()  # type: ignore[attr-defined]
    (seen,) = server.requests("/v1/messages")
    assert seen.ended.wait(ENDS_S)
    assert seen.disconnected
