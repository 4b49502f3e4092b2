"""What real servers were seen to do (docs/servers.md), through the fakes that do it too."""

from __future__ import annotations

from typing import Any

import pytest
from fake_servers import FakeLitGPT, FakeLlamaCppPython, FakeServer
from provider_talk import answer_of, models_of

from engine.chat.messages import Message
from engine.errors import EngineError

LONG = (Message("user", "word " * 20),)


def code_of(server: FakeServer, *what: Any) -> str:
    with pytest.raises(EngineError) as caught:
        answer_of(server, *what)
    return caught.value.code


def test_llama_cpp_python_counts_nothing_and_names_what_it_was_asked_for() -> None:
    with FakeLlamaCppPython(["/models/a.gguf"]) as server:
        assert [model.name for model in models_of(server)] == ["here//models/a.gguf"]
        ended = answer_of(server).ended
    assert ended is not None
    assert ended.model == "/models/a.gguf"
    assert ended.usage.output_tokens is None


def test_a_stream_of_nothing_is_no_empty_reply() -> None:
    """llama-cpp-python's and LitGPT's have begun their answer when they find that a conversation is too long."""
    with FakeLlamaCppPython(context=10) as server:
        assert code_of(server, LONG) == "provider_silent"
    with FakeLitGPT(context=10, mode="stream") as server:
        assert code_of(server, LONG) == "provider_silent"


def test_an_error_is_read_though_its_empty_line_is_missing() -> None:
    with FakeLitGPT(context=10, mode="openai") as server:
        assert code_of(server, LONG) == "provider_failed"


def test_a_whole_reply_that_fails_says_so() -> None:
    with FakeLitGPT(context=10) as server:
        assert code_of(server, LONG) == "provider_failed"


def test_a_stream_that_is_ended_by_another_request_was_cut() -> None:
    """llama-cpp-python's says `[DONE]`, without a reason, to whom it leaves."""
    with FakeLlamaCppPython() as server:
        server.fault("say", at=3, body=b"data: [DONE]\n\n")
        assert code_of(server) == "provider_cut"


def test_a_temperature_of_0_is_said_so_that_litgpt_heeds_it() -> None:
    """`context.get("temperature") or self.temperature` in litgpt/deploy/serve.py."""
    with FakeLitGPT(mode="openai") as server:
        answer_of(server, temperature=0.0)
        assert 0 < server.asked["temperature"] < 1e-4
    with FakeLlamaCppPython() as server:
        answer_of(server, temperature=0.0)
        assert server.asked["temperature"] == 0
