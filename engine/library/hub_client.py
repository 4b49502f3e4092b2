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
from urllib.parse import quote, urlsplit

import httpx2
from huggingface_hub import HfApi, constants, get_session, hf_raise_for_status, set_client_factory
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import logging as hub_logging

from engine.errors import EngineError
from engine.library import hub_access
from engine.library.download import connection
from engine.phrases import phrase
from engine.runtime.gguf_header import shown
from engine.settings import stored

T = TypeVar("T")

WAIT_S = 15.0  # for a connection, and for the next bytes of an answer
LONGEST_ANSWER_S = 60.0
LARGEST_ANSWER = 16 << 20
MOST_REQUESTS = 100  # of one job: a list may have pages, and each names the next one

_TIMEOUT = httpx2.Timeout(WAIT_S).as_dict()
_ASKS_TO_WAIT = (408, 425, 429)
# What another answer may come of when the person is named. A repository that may not be seen is said to be missing.
_WITH_TOKEN = ("repo_gated", "repo_missing", "hub_refused")

constants.HF_HUB_DISABLE_TELEMETRY = True
hub_logging.set_verbosity(logging.CRITICAL)  # it prints what servers want to be read


class _Client(httpx2.Client):
    """A client whose failures are ours, at once: the library's own repeats them for minutes before it gives up."""

    _left = MOST_REQUESTS

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        self._left -= 1
        if self._left < 0:
            raise _strange("pages without end")
        request.extensions["timeout"] = _TIMEOUT  # the library asks some questions without one
        try:
            response = super().send(request, **options)
        except httpx2.InvalidURL as error:
            raise _strange("an address that is none") from error
        except httpx2.HTTPError as error:
            raise _unreachable(error) from error
        if response.status_code in _ASKS_TO_WAIT or response.status_code >= 500:
            response.close()
            reason = phrase("it answers {status}", status=response.status_code)
            raise EngineError("hub_unreachable", host=hub_access.host(), reason=reason)
        return response


class _Limited(httpx2.SyncByteStream):
    """An answer's bytes, up to a size, beyond which it ends, and up to a time."""

    def __init__(self, stream: httpx2.SyncByteStream, most: int) -> None:
        self._stream, self._left, self._until = stream, most, time.monotonic() + LONGEST_ANSWER_S

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            if time.monotonic() > self._until:
                reason = phrase("its answer takes too long")
                raise EngineError("hub_unreachable", host=hub_access.host(), reason=reason)
            yield piece[: self._left]
            self._left -= len(piece)
            if self._left <= 0:
                return

    def close(self) -> None:
        self._stream.close()


def client() -> httpx2.Client:
    """A client for this hub, with the settings' proxy, else that of the environment."""
    proxy = connection.proxy()
    try:
        return _Client(
            event_hooks={"request": [_check_request], "response": [_check_response]},
            follow_redirects=True,
            headers={"Accept-Encoding": "identity"},  # a small answer cannot unpack to a large one
            max_redirects=5,
            proxy=proxy,
            trust_env=not stored("stay_here"),  # which knows proxies, too
        )
    except (ValueError, ImportError, httpx2.InvalidURL) as error:
        raise EngineError("bad_address", detail=str(error), name="proxy", address=shown(proxy)) from error


def _check_request(request: httpx2.Request) -> None:
    """Of every request, redirected ones included: where it may go, and what it says of the person."""
    request.headers["User-Agent"] = "seedling"  # the library would name itself and Python
    hub = connection.endpoint()
    connection.check_reach(str(request.url))
    if request.url.origin != httpx2.URL(hub).origin:
        connection.redirected(hub, hub, str(request.url))
        request.headers.pop("Authorization", None)


def _check_response(response: httpx2.Response) -> None:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _strange("a packed answer that was not asked for")
    assert isinstance(response.stream, httpx2.SyncByteStream)
    _, _, last = response.request.headers.get("Range", "").partition("-")  # a server need not obey
    response.stream = _Limited(response.stream, int(last) + 1 if last else LARGEST_ANSWER)


class Hub:
    """The hub of the settings, for the length of one job."""

    def __init__(self, token: str | None = None) -> None:
        """token: one that the window holds for this run; else it is looked up when the hub asks for one."""
        connection.check_online()
        self.endpoint = connection.endpoint()
        self.host = urlsplit(self.endpoint).netloc
        self._token = token
        self._named: set[str] = set()  # places that only opened with the token
        set_client_factory(client)
        self.api = HfApi(endpoint=self.endpoint, token=False)

    def token(self) -> str | None:
        return self._token or hub_access.token()

    def ask(self, question: Callable[[str | bool], T], place: str, name: str = "") -> T:
        """The answer to `question(token)`, where token is False until the hub refuses.

        place: the repository it is about, behind `datasets/` where it is one, and name: a file or revision of it, for
        a sentence. Raises EngineError.
        """
        if place not in self._named:
            try:
                return self._ask(question, False, place, name)
            except EngineError as error:
                if error.code not in _WITH_TOKEN or self.token() is None:
                    raise
        answer = self._ask(question, self.token() or False, place, name)
        self._named.add(place)
        return answer

    def _ask(self, question: Callable[[str | bool], T], token: str | bool, place: str, name: str) -> T:
        repo = shown(place.removeprefix("datasets/"))
        try:
            return question(token)
        except GatedRepoError as error:
            raise self.gate(place) from error
        except RepositoryNotFoundError as error:
            raise EngineError("repo_missing", repo=repo, host=self.host) from error
        except RevisionNotFoundError as error:
            raise EngineError("revision_missing", repo=repo, revision=shown(name)) from error
        except EntryNotFoundError as error:
            raise EngineError("repo_file_missing", repo=repo, file=shown(name)) from error
        except HfHubHTTPError as error:
            raise self._refusal(error, token) from error
        except httpx2.HTTPError as error:  # while a body was read
            raise _unreachable(error) from error
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise _strange(f"not what its API promises ({type(error).__name__})") from error

    def _refusal(self, error: HfHubHTTPError, token: str | bool) -> EngineError:
        status = error.response.status_code if error.response is not None else 0
        if status == 401 and token:
            return EngineError("hub_token", host=self.host)
        return EngineError("hub_refused", host=self.host, status=status)

    def gate(self, place: str) -> EngineError:
        """What is said of a repository whose terms have to be accepted, with the page where that is done."""
        return EngineError("repo_gated", repo=shown(place.removeprefix("datasets/")), page=f"{self.endpoint}/{place}")

    def address(self, place: str, revision: str, name: str) -> str:
        """Where a file lies."""
        return "/".join([self.endpoint, quote(place), "resolve", quote(revision, safe=""), quote(name)])

    def read(self, place: str, revision: str, name: str, most: int) -> bytes:
        """The beginning of a file, `most` bytes of it. Raises EngineError."""

        def question(token: str | bool) -> bytes:
            with self.open(place, revision, name, token, most) as pieces:
                return b"".join(pieces)

        return self.ask(question, place, name)

    @contextmanager
    def open(self, place: str, revision: str, name: str, token: str | bool, most: int) -> Iterator[Iterator[bytes]]:
        """The bytes of a file's beginning, `most` of them, as they come. For use within a question to `ask`."""
        own = {"Authorization": f"Bearer {token}"} if token else {}
        headers = {"Range": f"bytes=0-{most - 1}"} | own
        with get_session().stream("GET", self.address(place, revision, name), headers=headers) as response:
            if response.status_code == 416:  # an empty file
                yield iter(())
                return
            hf_raise_for_status(response)
            yield response.iter_raw(1 << 16)


def _unreachable(error: httpx2.HTTPError) -> EngineError:
    match error:
        case httpx2.TimeoutException():
            reason = phrase("it did not answer within {seconds} seconds", seconds=round(WAIT_S))
        case httpx2.ProxyError():
            reason = phrase("the proxy refuses")
        case httpx2.ConnectError():
            reason = phrase("no connection could be made")
        case httpx2.TooManyRedirects():
            reason = phrase("it sends from one address to the next")
        case _:
            reason = phrase("the connection broke")
    return EngineError("hub_unreachable", detail=type(error).__name__, host=hub_access.host(), reason=reason)


def _strange(detail: str) -> EngineError:
    return EngineError("hub_strange", detail=detail, host=hub_access.host())
