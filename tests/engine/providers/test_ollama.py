"""Ollama: each row of what it does has a test; where that is said stands in its fake and its dialect."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fake_servers.ollama import FakeOllama, Kept
from provider_talk import BEGUN, SHORT, Answer, answer_of, connected, events_of, model_of, models_of, offers_of

from engine import settings
from engine.chat.messages import Message
from engine.errors import EngineError
from engine.events import TextDelta
from engine.providers import connection
from engine.providers.base import RemoteModel, Usage
from engine.providers.ollama import DEFAULT_CONTEXT

ENDS_S = 10.0
CLOUD = "gpt-oss:120b-cloud"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_AGAIN_S", (0.0, 0.0))
    monkeypatch.setattr(connection, "_LOADING_S", 0.0)


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with FakeOllama(context=100_000) as served:
        yield served


def error_of(server: FakeOllama, *args: Any, **how: Any) -> EngineError:
    with pytest.raises(EngineError) as caught:
        answer_of(server, *args, **how)
    return caught.value


def stay_here() -> None:
    chosen = settings.Settings()
    chosen.set("stay_here", True)
    chosen.save()


def chatted(server: FakeOllama) -> list[Any]:
    return [seen.body for seen in server.requests("/api/chat")]


# --- models ----------------------------------------------------------------------------------------------------------


def test_models_are_told_by_tags_show_and_ps(server: FakeOllama) -> None:
    server.kept["qwen3:8b"] = Kept(("completion", "tools", "thinking", "insert"), trained=40960)
    server.in_memory = ["qwen3:8b"]
    assert models_of(server) == [
        RemoteModel(
            provider="here",
            id="qwen3:8b",
            context=40960,
            parameters=8190735360,
            size_bytes=5225388164,
            quantization="Q4_K_M",
            capabilities=("chat", "thinking", "tools"),
            loaded=True,
        )
    ]


def test_what_is_not_in_memory_is_not_loaded(server: FakeOllama) -> None:
    assert [model.loaded for model in models_of(server)] == [False]


def test_a_server_that_does_not_tell_what_is_loaded_is_asked_for_the_rest(server: FakeOllama) -> None:
    server.fault("answer", path="/api/ps", status=404, body=b"404 page not found")
    assert [model.loaded for model in models_of(server)] == [None]


def test_a_model_that_cannot_be_shown_is_listed_with_what_tags_say(server: FakeOllama) -> None:
    server.fault("answer", path="/api/show", status=500, body={"error": "blob is damaged"})
    (model,) = models_of(server)
    assert (model.context, model.parameters, model.capabilities) == (None, 8_200_000_000, ())


def test_embedding_models_are_told(server: FakeOllama) -> None:
    server.kept["nomic-embed-text:latest"] = Kept(("embedding",), trained=2048)
    assert models_of(server)[1].capabilities == ("embedding",)


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "glm-4.6:cloud"])
def test_cloud_models_leave_by_their_name(server: FakeOllama, name: str) -> None:
    server.kept = {name: Kept()}
    assert models_of(server)[0].leaves


def test_a_model_with_a_remote_host_leaves_whatever_its_name(server: FakeOllama) -> None:
    server.kept["mine:latest"] = Kept(remote="https://ollama.com:443")
    assert [model.leaves for model in models_of(server)] == [False, True]


HOSTILE: list[Any] = [
    {},
    [],
    {"models": None},
    {"models": {"a": 1}},
    {"models": "abc"},
    None,
    5,
]


@pytest.mark.parametrize("said", HOSTILE)
def test_a_list_that_is_none_is_strange(server: FakeOllama, said: Any) -> None:
    server.fault("answer", path="/api/tags", body=json.dumps(said).encode())
    with pytest.raises(EngineError) as caught:
        models_of(server)
    assert caught.value.code == "provider_strange"


def test_rows_of_a_wrong_form_are_left_out(server: FakeOllama) -> None:
    rows = [None, 5, [], {}, {"model": 7}, {"model": "odd", "size": "big", "details": []}, {"model": "odd", "size": -1}]
    server.fault("answer", path="/api/tags", body={"models": rows})
    server.fault("answer", path="/api/show", body={"model_info": [], "capabilities": {"a": 1}, "parameters": 5})
    (model,) = models_of(server)
    assert model == RemoteModel("here", "odd", loaded=False)


@pytest.mark.parametrize("value", ["many", -1, 1.5, 10**400, True, None, [], {}])
def test_numbers_that_are_none_are_as_good_as_absent(server: FakeOllama, value: Any) -> None:
    info = {"general.architecture": "x", "x.context_length": value, "general.parameter_count": value}
    server.fault("answer", path="/api/show", body={"model_info": info, "capabilities": ["completion", 7, None]})
    (model,) = models_of(server)
    assert (model.context, model.parameters) == (None, 8_200_000_000)
    assert model.capabilities == ("chat",)


# --- replies ---------------------------------------------------------------------------------------------------------


def test_a_reply_comes_as_it_is_written(server: FakeOllama) -> None:
    answer = answer_of(server)
    assert answer.pieces == ["Hello ", "there, ", "friend."]
    assert answer.ended is not None
    assert (answer.ended.reason, answer.ended.model) == ("stop", "qwen3:8b")
    assert answer.ended.usage == Usage(prompt_tokens=2, output_tokens=3, prompt_seconds=0.25, output_seconds=1.5)
    assert answer.warnings == []


@pytest.mark.parametrize("grain", [1, 7])
def test_lines_may_come_in_any_pieces(server: FakeOllama, grain: int) -> None:
    server.grain, server.reply = grain, "Grüße 🌱 an alle"
    assert answer_of(server).text == "Grüße 🌱 an alle"


def test_thoughts_come_apart_from_the_reply(server: FakeOllama) -> None:
    server.kept["qwen3:8b"].capabilities = ("completion", "thinking")
    server.thinking = "Let me see."
    answer = answer_of(server)
    assert (answer.thinking, answer.text) == ("Let me see.", "Hello there, friend.")
    assert chatted(server)[-1]["think"] is True


def test_a_model_that_does_not_think_is_not_asked_to(server: FakeOllama) -> None:
    answer_of(server)
    assert "think" not in chatted(server)[-1]


def test_only_what_is_given_is_sent_and_by_ollamas_names(server: FakeOllama) -> None:
    answer_of(server)
    assert chatted(server)[-1]["options"] == {"num_ctx": DEFAULT_CONTEXT}
    given = {
        "temperature": 0.5,
        "top_k": 12,
        "top_p": 0.9,
        "min_p": 0.1,
        "repetition_penalty": 1.25,
        "penalty_window": 32,
        "seed": 7,
        "max_tokens": 20,
    }
    answer_of(server, **given)
    assert chatted(server)[-1]["options"] == {
        "temperature": 0.5,
        "top_k": 12,
        "top_p": 0.9,
        "min_p": 0.1,
        "repeat_penalty": 1.25,
        "repeat_last_n": 32,
        "seed": 7,
        "num_predict": 20,
        "num_ctx": DEFAULT_CONTEXT,
    }


def test_a_seed_fits_what_ollama_reads(server: FakeOllama) -> None:
    answer_of(server, seed=2**63 - 1)
    assert chatted(server)[-1]["options"]["seed"] == 2**31 - 1


def test_how_long_a_model_stays_loaded_is_the_servers_matter(server: FakeOllama) -> None:
    answer_of(server)
    assert "keep_alive" not in chatted(server)[-1]


def test_a_reply_is_gone_on_with(server: FakeOllama) -> None:
    assert answer_of(server, BEGUN, continue_final_message=True).text == "Hello there, friend."
    assert chatted(server)[-1]["messages"][-1] == {"role": "assistant", "content": "Hello th"}


def test_half_a_character_is_not_gone_on_with(server: FakeOllama) -> None:
    answer_of(server, (*SHORT, Message("assistant", "Gr\ufffd")), continue_final_message=True)
    assert chatted(server)[-1]["messages"][-1]["content"] == "Gr"


def test_all_is_offered_but_going_on_in_the_cloud(server: FakeOllama) -> None:
    assert {"context", "continue", "max_tokens", "min_p", "seed"} < offers_of(server)
    with connected(server) as dialect:
        assert "continue" not in dialect.offers(RemoteModel("here", CLOUD, leaves=True))
    error = error_of(server, BEGUN, model=RemoteModel("here", CLOUD, leaves=True), continue_final_message=True)
    assert error.code == "provider_cannot_continue"
    assert server.seen == []


# --- context ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trained", "asked", "modelfile", "sent"),
    [
        (32768, None, "", DEFAULT_CONTEXT),
        (32768, 32768, "", 32768),  # all that it was trained for, where that is asked for
        (32768, 16384, "", 16384),
        (32768, 2048, "num_ctx 12000", 2048),
        (32768, None, 'stop "<x>"\nnum_ctx                        12000\ntop_k 5', 12000),
        (2048, None, "", 2048),
        (2048, 9999, "", 2048),
        (2048, None, "num_ctx 99999", 2048),
        (None, None, "", DEFAULT_CONTEXT),
        (None, 500, "num_ctx 0", 500),
    ],
)
def test_the_context_is_always_said(
    server: FakeOllama, trained: int | None, asked: int | None, modelfile: str, sent: int
) -> None:
    server.kept["qwen3:8b"] = Kept(trained=trained, parameters=modelfile)
    answer_of(server, model=replace(model_of(server), context=trained), context=asked)
    assert chatted(server)[-1]["options"]["num_ctx"] == sent


def test_nothing_is_left_out_of_a_conversation_that_is_too_long(server: FakeOllama) -> None:
    error = error_of(server, (Message("user", "word " * 9000),))
    assert error.code == "provider_context"
    assert "8,192 tokens" in str(error)
    assert (chatted(server)[-1]["truncate"], chatted(server)[-1]["shift"]) == (False, False)


def test_a_reply_that_fills_the_context_says_so(server: FakeOllama) -> None:
    server.reply = "word " * 50
    answer = answer_of(server, context=10)
    assert answer.ended is not None
    assert answer.ended.reason == "length"
    assert "no more than 10 tokens" in answer.warnings[0]


def test_a_reply_that_was_to_be_short_needs_no_warning(server: FakeOllama) -> None:
    answer = answer_of(server, max_tokens=2)
    assert answer.ended is not None
    assert (answer.text, answer.ended.reason, answer.warnings) == ("Hello there, ", "length", [])


# --- what leaves the machine -----------------------------------------------------------------------------------------


def test_cloud_models_are_not_asked_while_nothing_may_leave(server: FakeOllama) -> None:
    stay_here()
    server.kept = {CLOUD: Kept(), "mine": Kept(remote="https://ollama.com:443"), "here": Kept()}
    for id in (CLOUD, "mine"):
        assert error_of(server, model=RemoteModel("here", id)).code == "provider_stays"
    assert chatted(server) == []
    assert answer_of(server, model=RemoteModel("here", "here")).text


def test_a_list_that_knew_it_is_believed(server: FakeOllama) -> None:
    stay_here()
    assert error_of(server, model=replace(model_of(server), leaves=True)).code == "provider_stays"
    assert chatted(server) == []


def test_the_cloud_chooses_its_context_and_wants_to_be_signed_in(server: FakeOllama) -> None:
    server.kept = {CLOUD: Kept(remote="https://ollama.com:443")}
    model = RemoteModel("here", CLOUD, leaves=True)
    answer_of(server, model=model)
    assert chatted(server)[-1]["options"] == {}
    server.signed_in = False
    assert error_of(server, model=model).code == "provider_sign_in"


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_model_that_was_removed_is_gone(server: FakeOllama) -> None:
    error = error_of(server, model=RemoteModel("here", "llama3:8b"))
    assert (error.code, error.data["model"]) == ("provider_model_gone", "llama3:8b")


def test_an_embedding_model_does_not_chat(server: FakeOllama) -> None:
    server.kept["qwen3:8b"].capabilities = ("embedding",)
    error = error_of(server)
    assert error.code == "provider_bad_request"
    assert "does not support chat" in str(error)


def test_too_little_memory_is_said_in_ollamas_words(server: FakeOllama) -> None:
    body = {"error": "model requires more system memory (5.6 GiB) than is available (3.1 GiB)"}
    server.fault("answer", path="/api/chat", status=500, body=body, times=9)
    error = error_of(server)
    assert error.code == "provider_failed"
    assert "5.6 GiB" in str(error)


def test_a_full_queue_is_waited_for(server: FakeOllama) -> None:
    body = {"error": "server busy, please try again.  maximum pending requests exceeded"}
    server.fault("answer", path="/api/chat", status=503, body=body)
    answer = answer_of(server)
    assert answer.text == "Hello there, friend."
    assert len(answer.warnings) == 1


def test_an_error_within_the_stream_ends_the_reply(server: FakeOllama) -> None:
    said = b'{"error":"an error was encountered while running the model: CUDA error"}\n'
    server.fault("say", path="/api/chat", at=2, body=said)
    answer = Answer()
    assert "CUDA error" in str(error_of(server, into=answer))
    assert answer.text == "Hello there, "


@pytest.mark.parametrize("kind", ["cut", "end"])
def test_a_reply_without_an_end_was_cut(server: FakeOllama, kind: str) -> None:
    server.fault(kind, path="/api/chat", at=2)
    answer = Answer()
    assert error_of(server, into=answer).code == "provider_cut"
    assert answer.text == "Hello there, "


@pytest.mark.parametrize("said", [b"nonsense\n{}\n", b"[1]\n{}\n", b"<html>\n\n", b'{"a":' * 99 + b"\n{}\n"])
def test_lines_that_are_none_are_strange(server: FakeOllama, said: bytes) -> None:
    server.fault("say", path="/api/chat", at=0, body=said)
    assert error_of(server).code in ("provider_strange", "provider_cut")


@pytest.mark.parametrize("value", [None, 5, "x", [], [1], {}, {"content": 7, "thinking": []}])
def test_messages_of_a_wrong_form_are_as_good_as_absent(server: FakeOllama, value: Any) -> None:
    lines = [{"message": value, "done": False}, {"message": value, "done": "yes"}]
    last = {"done": True, "done_reason": 5, "eval_count": -1, "prompt_eval_count": 1e400, "eval_duration": "1"}
    body = b"".join(json.dumps(line).encode() + b"\n" for line in [*lines, last | {"model": ["x"]}])
    server.fault("say", path="/api/chat", at=0, body=body.replace(b"Infinity", b"1e400"))
    answer = answer_of(server)
    assert answer.text == ""
    assert answer.ended is not None
    assert (answer.ended.reason, answer.ended.usage, answer.ended.model) == ("stop", Usage(), None)


# --- stopping --------------------------------------------------------------------------------------------------------


def test_stopping_ends_the_request_at_the_server(server: FakeOllama) -> None:
    server.fault("stall", path="/api/chat", at=2)
    cancelled = threading.Event()
    pieces = []
    for event in events_of(server, cancelled=cancelled):
        assert isinstance(event, TextDelta)
        pieces.append(event.text)
        if len(pieces) == 2:
            threading.Timer(0.1, cancelled.set).start()
    assert pieces == ["Hello ", "there, "]
    (seen,) = server.requests("/api/chat")
    assert seen.ended.wait(ENDS_S)
    assert seen.disconnected


def test_closing_the_reply_ends_the_request_at_the_server(server: FakeOllama) -> None:
    server.pace, server.reply = 0.01, "word " * 500
    events = events_of(server)
    next(events)
    events.close()  # type: ignore[attr-defined]
    (seen,) = server.requests("/api/chat")
    assert seen.ended.wait(ENDS_S)
    assert seen.disconnected


def test_a_silent_server_can_be_stopped(server: FakeOllama) -> None:
    server.fault("silence", path="/api/chat")
    cancelled = threading.Event()
    threading.Timer(0.1, cancelled.set).start()
    started = time.monotonic()
    assert list(events_of(server, cancelled=cancelled)) == []
    assert time.monotonic() - started < ENDS_S
