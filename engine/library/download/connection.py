"""The hub over the network: which one, by what way, and what may be asked of whom.

The hub is asked without a name first. The token goes to the hub's own address and nowhere else. A redirect is followed
by us, step by step: to http or https only, never from https to http, and never from a hub elsewhere to this computer.
"""

from __future__ import annotations

import ipaddress
import json
import math
import os
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from time import monotonic, time
from typing import Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import httpx2

from engine import settings
from engine.errors import EngineError
from engine.library.download import names
from engine.library.download.journal import Wanted
from engine.phrases import phrase
from engine.providers import reach
from engine.runtime.gguf_header import shown

_T = TypeVar("_T")
_HUB = "https://huggingface.co"
_MOST_REDIRECTS = 8
_LARGEST_LISTING_BYTES = 64 << 20
_LONGEST_WAIT_S = 600.0
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_WITH_TOKEN = ("repo_gated", "repo_missing", "hub_refused")  # a repository that may not be seen is said to be missing
_TRUE = frozenset({"1", "on", "yes", "true"})
_LOOK_S = 0.1  # how often a wait looks whether it is still wanted


class TransientError(Exception):
    """Something that may pass: worth another try, after `wait_s` where the server says so. `reason`: for a sentence."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class ChangedError(Exception):
    """What the hub sends is not what it listed: list again."""


class StoppedError(Exception):
    """The person pressed Stop."""


@dataclass(frozen=True)
class Patience:
    """How long to wait for what. `stall_s`: no byte came; the others: between tries that brought nothing."""

    stall_s: float = 30.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    tries: int = 6


@dataclass(frozen=True)
class Listing:
    """What the hub says a repository holds at a commit."""

    commit: str
    files: tuple[Wanted, ...]


@dataclass(frozen=True)
class Opened:
    """A response whose body begins at byte `start` of the file."""

    response: httpx2.Response
    start: int
    etag: str


def endpoint() -> str:
    """The hub's address: the setting, `HF_ENDPOINT`, or huggingface.co. Raises EngineError `bad_address`."""
    address = str(settings.stored("hub_endpoint") or os.environ.get("HF_ENDPOINT") or _HUB).strip().rstrip("/")
    if _origin(address) is None:
        raise EngineError("bad_address", name="hub_endpoint", address=shown(address))
    return address


def token() -> str | None:
    """The token huggingface_hub would use; nothing of ours keeps one."""
    import huggingface_hub

    if os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").lower() in _TRUE:
        return None
    return huggingface_hub.get_token()


def check_online() -> None:
    """Raises EngineError where the environment (`hub_offline`) or the person (`provider_stays`) lets nobody ask."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(name, "").lower() in _TRUE:
            raise EngineError("hub_offline", name=name)
    check_reach(endpoint())


def check_reach(url: str) -> None:
    """Raises EngineError `provider_stays` where the person has nothing leave this computer and this address would."""
    reach.check_allowed(urlsplit(url).hostname or "", url)


def proxy() -> str | None:
    """The settings' proxy, which a hub on this computer has no need of while nothing leaves it."""
    return None if settings.stored("stay_here") else str(settings.stored("proxy") or "").strip() or None


def make_client(timeout_s: float = 30.0) -> httpx2.Client:
    """A client that goes the way of the settings: their proxy, else the one of the environment. Follows no redirect."""
    way, stays = proxy(), bool(settings.stored("stay_here"))
    try:
        return httpx2.Client(
            proxy=way, timeout=timeout_s, verify=_certificates(), follow_redirects=False, trust_env=not stays
        )
    except (ValueError, ImportError, httpx2.InvalidURL) as error:
        raise EngineError("bad_address", detail=str(error), name="proxy", address=shown(way)) from error


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than a small file."""
    return httpx2.create_ssl_context()


class Hub:
    """The hub for one job. Close it at the end."""

    def __init__(self, find_token: Callable[[], str | None] = lambda: None, timeout_s: float = 30.0) -> None:
        """find_token: gives the person's token, and is only asked where the hub refuses otherwise."""
        check_online()
        self.endpoint = endpoint()
        self._find_token, self._token = find_token, ""
        self.host = urlsplit(self.endpoint).hostname or ""
        self._client = make_client(timeout_s)

    def close(self) -> None:
        self._client.close()

    def listing(self, kind: str, repo: str, revision: str) -> Listing:
        """The commit a revision stands at, and its files. Raises TransientError, or EngineError for what stays."""
        return self._ask(lambda: self._listing(kind, repo, revision))

    def _listing(self, kind: str, repo: str, revision: str) -> Listing:
        path = f"/api/{kind}s/{repo}/revision/{quote(revision, safe='')}?blobs=true"
        response = self._follow(path, {})
        try:
            _raise_for(response, self.host, repo, revision)
            data = json.loads(_body(response))
            commit, files = data["sha"], tuple(_wanted(sibling) for sibling in data["siblings"])
        except httpx2.TransportError as error:
            raise TransientError(shown(error)) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise EngineError("hub_strange", detail=str(error), host=self.host) from error
        finally:
            response.close()
        if not names.is_commit(commit):
            raise EngineError("hub_strange", detail=f"sha {commit!r}", host=self.host)
        return Listing(commit, files)

    def open(self, kind: str, repo: str, commit: str, wanted: Wanted, start: int, etag: str) -> Opened:
        """The file's bytes from `start` on, or from 0 where the server will have it so.

        etag: of the server that sent the bytes before `start`. Raises TransientError, ChangedError or EngineError.
        """
        return self._ask(lambda: self._open(kind, repo, commit, wanted, start, etag))

    def _open(self, kind: str, repo: str, commit: str, wanted: Wanted, start: int, etag: str) -> Opened:
        folder = "" if kind == "model" else f"{kind}s/"
        path = f"/{folder}{repo}/resolve/{commit}/{quote(wanted.name)}"
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers |= {"Range": f"bytes={start}-"} | ({"If-Range": etag} if etag else {})
        response = self._follow(path, headers, (commit, wanted))
        try:
            if response.status_code in (401, 403, 404, 410) and not self._is_hub(str(response.url)):
                raise TransientError(shown(f"{response.url.host}: {response.status_code}"))  # a signed address, too old
            _raise_for(response, self.host, repo, commit, wanted.name)
            return checked(response, wanted, start)
        except BaseException:
            response.close()
            raise

    def _ask(self, question: Callable[[], _T]) -> _T:
        """The answer to a question without a name; with the person's token where the hub would not answer that."""
        try:
            return question()
        except EngineError as error:
            if self._token or error.code not in _WITH_TOKEN:
                raise
            self._token = self._find_token() or ""
            if not self._token:
                raise
        return question()

    def _follow(
        self, path: str, headers: dict[str, str], expected: tuple[str, Wanted] | None = None
    ) -> httpx2.Response:
        """The answer at the end of the redirects, its body not yet read."""
        url = self.endpoint + path
        try:
            for _ in range(_MOST_REDIRECTS):
                check_reach(url)
                own = {"Authorization": f"Bearer {self._token}"} if self._token and self._is_hub(url) else {}
                request = self._client.build_request("GET", url, headers=headers | own)
                response = self._client.send(request, stream=True)
                if expected is not None and self._is_hub(url):
                    _check_named(response, *expected)
                if not response.has_redirect_location:
                    return response
                response.close()
                url = redirected(self.endpoint, url, response.headers["Location"])
        except httpx2.TransportError as error:
            raise TransientError(shown(error)) from error
        except (httpx2.InvalidURL, ValueError) as error:
            raise EngineError("hub_strange", detail=str(error), host=self.host) from error
        raise EngineError("hub_strange", detail="too many redirects", host=self.host)

    def _is_hub(self, url: str) -> bool:
        return _origin(url) == _origin(self.endpoint)


def redirected(hub: str, url: str, location: str) -> str:
    """Where a redirect of this hub's leads. Raises EngineError `redirect_refused`."""
    target, host = urljoin(url, location), urlsplit(hub).hostname or ""
    origin = _origin(target)
    refused = origin is None
    if origin is not None and not _is_local(host):
        refused = _is_local(origin[1]) or (url.startswith("https:") and origin[0] == "http")
    if refused:
        raise EngineError("redirect_refused", host=host, target=shown(target))
    return target


def patiently(function: Callable[[], _T], cancelled: threading.Event, longest_s: float = math.inf) -> _T:
    """The result of a function that may wait for the network, which Stop need not wait for.

    Raises StoppedError, and TransientError where it takes longer than it may.
    """
    outcome: list[Any] = []
    ended = threading.Event()

    def run() -> None:
        try:
            outcome.append((function(), None))
        except BaseException as error:
            outcome.append((None, error))
        ended.set()

    threading.Thread(target=run, name="hub", daemon=True).start()
    until = monotonic() + longest_s
    while not ended.wait(_LOOK_S):
        if cancelled.is_set():
            raise StoppedError
        if monotonic() > until:
            raise TransientError(phrase("its answer takes too long"))
    result, error = outcome[0]
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]


def _wanted(sibling: dict[str, Any]) -> Wanted:
    """A file as the API lists it. Raises ValueError for a hash or size that is none."""
    lfs = sibling.get("lfs")
    blob, size = (lfs["sha256"], lfs["size"]) if lfs else (sibling["blobId"], sibling["size"])
    if not names.is_blob(blob) or not isinstance(size, int) or size < 0 or not isinstance(sibling["rfilename"], str):
        raise ValueError(f"not a file: {str(sibling)[:200]}")
    return Wanted(sibling["rfilename"], blob, size)


def _check_named(response: httpx2.Response, commit: str, wanted: Wanted) -> None:
    """Raises ChangedError where the hub's own headers speak of another content."""
    said = response.headers.get("X-Repo-Commit"), _etag(response.headers.get("X-Linked-ETag"))
    if (said[0] or commit) != commit or (said[1] or wanted.blob) != wanted.blob:
        response.close()
        raise ChangedError


def checked(response: httpx2.Response, wanted: Wanted, start: int) -> Opened:
    """A good response as the file's bytes. Raises TransientError and ChangedError."""
    headers = response.headers
    if headers.get("Content-Encoding", "identity") != "identity":
        raise TransientError(shown(f"{response.url.host}: {headers['Content-Encoding']}"))
    first, total = "0", headers.get("Content-Length", "")
    if response.status_code == 206:
        span, _, total = headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
        first = span.partition("-")[0]
    if first not in ("0", str(start)) or (total.isdigit() and int(total) != wanted.size):
        raise ChangedError
    etag = headers.get("ETag", "")
    return Opened(response, int(first), "" if etag.startswith("W/") else etag)  # a weak one says nothing of bytes


def _raise_for(response: httpx2.Response, host: str, repo: str, revision: str, file: str = "") -> None:
    """Raises what an answer that is no success means, in the hub's own codes."""
    status, code = response.status_code, response.headers.get("X-Error-Code", "")
    if response.is_success:
        return
    if status == 416:
        raise ChangedError  # shorter than what is here of it
    if status in _TRANSIENT:
        raise TransientError(f"{host}: {status}", _retry_after(response))
    if status == 401 and "Invalid credentials" in response.headers.get("X-Error-Message", ""):
        raise EngineError("hub_token", host=host)
    if code == "GatedRepo":
        raise EngineError("repo_gated", repo=repo, page=f"{endpoint()}/{repo}")
    if code == "RevisionNotFound":
        raise EngineError("revision_missing", repo=repo, revision=shown(revision))
    if code == "EntryNotFound":
        raise EngineError("repo_file_missing", repo=repo, file=shown(file))
    if code == "RepoNotFound" or status in (401, 404):
        raise EngineError("repo_missing", repo=repo, host=host)
    raise EngineError("hub_refused", detail=shown(response.headers.get("X-Error-Message")), host=host, status=status)


def _retry_after(response: httpx2.Response) -> float:
    """Seconds to wait, as `Retry-After` says it, in either of its forms."""
    text = response.headers.get("Retry-After", "")
    if text.isdigit():
        return min(float(text), _LONGEST_WAIT_S)
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - time(), 0.0), _LONGEST_WAIT_S)
    except ValueError:
        return 0.0


def _etag(text: str | None) -> str:
    return (text or "").removeprefix("W/").strip('"')


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an http or https address; None for any other."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and "@" not in parts.netloc else None


def _is_local(host: str) -> bool:
    """Whether a host is this computer by name or number, or speaks only to the cable it is on."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified or address.is_link_local


def _body(response: httpx2.Response) -> bytes:
    """All of a body, up to a bound. Raises ValueError beyond it."""
    data = bytearray()
    for piece in response.iter_bytes():
        data += piece
        if len(data) > _LARGEST_LISTING_BYTES:
            raise ValueError("the listing is too large")
    return bytes(data)
