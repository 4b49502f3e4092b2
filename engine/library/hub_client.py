"""How the hub is asked: huggingface_hub's API over a connection of ours, on which nothing takes or sends too much.

Every request is anonymous first. The person's token goes along only where the hub refuses otherwise, so searching tells
nobody who searches. What fails is an `EngineError`; what the hub answers is data that the caller checks.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2
from huggingface_hub import HfApi, constants, set_client_factory
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

from engine.errors import EngineError
from engine.library import hub_access
from engine.runtime.gguf_header import shown

log = logging.getLogger(__name__)

T = TypeVar("T")

WAIT_S = 15.0  # for a connection, and for the next bytes of an answer
LONGEST_ANSWER_S = 60.0
LARGEST_ANSWER = 16 << 20

_TIMEOUT = httpx2.Timeout(WAIT_S).as_dict()

constants.HF_HUB_DISABLE_TELEMETRY = True


class _Client(httpx2.Client):
    """A client whose failures are ours, at once: the library's own repeats them for minutes before it gives up."""

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        request.extensions["timeout"] = _TIMEOUT  # the library asks some questions without one
        try:
            response = super().send(request, **options)
        except httpx2.InvalidURL as error:
            raise _nonsense("an address that is none") from error
        except httpx2.HTTPError as error:
            raise _unreachable(error) from error
        if response.status_code == 429 or response.status_code >= 500:
            response.close()
            raise EngineError("hub_busy", detail=f"status {response.status_code}", host=hub_access.host())
        return response


class _Limited(httpx2.SyncByteStream):
    """An answer's bytes, up to a size and a time."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream, self._left, self._until = stream, LARGEST_ANSWER, time.monotonic() + LONGEST_ANSWER_S

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            self._left -= len(piece)
            if self._left < 0:
                raise _nonsense(f"more than {LARGEST_ANSWER >> 20} MB")
            if time.monotonic() > self._until:
                raise EngineError("hub_unreachable", host=hub_access.host(), reason="its answer takes too long")
            yield piece

    def close(self) -> None:
        self._stream.close()


def client() -> httpx2.Client:
    """A client for this hub, with the settings' proxy. Redirects stay encrypted, and lose the token on another host."""
    return _Client(
        event_hooks={"request": [_check_request], "response": [_check_response]},
        follow_redirects=True,
        headers={"Accept-Encoding": "identity"},  # a small answer cannot unpack to a large one
        max_redirects=5,
        proxy=hub_access.proxy(),
    )


def _check_request(request: httpx2.Request) -> None:
    hub_access.check_online()
    request.headers["User-Agent"] = "seedling"  # the library would name itself, Python and torch
    if request.url.origin != httpx2.URL(hub_access.endpoint()).origin:
        request.headers.pop("Authorization", None)
    if request.url.scheme == "http" and not hub_access.is_loopback(request.url.host):
        if hub_access.endpoint().startswith("https:"):
            raise _nonsense("an address that is not encrypted")


def _check_response(response: httpx2.Response) -> None:
    if response.headers.get("Content-Encoding", "identity").lower() not in ("identity", ""):
        raise _nonsense("a packed answer that was not asked for")
    assert isinstance(response.stream, httpx2.SyncByteStream)
    response.stream = _Limited(response.stream)


class Hub:
    """The hub of the settings, for the length of one job."""

    def __init__(self, token: str | None = None) -> None:
        """token: one that the window holds for this run; else it is looked up when the hub asks for one."""
        hub_access.check_online()
        self.endpoint, self.host = hub_access.endpoint(), hub_access.host()
        self._token = token
        set_client_factory(client)
        self.api = HfApi(endpoint=self.endpoint, token=False)

    def token(self) -> str | None:
        return self._token or hub_access.token()

    def ask(self, question: Callable[[str | bool], T], what: str) -> T:
        """The answer to `question(token)`, where token is False until the hub refuses.

        what: the repository it is about, for a sentence. Raises EngineError.
        """
        try:
            return self._ask(question, False, what)
        except EngineError as error:
            if error.code not in ("hub_gated", "hub_not_found", "hub_refused"):
                raise
            token = self.token()
            if token is None:
                raise
            return self._ask(question, token, what)

    def _ask(self, question: Callable[[str | bool], T], token: str | bool, what: str) -> T:
        try:
            return question(token)
        except GatedRepoError as error:
            raise self.gate(what) from error
        except RepositoryNotFoundError as error:
            raise EngineError("hub_not_found", repo=shown(what), host=self.host) from error
        except (RevisionNotFoundError, EntryNotFoundError) as error:
            raise EngineError("hub_lacks", repo=shown(what), host=self.host) from error
        except HfHubHTTPError as error:
            status = error.response.status_code if error.response is not None else 0
            if status in (401, 403):
                raise EngineError("hub_refused", host=self.host, detail=f"status {status}") from error
            raise _nonsense(f"status {status}") from error
        except httpx2.HTTPError as error:  # while a body was read
            raise _unreachable(error) from error
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise _nonsense("not what its API promises") from error

    def gate(self, what: str) -> EngineError:
        """What is said of a repository whose terms have to be accepted, with the address where that is done."""
        return EngineError("hub_gated", repo=shown(what), address=f"{self.endpoint}/{what}")

    def address(self, place: str, revision: str, name: str) -> str:
        """Where a file lies; place: the repository, behind `datasets/` where it is one."""
        return "/".join([self.endpoint, quote(place), "resolve", quote(revision, safe=""), quote(name)])

    def read(self, address: str, most: int, what: str, token: str | bool = False) -> bytes:
        """The beginning of a file, `most` bytes of it. Raises EngineError, `hub_lacks` where there is none."""

        def question(token: str | bool) -> bytes:
            with self.open(address, most, token) as response:
                data = bytearray()
                for piece in response.iter_raw():
                    data += piece
                    if len(data) >= most:
                        break
                return bytes(data[:most])

        return self.ask(question, what)

    @contextmanager
    def open(self, address: str, most: int, token: str | bool) -> Iterator[httpx2.Response]:
        """The answer to a request for a file's first `most` bytes, its body not yet read. For use within `ask`."""
        headers = build_hf_headers(token=token) | {"Range": f"bytes=0-{most - 1}"}
        with get_session().stream("GET", address, headers=headers) as response:
            if response.status_code != 416:  # of an empty file
                hf_raise_for_status(response)
            yield response


def _unreachable(error: httpx2.HTTPError) -> EngineError:
    match error:
        case httpx2.TimeoutException():
            reason = f"it did not answer within {WAIT_S:.0f} seconds"
        case httpx2.ProxyError():
            reason = "the proxy refuses"
        case httpx2.ConnectError():
            reason = "no connection could be made"
        case httpx2.TooManyRedirects():
            reason = "it sends from one address to the next"
        case _:
            reason = "the connection broke"
    return EngineError("hub_unreachable", detail=type(error).__name__, host=hub_access.host(), reason=reason)


def _nonsense(reason: str) -> EngineError:
    return EngineError("hub_answer", host=hub_access.host(), reason=reason)
