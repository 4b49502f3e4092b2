"""LitGPT's server in its three forms: a prompt for a whole reply, for a streamed one, or as OpenAI's API."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fake_servers import FakeLitGPT
from provider_talk import BEGUN, Answer, answer_of, events_of, models_of, offers_of

from engine.chat.messages import Message
from engine.errors import EngineError
from engine.events import TextDelta
from engine.providers import connection

ENDS_S = 10.0
OTHER = ("prompt", "model", "messages", "stream")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for before a server is asked again."""
    monkeypatch.setattr(connection, "_AGAIN_S", (0.0, 0.0))


@pytest.fixture(params=["plain", "stream", "openai"])
def server(request: pytest.FixtureRequest) -> Iterator[FakeLitGPT]:
    with FakeLitGPT(mode=request.param) as served:
        yield served


def code_of(server: FakeLitGPT, **how: Any) -> str:
    with pytest.raises(EngineError) as caught:
        answer_of(server, **how)
    return caught.value.code


def test_a_reply_comes_in_whatever_form_it_was_started(server: FakeLitGPT) -> None:
    """litgpt/deploy/serve.py: `{"output"}`, lines of it, or chunks."""
    answer = answer_of(server)
    assert answer.text == "Hello there, friend."
    assert len(answer.pieces) == (1 if server.mode == "plain" else 3)
    assert answer.ended is not None
    assert answer.ended.reason == "stop"


def test_a_prompt_is_what_was_said(server: FakeLitGPT) -> None:
    """The model's own style is laid over it by the server."""
    talk = [Message("system", "Be kind."), Message("user", "Hi.")]
    answer_of(server, talk)
    if server.mode == "openai":
        assert server.asked["messages"] == [{"role": m.role, "content": m.content} for m in talk]
    else:
        assert server.asked == {"prompt": "Be kind.\n\nHi."}


def test_only_the_openai_spec_heeds_options(server: FakeLitGPT) -> None:
    """`OpenAISpecLitAPI.predict` takes them from the request; the others had them when the server was started."""
    offers = offers_of(server)
    assert offers == ({"temperature", "top_p", "max_tokens"} if server.mode == "openai" else set())
    answer_of(server, temperature=0.3, max_tokens=9, top_k=3)
    sent = {"temperature": 0.3, "max_completion_tokens": 9} if server.mode == "openai" else {}
    assert {name: value for name, value in server.asked.items() if name not in OTHER} == sent


def test_a_reply_is_not_gone_on_with(server: FakeLitGPT) -> None:
    assert code_of(server, messages=BEGUN, continue_final_message=True) == "provider_cannot_continue"
    assert not server.requests(method="POST")


def test_its_key_is_an_x_api_key(server: FakeLitGPT) -> None:
    """LitServe's server.py, `api_key_auth`."""
    server.key = "secret"
    assert answer_of(server).text == "Hello there, friend."
    assert server.seen[-1].headers["x-api-key"] == "secret"
    assert "authorization" not in server.seen[-1].headers
    assert code_of(server, key="other") == "provider_key_wrong"
    assert code_of(server, key="") == "provider_key_missing"


def test_its_model_is_there_once_it_is_loaded(server: FakeLitGPT) -> None:
    """LitServe's server.py: `/health` says "not ready" with 503 until then."""
    assert [model.name for model in models_of(server)] == ["here/litgpt"]
    server.loading = True
    with pytest.raises(EngineError) as caught:
        models_of(server)
    assert caught.value.code in ("provider_loading", "provider_busy")


def test_without_a_description_it_is_asked_with_a_prompt() -> None:
    with FakeLitGPT() as server:
        server.fault("answer", path="openapi", status=404, body=b"Not Found")
        assert answer_of(server).text == "Hello there, friend."


@pytest.mark.parametrize(
    "described", [b"<html>", b"[]", b'{"paths": 3}', b'{"paths": {"/v1/chat/completions": null}}', b"{" * 500]
)
def test_a_strange_description_tells_nothing(described: bytes) -> None:
    with FakeLitGPT() as server:
        server.fault("answer", path="openapi", body=described)
        assert answer_of(server).text == "Hello there, friend."


def test_a_conversation_that_is_too_long_is_no_empty_reply() -> None:
    """docs/servers.md: a stream ends without a line, a whole reply is a 500."""
    with FakeLitGPT(mode="stream", context=1) as server:
        assert code_of(server) == "provider_strange"
    with FakeLitGPT(context=1) as server:
        assert code_of(server) == "provider_failed"


@pytest.mark.parametrize("said", ["{}", '{"output": 3}', '{"output": null}', "[]", "null", "3", "{", "Hello"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_an_answer_without_output_cannot_be_understood(said: str, kind: str) -> None:
    with FakeLitGPT() as server:
        server.fault("answer", path="predict", body=said.encode() + b"\n\n", headers={"Content-Type": kind})
        assert code_of(server) == "provider_strange"


def test_a_reply_that_breaks_off_says_so(server: FakeLitGPT) -> None:
    server.fault("cut", path="predict" if server.mode != "openai" else "completions", at=2)
    came = Answer()
    assert code_of(server, into=came) == "provider_cut"
    assert came.text.startswith("" if server.mode == "plain" else "Hello ")


def test_its_own_failure_is_told(server: FakeLitGPT) -> None:
    """LitServe raises HTTPException(500) where the model fails, as with a prompt that is too long."""
    server.fault("answer", times=9, path=server.path, status=500, body={"detail": "Internal Server Error"})
    assert code_of(server) == "provider_failed"


def test_stopping_ends_the_request(server: FakeLitGPT) -> None:
    server.pace = 60.0
    cancelled = threading.Event()
    talk = threading.Thread(target=lambda: list(events_of(server, cancelled=cancelled)), daemon=True)
    talk.start()
    while not server.requests(method="POST"):
        talk.join(0.01)
    cancelled.set()
    talk.join(ENDS_S)
    assert not talk.is_alive()
    assert server.requests(method="POST")[-1].ended.wait(ENDS_S)
    assert server.requests(method="POST")[-1].disconnected


def test_closing_the_reply_ends_the_request() -> None:
    with FakeLitGPT(mode="stream") as server:
        server.fault("stall", at=2)
        events = events_of(server)
        assert next(events) == TextDelta("Hello ")
        events.close()  # type: ignore[attr-defined]
        assert server.seen[-1].ended.wait(ENDS_S)
        assert server.seen[-1].disconnected
