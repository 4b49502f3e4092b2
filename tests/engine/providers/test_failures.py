"""What providers say when they say no, as each of them writes it."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.phrases import Phrase
from engine.providers import connection, failures
from engine.providers.base import Provider
from engine.providers.failures import PassingError

OPENAI = "https://platform.openai.com/docs/guides/error-codes"
ANTHROPIC = "https://docs.claude.com/en/api/errors"
OPENROUTER = "https://openrouter.ai/docs/api-reference/errors"
LLAMA_CPP = "llama.cpp tools/server: format_error_response"
VLLM = "vLLM entrypoints/openai: ErrorResponse"
OLLAMA = "Ollama docs/api.md and server/routes.go"
LM_STUDIO = "lmstudio-ai/lmstudio-bug-tracker"


def openai(code: str | None, kind: str, message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def anthropic(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


def llama(status: int, kind: str, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "type": kind}}


TOO_LONG, BAD = "provider_too_long", "provider_bad_request"
GONE, WRONG = "provider_model_gone", "provider_key_wrong"
SAID: list[tuple[str, int, Any, str]] = [
    (OPENAI, 401, openai("invalid_api_key", "invalid_request_error", "Incorrect API key provided"), WRONG),
    (OPENAI, 429, openai("insufficient_quota", "insufficient_quota", "You exceeded your quota"), "provider_credit"),
    (OPENAI, 429, openai("rate_limit_exceeded", "tokens", "Rate limit reached"), "provider_limit"),
    (OPENAI, 404, openai("model_not_found", "invalid_request_error", "The model `x` does not exist"), GONE),
    (OPENAI, 400, openai("context_length_exceeded", "invalid_request_error", "too long"), TOO_LONG),
    (OPENAI, 400, openai("content_policy_violation", "invalid_request_error", "no"), "provider_refused"),
    (OPENAI, 403, openai(None, "request_forbidden", "Country not supported"), "provider_forbidden"),
    (OPENAI, 500, openai(None, "server_error", "The server had an error"), "provider_failed"),
    (OPENAI, 503, openai(None, "server_error", "That model is overloaded"), "provider_busy"),
    (OPENAI, 400, openai(None, "invalid_request_error", "Unsupported value"), BAD),
    (ANTHROPIC, 401, anthropic("authentication_error", "invalid x-api-key"), WRONG),
    (ANTHROPIC, 402, anthropic("billing_error", "billing"), "provider_credit"),
    (ANTHROPIC, 400, anthropic("invalid_request_error", "Your credit balance is too low"), "provider_credit"),
    (ANTHROPIC, 400, anthropic("invalid_request_error", "prompt is too long: 2 tokens > 1 maximum"), TOO_LONG),
    (ANTHROPIC, 403, anthropic("permission_error", "no"), "provider_forbidden"),
    (ANTHROPIC, 404, anthropic("not_found_error", "model: claude-x"), GONE),
    (ANTHROPIC, 413, anthropic("request_too_large", "too large"), TOO_LONG),
    (ANTHROPIC, 429, anthropic("rate_limit_error", "slow down"), "provider_limit"),
    (ANTHROPIC, 500, anthropic("api_error", "Internal server error"), "provider_failed"),
    (ANTHROPIC, 529, anthropic("overloaded_error", "Overloaded"), "provider_busy"),
    (OPENROUTER, 402, {"error": {"code": 402, "message": "Insufficient credits"}}, "provider_credit"),
    (LLAMA_CPP, 401, llama(401, "authentication_error", "Invalid API Key"), WRONG),
    (LLAMA_CPP, 503, llama(503, "unavailable_error", "Loading model"), "provider_loading"),
    (LLAMA_CPP, 400, llama(400, "exceed_context_size_error", "exceeds the available context size"), TOO_LONG),
    (LLAMA_CPP, 500, llama(500, "server_error", "failed to decode"), "provider_failed"),
    (LLAMA_CPP, 501, llama(501, "not_supported_error", "no embeddings"), "provider_failed"),
    (VLLM, 400, {"object": "error", "message": "maximum context length is 4096 tokens.", "code": 400}, TOO_LONG),
    (VLLM, 404, {"error": {"message": "model `x` does not exist", "type": "NotFoundError", "code": 404}}, GONE),
    (VLLM, 400, {"error": {"message": "prompt is longer than the maximum model length", "code": 400}}, TOO_LONG),
    (OLLAMA, 404, {"error": "model 'x' not found"}, GONE),
    (OLLAMA, 401, {"error": "unauthorized"}, WRONG),
    (OLLAMA, 500, {"error": "model requires more system memory (5 GiB) than is available"}, "provider_failed"),
    (OLLAMA, 400, {"error": '"x" does not support chat'}, BAD),
    (LM_STUDIO, 400, {"error": "Trying to keep the first 9 tokens when context the overflows."}, TOO_LONG),
    ("FastAPI", 422, {"detail": [{"loc": ["body"], "msg": "field required"}]}, BAD),
    ("LitServe", 401, {"detail": "Invalid API Key"}, WRONG),
    ("any", 404, "<html>not here</html>", GONE),
    ("any", 502, "<html>Bad gateway</html>", "provider_busy"),
    ("any", 418, "", BAD),
]  # fmt: skip


@pytest.mark.parametrize(("source", "status", "said", "code"), SAID, ids=range(len(SAID)))
def test_each_says_it_in_its_own_way(source: str, status: int, said: Any, code: str) -> None:
    error = failures.of_answer("box", status, said, {}, model="x", has_key=True)
    assert error.code == code
    assert "<" not in str(error)
    if isinstance(said, dict) and ("error" in said or "object" in said) and code != "provider_bad_request":
        found = failures.of_object("box", said, model="x", has_key=True)  # the same within an answer that began well
        assert found is not None
        assert found.code in (code, "provider_failed")


def test_its_words_are_shown_where_ours_would_not_do() -> None:
    error = failures.of_answer("box", 500, {"error": "model requires\n5 GiB\x1b[31m" + "x" * 500}, {})
    assert str(error).startswith("box failed: model requires 5 GiB\ufffd[31mxxx")
    assert len(str(error)) < 300
    assert "field required" in str(failures.of_answer("box", 422, SAID[-5][2], {}))


def test_where_it_says_nothing_we_do() -> None:
    for error in (failures.of_answer("box", 500, "", {}), failures.of_object("box", {"error": {"code": 500}})):
        assert error is not None
        assert isinstance(error.data["said"], Phrase)


def test_without_a_key_one_is_missing() -> None:
    assert failures.of_answer("box", 401, "", {}).code == "provider_key_missing"
    assert failures.of_answer("box", 401, "", {}, has_key=True).code == "provider_key_wrong"
    assert failures.of_answer("box", 404, "", {}).code == "provider_strange"  # no model was asked for


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (None, "in a moment"), ("0", "in a moment"), ("20", "in 20 seconds"), ("1.5", "in a moment"),
        ("600", "in 10 minutes"), ("86400", "in 24 hours"), ("soon", "in a moment"), ("-5", "in a moment"),
        ("9" * 400, "in a moment"), ("٣", "in a moment"), ("Thu, 99 Xxx", "in a moment"),
    ],
)  # fmt: skip
def test_when_to_try_again_is_said_in_words(header: str | None, words: str) -> None:
    error = failures.of_answer("box", 429, "", {} if header is None else {"retry-after": header})
    assert str(error) == f"box takes no more requests for now. Try again {words}."
    assert isinstance(error.data["when"], Phrase)


def test_a_date_says_when_too() -> None:
    error = failures.of_answer("box", 429, "", {"retry-after": formatdate(time.time() + 300, usegmt=True)})
    assert isinstance(error, PassingError)
    assert error.wait_s == pytest.approx(300, abs=5)


@pytest.mark.parametrize(
    "data", [None, 1, [], {}, {"error": None}, {"error": ""}, {"choices": []}, "error", {"object": "list"}]
)
def test_what_is_no_failure(data: Any) -> None:
    assert failures.of_object("box", data) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "message", "code", "type", "detail", "object", "msg"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(st.integers(400, 599), JSON, st.dictionaries(st.just("retry-after"), st.text(max_size=12)))
def test_whatever_is_said_is_one_sentence(status: int, said: Any, headers: dict[str, str]) -> None:
    error = failures.of_answer("box", status, said, headers, model="m")
    assert error.code.startswith("provider_")
    str(error).encode()
    failures.of_object("box", said)


def test_keys_that_were_sent_are_not_repeated() -> None:
    asked = Provider("box", "compatible", "http://127.0.0.1:1")
    connection.client(asked, "sk-repeated").close()
    error = connection.error_in(asked, {"error": {"message": "no sk-repeated", "code": "sk-repeated"}})
    assert isinstance(error, EngineError)
    assert "sk-repeated" not in str(error) + str(error.data) + error.detail
    assert "no …" in str(error)
