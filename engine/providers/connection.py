"""Asking a provider: one client, on which nothing takes too much, waits too long, or goes where it was not sent.

A client asks its provider's own origin alone. The key is put into a request at the last step, whatever a library put
there, and of the other headers only those go along that a request needs. The libraries of OpenAI and Anthropic get such
a client as `http_client`, with `max_retries=0` and no key of their own.

    with client.heeding(cancelled), failing(provider, model.id):
        response = yield from asked(provider, model.id, question, cancelled)
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from engine import settings
from engine.errors import EngineError, describe
from engine.events import Log
from engine.phrases import one_or_many, phrase
from engine.providers import failures, line, provider_keys, reach, streams
from engine.providers.base import Provider, plain
from engine.providers.failures import PassingError
from engine.runtime.gguf_header import shown

T = TypeVar("T")

log = logging.getLogger(__name__)

QUICK_S = 14.0  # for the first byte of an answer to a GET, which needs no model
WHOLE_S = 60.0  # for all of such an answer
# For the first byte of any other answer, and for every later one. A server here may load a model first, for minutes.
PATIENCE_S = {"machine": 900.0, "network": 900.0, "internet": 300.0}

LARGEST_REPLY = 64 << 20
LARGEST_BODY = 16 << 20  # of an answer that is no stream
LARGEST_REFUSAL = 64 << 10
LONGEST_LINE = 1 << 20
MOST_LINES = 1 << 20  # of a reply: an event has three, and says a word or so
LONGEST_EVENT = 1000  # lines: Anthropic's library takes a time for one that grows with its square
MOST_VALUES = 1 << 20  # in a body, counted by its commas: each takes some sixty bytes when it is read

_STREAMS = ("text/event-stream", "application/x-ndjson", "application/jsonl", "application/json-lines", "text/plain")
_HEADERS = ("host", "accept", "content-type", "content-length", "transfer-encoding", "connection")
_WITH_KEY = {"bearer": ("Authorization", "Bearer {}"), "x-api-key": ("x-api-key", "{}")}
_AGAIN_S = (1.0, 3.0)  # before the second and the third try
_LOADING_S = 2.0  # between tries while a server says that it loads
_keys: set[str] = set()  # that this process has sent: what a provider repeats of them is not shown


class Client(httpx2.Client):
    """A client for one provider, which does one request at a time."""

    def __init__(self, provider: Provider, transport: _Transport, waiting: line.Waiting) -> None:
        super().__init__(transport=transport, base_url=provider.address, follow_redirects=False, trust_env=False)
        self._waiting = waiting

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """As httpx2 does; what an answer that is no success says is read at once, to be told by `failing`."""
        response = super().send(request, **options)
        if response.is_error:
            try:
                response.read()
            finally:
                response.close()
        return response

    @contextmanager
    def heeding(self, cancelled: threading.Event) -> Iterator[None]:
        """What is asked in here ends at once when `cancelled` is set, in whatever state it is, and so does the block.

        Nothing is raised then. `failing` has to stand inside: libraries wrap what stops them.
        """
        before, self._waiting.cancelled = self._waiting.cancelled, cancelled
        try:
            yield
        except line.StoppedError:
            pass
        finally:
            self._waiting.cancelled = before


def client(
    provider: Provider, key: str | None = None, *, auth: str = "bearer", first_byte_s: float | None = None
) -> Client:
    """A client for this provider, with its address as the base of every path.

    auth: "bearer" or "x-api-key". first_byte_s: how long to wait for the first byte of any answer; None: `QUICK_S` for
    a GET, else `PATIENCE_S`. Raises EngineError `provider_plain`, `provider_stays` and `bad_address` (of a proxy).
    """
    reach.check_allowed(provider.name, provider.address)
    if key is not None:
        provider_keys.check_private(provider.address)
        _keys.add(key)
    waiting = line.Waiting()
    return Client(provider, _Transport(provider, key, auth, first_byte_s, waiting), waiting)


class _Transport(httpx2.HTTPTransport):
    """Where every request goes out and every answer comes in."""

    def __init__(
        self, provider: Provider, key: str | None, auth: str, first_byte_s: float | None, waiting: line.Waiting
    ) -> None:
        self._provider, self._key, self._auth = provider, key, _WITH_KEY[auth]
        self._first_byte_s, self._waiting = first_byte_s, waiting
        self._origin, self._reach = httpx2.URL(provider.address).origin, reach.reach(provider.address)
        proxy = _proxy(provider.address)
        try:
            super().__init__(verify=_certificates(), trust_env=False, proxy=proxy)
        except (ValueError, ImportError, httpx2.InvalidURL) as error:
            raise EngineError("bad_address", detail=type(error).__name__, name="proxy", address=shown(proxy)) from None
        secure = provider.address.startswith("https:")
        self._pool._network_backend = line.Backend(waiting, self._reach, secure)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises EngineError `provider_stays`, `provider_redirect` and `provider_strange`, and httpx2's errors."""
        provider, waiting = self._provider, self._waiting
        reach.check_allowed(provider.name, provider.address)
        if request.url.origin != self._origin:
            raise self._redirect(str(request.url))
        self._dress(request)
        quick = request.method == "GET"
        patience = self._first_byte_s or (QUICK_S if quick else PATIENCE_S[self._reach])
        waiting.until = time.monotonic() + patience
        silence = patience if quick else PATIENCE_S[self._reach]
        request.extensions["timeout"] = {"connect": line.CONNECT_S, "read": silence, "write": patience, "pool": 1.0}
        response = super().handle_request(request)
        waiting.until = time.monotonic() + WHOLE_S if quick or response.is_error else float("inf")
        try:
            self._check(response)
        except BaseException:
            response.close()
            raise
        response.extensions["provider"] = provider.name
        assert isinstance(response.stream, httpx2.SyncByteStream)
        by_events = provider.kind == "anthropic" and not quick  # whatever it says that it sends
        response.stream = _Capped(response, response.stream, provider.name, waiting, by_events)
        return response

    def _dress(self, request: httpx2.Request) -> None:
        """What goes along with the question: nothing of the person but the key, and nothing of libraries."""
        own = {
            name: value for name, value in request.headers.items() if name in _HEADERS or name.startswith("anthropic-")
        }
        own |= {"User-Agent": "seedling", "Accept-Encoding": "identity"}  # a small answer cannot unpack to a large one
        if self._key is not None:
            own[self._auth[0]] = self._auth[1].format(self._key)
        request.headers = httpx2.Headers(own)

    def _check(self, response: httpx2.Response) -> None:
        if response.is_redirect:
            raise self._redirect(response.headers.get("Location", ""))
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise EngineError("provider_strange", detail="packed", name=self._provider.name)

    def _redirect(self, target: str) -> EngineError:
        host = urlsplit(self._provider.address).netloc
        return EngineError("provider_redirect", host=host, other=plain(scrubbed(target)))


class _Capped(httpx2.SyncByteStream):
    """An answer's bytes, up to the size that such an answer may have."""

    def __init__(
        self,
        response: httpx2.Response,
        stream: httpx2.SyncByteStream,
        name: str,
        waiting: line.Waiting,
        by_events: bool,
    ) -> None:
        self._stream, self._name, self._waiting = stream, name, waiting
        kind = response.headers.get("Content-Type", "").lower()
        self._is_stream, self._by_events = kind.startswith(_STREAMS), by_events or kind.startswith(_STREAMS[0])
        self._event, self._tail = 0, b""
        self._left = LARGEST_REPLY if self._is_stream else LARGEST_BODY
        self._left = LARGEST_REFUSAL if response.is_error else self._left
        self._is_error, self._line, self._lines, self._values = response.is_error, 0, 0, 0

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._stream:
                self._waiting.check()
                self._left -= len(piece)
                if self._left < 0 and self._is_error:  # its beginning tells what is wrong
                    return
                if self._left < 0 or self._is_too_long(piece):
                    raise EngineError("provider_too_much", name=self._name)
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        self._stream.close()

    def _is_too_long(self, piece: bytes) -> bool:
        if self._by_events and self._has_long_event(piece):
            return True
        if not self._is_stream:
            self._values += piece.count(b",")
            return self._values > MOST_VALUES
        self._lines += _lines(piece)
        if self._lines > MOST_LINES:
            return True
        end = piece.rfind(b"\n")
        self._line = self._line + len(piece) if end < 0 else len(piece) - end
        return self._line > LONGEST_LINE

    def _has_long_event(self, piece: bytes) -> bool:
        """Whether too many lines came without an empty one between them."""
        seen = self._tail + piece
        end = max(seen.rfind(mark) for mark in (b"\n\n", b"\r\r", b"\r\n\r\n"))
        self._event = _lines(piece) + self._event if end < 0 else _lines(seen[end + 2 :])
        self._tail = seen[-3:]
        return self._event > LONGEST_EVENT


def _lines(piece: bytes) -> int:
    return max(piece.count(b"\n"), piece.count(b"\r"))


def _proxy(address: str) -> str | None:
    """The settings' proxy, else that of the system; none nearby, where it would read along what is not encrypted."""
    if reach.reach(address) != "internet":
        return None
    if own := str(settings.stored("proxy") or "").strip():
        return own
    parts, found = urlsplit(address), getproxies()
    if proxy_bypass(parts.hostname or ""):
        return None
    proxy = found.get(parts.scheme) or found.get("all")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes a moment."""
    return httpx2.create_ssl_context()


# --- failures --------------------------------------------------------------------------------------------------------


@contextmanager
def failing(provider: Provider, model: str = "") -> Iterator[None]:
    """Whatever goes wrong in here with a request to the provider is raised as EngineError `provider_…`.

    model: the id of the one that is asked. What was asked, and what the provider said beside one line, is in none.
    """
    try:
        yield
    except Exception as error:
        raise _translated(error, provider, model) from None


def error_in(provider: Provider, data: Any, model: str = "", has_key: bool = False) -> EngineError | None:
    """The failure in a body or an event that came with an answer that began well; None where it is none."""
    return failures.of_object(_name(provider), _scrubbed_in(data), model=model, has_key=has_key)


def asked(
    provider: Provider, model: str, question: Callable[[], T], cancelled: threading.Event
) -> Generator[Log, None, T]:
    """The result of a question, which is asked again where it fails in a way that may pass: `x = yield from asked(…)`.

    For a question that ends before the first byte of a reply, as opening its stream does: what was begun is not begun
    again. Says so before each wait. Raises EngineError as `failing` does, and what `heeding` catches.
    """
    waits, loading_until = list(_AGAIN_S), time.monotonic() + PATIENCE_S[reach.reach(provider.address)]
    while True:
        try:
            with failing(provider, model):
                return question()
        except PassingError as error:
            if error.code == "provider_loading" and time.monotonic() < loading_until:
                wait_s = _LOADING_S
            elif not waits or (error.wait_s or 0) > failures.LONGEST_WAIT_S:
                raise
            else:
                wait_s = max(waits.pop(0), error.wait_s or 0)
            code = error.code
        seconds = one_or_many(round(wait_s), "{count} second", "{count} seconds")
        yield Log("wait", describe("provider_again", {"name": _name(provider), "seconds": seconds}))
        log.info("a provider is asked again in %s (%s)", seconds, code)
        if cancelled.wait(wait_s):
            raise line.StoppedError


def scrubbed(text: str) -> str:
    """A text without the keys that this process has sent."""
    for key in _keys:
        text = text.replace(key, "…")
    return text


def _scrubbed_in(data: Any) -> Any:
    if isinstance(data, str):
        return scrubbed(data)
    if isinstance(data, dict):
        return {key: _scrubbed_in(found) for key, found in data.items()}
    return [_scrubbed_in(found) for found in data] if isinstance(data, list) else data


def _translated(error: Exception, provider: Provider, model: str) -> Exception:
    """The error as ours; as it is, where it already is one."""
    name = _name(provider)
    causes = list(_causes(error))
    for cause in causes:
        match cause:
            case EngineError() | line.StoppedError():
                return cause
            case ssl.SSLCertVerificationError():
                return EngineError("provider_certificate", host=urlsplit(provider.address).hostname)
            case line.OutsideError():
                reason = phrase("its name leads out of the local network")
                return EngineError("provider_unreachable", name=name, reason=reason)
    for cause in causes:
        if isinstance(cause, httpx2.RequestError):
            return _unreachable(cause, name)
        response = getattr(cause, "response", None)
        if isinstance(response, httpx2.Response) and response.is_error:
            return _refusal(response, name, model)
        if body := getattr(cause, "body", None):  # an event that tells of an error; OpenAI's library unwraps it
            whole = _scrubbed_in(body if isinstance(body, dict) and "error" in body else {"error": body})
            return failures.of_object(name, whole, model=model) or EngineError("provider_strange", name=name)
    if isinstance(error, KeyError | TypeError | ValueError | AttributeError | IndexError | RecursionError):
        frame = traceback.extract_tb(error.__traceback__)[-1]  # its text may hold what was answered
        log.info("an answer is not as promised: %s, %s:%d", type(error).__name__, frame.filename, frame.lineno or 0)
        return EngineError("provider_strange", detail=type(error).__name__, name=name)
    module = type(error).__module__.partition(".")[0]
    if module in ("openai", "anthropic", "httpx2", "httpcore2", "pydantic"):
        return EngineError("provider_strange", detail=type(error).__name__, name=name)
    return error


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, what it came of, and so on: libraries wrap what they do not know."""
    seen = set[int]()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        hidden = (
            cause.__context__ if isinstance(cause, httpcore2.NetworkError) else None
        )  # it hides what the system said
        cause = cause.__cause__ or hidden


def _refusal(response: httpx2.Response, name: str, model: str) -> EngineError:
    try:
        text = scrubbed(response.text)
    except (httpx2.HTTPError, httpx2.StreamError, EngineError):
        text = ""
    try:
        said: Any = streams.parsed(text)
    except ValueError:
        said = text
    has_key = any(header in response.request.headers for header, _ in _WITH_KEY.values())
    return failures.of_answer(name, response.status_code, said, response.headers, model=model, has_key=has_key)


def _unreachable(error: httpx2.HTTPError, name: str) -> EngineError:
    """Only what fails at once is worth another try: the rest has been waited for already."""
    detail = type(error).__name__
    match error:
        case httpx2.ConnectTimeout():
            reason = phrase("no connection came about within {seconds} seconds", seconds=round(line.CONNECT_S))
        case httpx2.TimeoutException():
            reason = phrase("it stays silent")
        case httpx2.ProxyError():
            reason = phrase("the proxy refuses")
        case httpx2.ConnectError():
            reason = phrase("no connection could be made")
            return PassingError("provider_unreachable", detail, name=name, reason=reason)
        case _:
            reason = phrase("the connection broke")
            return PassingError("provider_unreachable", detail, name=name, reason=reason)
    return EngineError("provider_unreachable", detail, name=name, reason=reason)


def _name(provider: Provider) -> str:
    """What to call it; one that has no name yet goes by its address."""
    return provider.name or urlsplit(provider.address).netloc
