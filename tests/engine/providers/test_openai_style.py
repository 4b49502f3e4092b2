"""Every server and API that speaks as OpenAI's does, through its fake: replies, options, errors, and stopping.

What each program does, and where that is said, stands in the docstring of its fake and in `engine.providers.quirks`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fake_servers import FAKES, FakeCompatible, FakeGPT4All, FakeLlamaCpp, FakeLlamaCppPython, FakeServer
from fake_servers.openai import KEY, NO_CREDIT, OVERLOADED, TOO_MANY, FakeOpenAI
from provider_talk import BEGUN, SHORT, Answer, answer_of, connected, events_of, models_of, offers_of

from engine.chat.messages import Message
from engine.errors import EngineError
from engine.events import TextDelta
from engine.providers import connection
from engine.providers.base import Provider, RemoteModel, Usage
from engine.providers.openai_style import OpenAIStyle
from engine.providers.quirks import QUIRKS

ALL = {
    "temperature": 0.5,
    "top_k": 12,
    "top_p": 0.9,
    "min_p": 0.1,
    "repetition_penalty": 1.25,
    "penalty_window": 32,
    "seed": 7,
    "max_tokens": 20,
}
STREAMING = sorted(kind for kind, quirks in QUIRKS.items() if quirks.streams)
ENDS_S = 10.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for before a server is asked again."""
    monkeypatch.setattr(connection, "_AGAIN_S", (0.0, 0.0))
    monkeypatch.setattr(connection, "_LOADING_S", 0.0)


def started(kind: str, **how: Any) -> FakeServer:
    return FAKES[kind](**({"mode": "openai"} if kind == "litgpt" else {}), **how)


@pytest.fixture(params=sorted(QUIRKS))
def server(request: pytest.FixtureRequest) -> Iterator[FakeServer]:
    with started(request.param) as served:
        yield served


@pytest.fixture(params=STREAMING)
def streaming(request: pytest.FixtureRequest) -> Iterator[FakeServer]:
    with started(request.param) as served:
        yield served


def code_of(server: FakeServer, **how: Any) -> str:
    """The code of the error that a reply ends with."""
    with pytest.raises(EngineError) as caught:
        answer_of(server, **how)
    return caught.value.code


# --- replies ---------------------------------------------------------------------------------------------------------


def test_a_reply_comes_as_it_is_written(streaming: FakeServer) -> None:
    answer = answer_of(streaming)
    assert answer.pieces == ["Hello ", "there, ", "friend."]
    assert answer.ended is not None
    assert answer.ended.reason == "stop"


def test_a_reply_that_comes_whole_is_one_piece() -> None:
    with FakeGPT4All() as server:
        answer = answer_of(server)
    assert answer.pieces == ["Hello there, friend."]
    assert answer.ended is not None
    assert answer.ended.usage == Usage(prompt_tokens=2, output_tokens=3)


def test_thinking_is_no_part_of_the_reply(server: FakeServer) -> None:
    server.thinking = "Let me see."
    answer = answer_of(server)
    assert answer.text == "Hello there, friend."
    assert answer.thinking == ("" if server.kind == "litgpt" else "Let me see.")


def test_a_reply_that_is_full_says_so(server: FakeServer) -> None:
    """LitServe's specs/openai.py always says "stop"."""
    answer = answer_of(server, max_tokens=2)
    assert answer.text.strip() == "Hello there,"
    assert answer.ended is not None
    assert answer.ended.reason == ("stop" if server.kind == "litgpt" else "length")


def test_tokens_are_counted_as_the_server_counts_them(server: FakeServer) -> None:
    ended = answer_of(server).ended
    assert ended is not None
    counted = (None, None) if server.kind == "litgpt" else (2, 3)
    assert (ended.usage.prompt_tokens, ended.usage.output_tokens) == counted


def test_characters_arrive_whole_whatever_the_bytes_are_cut_into() -> None:
    with FakeLlamaCpp(reply=["Grüße ", "😀👩‍🚀 ", "日本"], grain=1) as server:
        assert answer_of(server).text == "Grüße 😀👩‍🚀 日本"


def test_a_server_that_does_not_stream_after_all_is_understood() -> None:
    whole = {"choices": [{"message": {"content": "Whole."}, "finish_reason": "stop"}], "model": "m"}
    with FakeCompatible() as server:
        server.fault("answer", body=whole)
        assert answer_of(server).pieces == ["Whole."]


def test_an_empty_reply_is_a_reply(server: FakeServer) -> None:
    server.reply = ""
    answer = answer_of(server)
    assert answer.pieces == []
    assert answer.ended is not None


# --- what is asked ---------------------------------------------------------------------------------------------------


def test_what_nobody_chose_is_left_to_the_server(server: FakeServer) -> None:
    answer_of(server)
    left = set(server.asked) - {"model", "messages", "stream", "stream_options"}
    assert left == ({"max_tokens"} if server.kind == "gpt4all" else set())


def test_only_what_a_server_heeds_is_sent_and_by_its_names(server: FakeServer) -> None:
    offers = offers_of(server) - {"continue"}
    assert answer_of(server, **ALL).text == "Hello there, friend."
    names = QUIRKS[server.kind].names
    sent = {name: value for name, value in server.asked.items() if name in set(names.values()) | set(ALL)}
    assert sent == {names[name]: ALL[name] for name in offers}


@pytest.mark.parametrize(
    ("kind", "name", "sent"),
    [
        ("vllm", "top_k", -1),
        ("sglang", "top_k", -1),
        ("llama.cpp", "top_k", 0),
        ("lmstudio", "top_k", 0),
        ("litgpt", "temperature", 1e-6),
        ("litgpt", "top_p", 1e-6),
        ("vllm", "temperature", 0),
    ],
)
def test_a_zero_is_called_as_each_server_calls_it(kind: str, name: str, sent: float) -> None:
    """Every token is -1 in vLLM's sampling_params.py and SGLang's docs/backend/sampling_params.md, 0 in llama.cpp;
    LitGPT takes a 0 for nothing said (docs/servers.md).
    """
    with started(kind) as server:
        answer_of(server, **{name: 0})
        assert server.asked[name] == sent


def test_an_api_that_refuses_to_count_is_asked_without() -> None:
    """dnakov/anon-kode issue 53: Mistral's refusal, in its words."""
    where = {"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}
    refusal = {"object": "error", "message": {"detail": [where]}, "type": "invalid_request_error"}
    with FakeCompatible() as server:
        server.fault("answer", status=422, body=refusal)
        assert answer_of(server).text == "Hello there, friend."
        assert ["stream_options" in seen.body for seen in server.seen] == [True, False]
        server.fault("answer", status=422, body={"error": {"message": "no such thing as temperature"}})
        assert code_of(server) == "provider_bad_request"


def test_a_conversation_goes_as_it_is(server: FakeServer) -> None:
    messages = [Message("system", "Be kind."), *SHORT, Message("assistant", "Hi.", (1, 2), "x"), *SHORT]
    answer_of(server, messages)
    assert server.asked["messages"] == [{"role": m.role, "content": m.content} for m in messages]


def test_half_a_character_in_a_message_is_replaced() -> None:
    with FakeLlamaCpp() as server:
        answer_of(server, [Message("user", "Oh \ud83d.")])
        assert server.asked["messages"] == [{"role": "user", "content": "Oh \ufffd."}]


@pytest.mark.parametrize("kind", sorted(kind for kind, row in QUIRKS.items() if row.continues is not None))
def test_a_reply_that_was_begun_is_gone_on_with(kind: str) -> None:
    how = {"template": "{% if enable_thinking %}<think>{% endif %}"} if kind == "llama.cpp" else {}
    with started(kind, reply="ere.", **how) as server:
        assert "continue" in offers_of(server)
        begun = [*BEGUN[:-1], Message("assistant", "Hello th\ufffd")]
        assert answer_of(server, begun, continue_final_message=True).text == "ere."
        assert server.asked["messages"][-1] == {"role": "assistant", "content": "Hello th"}


@pytest.mark.parametrize("kind", sorted(kind for kind, row in QUIRKS.items() if row.continues is None))
def test_a_server_that_cannot_go_on_is_not_asked_to(kind: str) -> None:
    with started(kind) as server:
        assert "continue" not in offers_of(server)
        assert code_of(server, messages=BEGUN, continue_final_message=True) == "provider_cannot_continue"
        assert not server.requests("completions")


@pytest.mark.parametrize("model", ["o1", "o3-mini", "o4-mini", "gpt-5", "gpt-5-mini-2026-01-01", "gpt-5.4", "gpt-6"])
def test_openais_reasoning_models_offer_fewer_parameters(model: str) -> None:
    """platform.openai.com/docs/guides/reasoning, and the refusals that its fake quotes."""
    with FakeOpenAI([model]) as server:
        assert offers_of(server) == {"max_tokens"}
        assert answer_of(server, **ALL).text == "Hello there, friend."
        assert server.asked["max_completion_tokens"] == 20


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4.1-mini", "gpt-5-chat-latest", "chatgpt-4o-latest", "opus-5"])
def test_openais_other_models_offer_the_usual_ones(model: str) -> None:
    with FakeOpenAI([model]) as server:
        assert offers_of(server) == {"temperature", "top_p", "seed", "max_tokens"}


# --- stopping --------------------------------------------------------------------------------------------------------


def test_closing_the_reply_ends_the_request_at_the_server(streaming: FakeServer) -> None:
    streaming.fault("stall", at=2)
    events = events_of(streaming)
    assert isinstance(next(event for event in events if isinstance(event, TextDelta)), TextDelta)
    events.close()  # type: ignore[attr-defined]
    seen = streaming.requests(method="POST")[-1]
    assert seen.ended.wait(ENDS_S)
    assert seen.disconnected


@pytest.mark.parametrize("fault", ["silence", "stall"])
def test_stopping_ends_the_request_though_nothing_comes(server: FakeServer, fault: str) -> None:
    """Before the first byte, as when a model is still being loaded, and in the middle of a reply."""
    if fault == "stall" and server.kind == "gpt4all":
        server.pace = 60.0
    else:
        server.fault(fault, path="completions", at=2)
    cancelled = threading.Event()
    outcome: list[Any] = []
    talk = threading.Thread(target=lambda: outcome.extend(events_of(server, cancelled=cancelled)), daemon=True)
    talk.start()
    until = time.monotonic() + ENDS_S
    while not server.requests("completions") and time.monotonic() < until:
        time.sleep(0.01)
    cancelled.set()
    talk.join(ENDS_S)
    assert not talk.is_alive()
    seen = server.requests("completions")[-1]
    assert seen.ended.wait(ENDS_S)
    assert seen.disconnected
    assert all(isinstance(event, TextDelta) for event in outcome)


def test_nothing_comes_after_stopping() -> None:
    with FakeLlamaCpp() as server:
        cancelled = threading.Event()
        came = []
        for event in events_of(server, cancelled=cancelled):
            came.append(event)
            cancelled.set()
        assert came == [TextDelta("Hello ")]


def test_what_is_stopped_before_it_began_is_not_asked() -> None:
    with FakeLlamaCpp() as server:
        cancelled = threading.Event()
        cancelled.set()
        assert list(events_of(server, cancelled=cancelled)) == []
        assert not server.requests("completions")


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_reply_that_breaks_off_in_the_middle_of_a_word_says_so(streaming: FakeServer) -> None:
    streaming.fault("cut", path="completions", at=2)
    came = Answer()
    assert code_of(streaming, into=came) == "provider_cut"
    assert came.text.startswith("Hello ")  # what came is kept
    assert came.ended is None


def test_a_reply_that_ends_too_early_though_properly_was_cut(streaming: FakeServer) -> None:
    streaming.fault("end", at=2)
    assert code_of(streaming) == "provider_cut"


@pytest.mark.parametrize("kind", ["text/html", "application/json", "text/event-stream"])
def test_a_page_or_what_is_no_reply_cannot_be_understood(server: FakeServer, kind: str) -> None:
    for answer in (b"<!doctype html><title>Log in</title>", b"", b"Hello", b"[]", b"null", b"{", b"{}", b"\xff"):
        server.fault("answer", path="completions", body=answer, headers={"Content-Type": kind})
        assert code_of(server) in ("provider_strange", "provider_cut"), answer


@pytest.mark.parametrize("said", [b"data: {broken\n\n", b"data: [1]\n\n", b"data: " + b"[" * 5000 + b"\n\n"])
def test_a_chunk_that_is_no_json_object_cannot_be_understood(streaming: FakeServer, said: bytes) -> None:
    streaming.fault("say", at=2, body=said)
    assert code_of(streaming) == "provider_strange"


def test_an_event_that_was_not_finished_counts_all_the_same() -> None:
    """docs/servers.md: LitGPT's failure is one event without the empty line behind it."""
    with started("litgpt", context=1) as server:
        with pytest.raises(EngineError) as caught:
            answer_of(server)
        assert caught.value.code == "provider_failed"


def test_a_stream_without_a_single_event_cannot_be_understood() -> None:
    """docs/servers.md: so llama-cpp-python's server says that a conversation is too long."""
    with FakeLlamaCppPython(context=1) as server:
        assert code_of(server) == "provider_strange"


def test_an_error_in_the_middle_of_a_reply_is_told() -> None:
    """openrouter.ai/docs, "Errors and debugging": after the streaming has begun the status stays 200."""
    error = b'data: {"error": {"code": 502, "message": "Provider disconnected"}, "choices": []}\n\n'
    with FakeCompatible() as server:
        server.fault("say", at=2, body=error)
        came = Answer()
        assert code_of(server, into=came) == "provider_busy"
        assert came.text == "Hello "


def test_a_key_is_asked_for() -> None:
    with FakeOpenAI() as server:
        assert code_of(server, key="") == "provider_key_missing"


@pytest.mark.parametrize("kind", ["llama.cpp", "lmstudio", "jan", "vllm", "sglang", "compatible", "openai", "litgpt"])
def test_a_wrong_key_is_told_and_not_shown(kind: str) -> None:
    with started(kind, key="the-right-key") as server:
        with pytest.raises(EngineError) as caught:
            answer_of(server, key="a-wrong-key-0123456789")
        assert caught.value.code == "provider_key_wrong"
        assert "a-wrong-key" not in f"{caught.value} {caught.value.data} {caught.value.detail}"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (429, NO_CREDIT, "provider_credit"),
        (429, TOO_MANY, "provider_limit"),
        (503, OVERLOADED, "provider_busy"),
        (402, {"error": {"code": 402, "message": "Insufficient credits"}}, "provider_credit"),
        (403, {"error": {"message": "Country not supported", "code": "unsupported_country"}}, "provider_forbidden"),
        (400, {"error": {"message": "no", "code": "content_policy_violation"}}, "provider_refused"),
        (500, b"Internal Server Error", "provider_failed"),
    ],
)
def test_refusals_of_an_api_are_told_in_words(status: int, body: Any, code: str) -> None:
    """platform.openai.com/docs/guides/error-codes; openrouter.ai/docs."""
    with FakeOpenAI() as server:
        server.fault("answer", status=status, body=body, times=9)
        assert code_of(server) == code


@pytest.mark.parametrize("kind", ["llama.cpp", "vllm", "sglang", "openai"])
def test_a_conversation_that_is_too_long_says_so(kind: str) -> None:
    with started(kind, context=5) as server:
        assert code_of(server, messages=[Message("user", "word " * 6)]) == "provider_too_long"


@pytest.mark.parametrize("kind", ["lmstudio", "jan", "vllm", "openai", "compatible"])
def test_a_model_that_is_gone_says_so(kind: str) -> None:
    with started(kind) as server:
        gone = RemoteModel("here", "not/here")
        with pytest.raises(EngineError) as caught:
            answer_of(server, model=gone)
        assert caught.value.code == ("provider_bad_request" if kind == "compatible" else "provider_model_gone")
        assert "not/here" in str(caught.value)


def test_a_model_that_is_still_loaded_says_so() -> None:
    """llama.cpp's server-http.cpp answers 503 "Loading model" until then."""
    loading = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    with FakeLlamaCpp() as server:
        server.fault("answer", status=503, body=loading, times=2)
        answer = answer_of(server)
        assert answer.text == "Hello there, friend."
        assert len(answer.warnings) == 2


def test_a_server_that_is_not_there_cannot_be_reached(server: FakeServer) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # so that nobody else answers there
        server.url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        if isinstance(server, FakeCompatible):
            server.base = server.url
        assert code_of(server) == "provider_unreachable"


def test_gpt4all_that_is_switched_off_wants_what_it_calls_authorization() -> None:
    """gpt4all-chat/src/server.cpp: 401 without a word where "Enable Local API Server" is off."""
    with FakeGPT4All(off=True) as server:
        assert code_of(server) == "provider_key_missing"


# --- secrets and cost ------------------------------------------------------------------------------------------------


def test_the_environment_and_this_computer_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK would send an organization, headers and a key that it finds in the environment, and what runs here."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-somebody-else")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-somebody")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-somebody")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Leak: 1\nAuthorization: Bearer sk-leak")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    with FakeLlamaCpp() as server:
        models_of(server)
        answer_of(server)
        told = {"host", "connection", "user-agent", "accept-encoding", "accept", "content-type", "content-length"}
        assert all(set(seen.headers) <= told for seen in server.seen)
        assert {seen.headers["user-agent"] for seen in server.seen} == {"seedling"}


def test_the_key_goes_where_it_belongs() -> None:
    with FakeOpenAI() as server:
        answer_of(server)
        assert server.seen[-1].headers["authorization"] == f"Bearer {KEY}"
        assert KEY not in str(server.asked)


def test_an_address_with_a_path_is_the_base_of_the_api() -> None:
    with FakeCompatible(prefix="/openai/v1") as server:
        answer_of(server)
        assert server.seen[-1].path == "/openai/v1/chat/completions"
    with FakeLlamaCpp() as server:
        for address in (server.url, f"{server.url}/v1"):
            dialect = OpenAIStyle(Provider("here", "llama.cpp", address))
            assert dialect.models()[0].context == 4096
            dialect.close()


def test_only_who_talks_to_a_provider_loads_its_sdk() -> None:
    """It takes half a second, which only a worker may spend."""
    code = "import sys, engine.providers.quirks, engine.providers.base, engine.jobs; print('openai' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert found.stdout.strip() == "False"


def test_closing_twice_does_nothing(server: FakeServer) -> None:
    with connected(server) as dialect:
        dialect.models()
        dialect.close()
