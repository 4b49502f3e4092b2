"""What a provider means when it says no: its status and its error object as one of our sentences.

Of its own words only a line is shown, and only where ours would not tell enough.
Sources: the error pages of OpenAI (`error.code`, `error.type`), Anthropic (`error.type`) and OpenRouter, llama.cpp's
`format_error_response`, vLLM's `ErrorResponse`, Ollama's `{"error": "…"}`, and FastAPI's `{"detail": …}`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from engine.errors import EngineError
from engine.phrases import Phrase, phrase
from engine.providers import streams
from engine.providers.base import plain

LONGEST_WAIT_S = 20.0  # a provider that wants more is not waited for

# What `code` and `type` say, whatever the status.
_BY_KIND = {
    "insufficient_quota": "provider_credit",
    "billing_error": "provider_credit",
    "billing_hard_limit_reached": "provider_credit",
    "insufficient_credits": "provider_credit",
    "context_length_exceeded": "provider_too_long",
    "exceed_context_size_error": "provider_too_long",
    "request_too_large": "provider_too_long",
    "model_not_found": "provider_model_gone",
    "invalid_api_key": "key",
    "authentication_error": "key",
    "permission_error": "provider_forbidden",
    "rate_limit_error": "provider_limit",
    "rate_limit_exceeded": "provider_limit",
    "overloaded_error": "provider_busy",
    "content_filter": "provider_refused",
    "content_policy_violation": "provider_refused",
}
_TOO_LONG = re.compile(
    r"context (length|size|window|limit)|maximum (context|model) length|prompt is too long"
    r"|longer than the (maximum|model)|context the overflows",
    re.IGNORECASE,
)  # the last one is LM Studio's
_NO_CREDIT = re.compile(r"credit balance|insufficient (credit|balance|quota)", re.IGNORECASE)
_LOADING = re.compile(r"\bloading\b", re.IGNORECASE)
_NO_MODEL = re.compile(r"\bmodel\b.{0,200}\b(not found|does ?n[o']t exist|not exist)", re.IGNORECASE)
_BY_STATUS = {
    401: "key",
    402: "provider_credit",
    403: "provider_forbidden",
    408: "provider_busy",
    413: "provider_too_long",
    425: "provider_busy",
    429: "provider_limit",
    502: "provider_busy",
    503: "provider_busy",
    504: "provider_busy",
    529: "provider_busy",
}
_PASSING = ("provider_limit", "provider_busy", "provider_loading", "provider_failed", "provider_unreachable")


class PassingError(EngineError):
    """A failure that may be over in a moment. wait_s: how long, where the provider says so."""

    def __init__(self, code: str, detail: str = "", *, wait_s: float | None = None, **data: Any) -> None:
        super().__init__(code, detail, **data)
        self.wait_s = wait_s


def of_answer(
    name: str, status: int, said: Any, headers: Mapping[str, str], *, model: str = "", has_key: bool = False
) -> EngineError:
    """An answer that is no success. said: its body, read from JSON where it is that, else as text."""
    kinds, message = _told(said)
    code = _code(status, kinds, message, has_key)
    if code is None and status == 404:
        code = "provider_model_gone" if model else "provider_strange"
    if code is None:
        code = "provider_bad_request" if 400 <= status < 500 else "provider_failed"
    text = _line(message) or phrase("status {status}", status=status)
    return _error(code, name, model, text, f"status {status}", headers)


def of_object(name: str, data: Any, *, model: str = "", has_key: bool = False) -> EngineError | None:
    """The failure that stands in a body or an event of an answer that began well; None where it is none."""
    if not isinstance(data, dict) or not (data.get("error") or data.get("object") == "error"):
        return None
    kinds, message = _told(data)
    status = next((int(kind) for kind in kinds if re.fullmatch(r"[45]\d\d", kind, re.ASCII)), 0)
    code = _code(status, kinds, message, has_key)
    if code is None:
        code = "provider_bad_request" if 400 <= status < 500 else "provider_failed"
    text = _line(message) or phrase("an error without words")
    return _error(code, name, model, text, "in the answer", {})


def _told(said: Any) -> tuple[list[str], str]:
    """The kinds (`code` and `type`, in lower case) and the message of an error object, in whatever form it has."""
    if isinstance(said, str):
        return [], "" if "<" in said[:200] else said  # a web page has no words of use
    inner = said.get("error") if isinstance(said, dict) else None
    error = inner if isinstance(inner, dict) else said
    kinds = [
        str(found).lower() for name in ("code", "type") if isinstance(found := streams.value(error, name), str | int)
    ]
    message = inner if isinstance(inner, str) else streams.text(error, "message") or _detail(said)
    return kinds, streams.clean(message)


def _line(message: str) -> str:
    """To be shown inside a sentence."""
    return plain(message).rstrip(".")


def _detail(said: Any) -> str:
    return streams.text(said, "detail") or streams.text(said, "detail", 0, "msg") or ""


def _code(status: int, kinds: list[str], message: str, has_key: bool) -> str | None:
    found = next((_BY_KIND[kind] for kind in kinds if kind in _BY_KIND), None)
    if found is None and status not in (401, 403, 429) and _TOO_LONG.search(message):
        found = "provider_too_long"
    if found is None and status in (0, 400, 403, 429) and _NO_CREDIT.search(message):
        found = "provider_credit"
    if found is None and status in (0, 500, 503) and _LOADING.search(message):
        found = "provider_loading"
    if found is None and status in (0, 400, 404) and _NO_MODEL.search(message):
        found = "provider_model_gone"
    found = found or _BY_STATUS.get(status)
    if found == "key":
        return "provider_key_wrong" if has_key else "provider_key_missing"
    return found


def _error(code: str, name: str, model: str, said: str, detail: str, headers: Mapping[str, str]) -> EngineError:
    wait_s = _wait(headers)
    data = {"name": name, "model": plain(model), "said": said, "when": _when(wait_s)}
    if code in _PASSING:
        return PassingError(code, detail, wait_s=wait_s, **data)
    return EngineError(code, detail, **data)


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, as `Retry-After` says it, in either of its forms (RFC 9110 10.2.3); None where it does not."""
    said = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", said, re.ASCII):
        return float(said)
    try:
        return max(parsedate_to_datetime(said).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return None


def _when(wait_s: float | None) -> Phrase:
    """In words, to end a sentence with."""
    if wait_s is None or wait_s < 2:
        return phrase("in a moment")
    if wait_s < 100:
        return phrase("in {count} seconds", count=round(wait_s))
    if wait_s < 6000:
        return phrase("in {count} minutes", count=round(wait_s / 60))
    return phrase("in {count} hours", count=round(wait_s / 3600))
