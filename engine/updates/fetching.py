"""The network as newer versions need it: https all the way, or http on this very computer, and a bound on everything.

A request says nothing but what it asks for: no version, no system, no cookie.
"""

from __future__ import annotations

import threading
import time
from contextlib import closing
from urllib.parse import urlsplit

import httpx2

from engine.errors import EngineError
from engine.library.download import connection
from engine.library.download.connection import Opened, TransientError
from engine.library.download.journal import Wanted
from engine.phrases import phrase
from engine.runtime.gguf_header import shown
from engine.updates import addresses

LARGEST_LIST = 256 << 10  # bytes
LONGEST_S = 30.0  # for a list, whatever its server does
STALL_S = 15.0  # without a byte
_MOST_REDIRECTS = 5
_TRANSIENT = (408, 425, 429, 500, 502, 503, 504)


class Server:
    """The server at an address. It is a `transfer.Source` of the one file that lies there. Close it at the end."""

    def __init__(self, address: str) -> None:
        """Raises EngineError `provider_stays` and, for the proxy of the settings, `bad_address`."""
        self.host = urlsplit(address).hostname or ""
        self._address = address
        connection.check_reach(address)
        self._client = connection.make_client(STALL_S)
        self._client.headers = httpx2.Headers({"User-Agent": "seedling", "Accept-Encoding": "identity"})

    def close(self) -> None:
        self._client.close()

    def document(self, cancelled: threading.Event) -> bytes:
        """All that lies there, within limits of size and time. Raises EngineError, and StoppedError."""
        try:
            return connection.patiently(self._document, cancelled, LONGEST_S)
        except TransientError as trouble:
            raise EngineError("hub_unreachable", host=self.host, reason=str(trouble)) from trouble

    def _document(self) -> bytes:
        until = time.monotonic() + LONGEST_S
        with closing(self._follow({})) as response:
            self._check_answer(response)
            data = bytearray()
            try:
                for piece in response.iter_raw():
                    data += piece
                    if len(data) > LARGEST_LIST:
                        raise EngineError("update_too_large", host=self.host)
                    if time.monotonic() > until:
                        raise TransientError(phrase("its answer takes too long"))
            except httpx2.TransportError as error:
                raise TransientError(shown(error)) from error
        return bytes(data)

    def open(self, kind: str, repo: str, commit: str, wanted: Wanted, start: int, etag: str) -> Opened:
        """See `Hub.open`; the file is the one at this server's address, whatever it is called elsewhere."""
        headers = {"Range": f"bytes={start}-"} | ({"If-Range": etag} if etag else {}) if start else {}
        response = self._follow(headers)
        try:
            self._check_answer(response)
            return connection.checked(response, wanted, start)
        except BaseException:
            response.close()
            raise

    def _follow(self, headers: dict[str, str]) -> httpx2.Response:
        """The answer at the end of the redirects, its body not yet read."""
        url = self._address
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                connection.check_reach(url)
                self._client.cookies.clear()
                response = self._client.send(self._client.build_request("GET", url, headers=headers), stream=True)
                if not response.has_redirect_location:
                    return response
                response.close()
                url = redirected(self._address, url, response.headers["Location"])
        except httpx2.TransportError as error:
            raise TransientError(shown(error)) from error
        except (httpx2.InvalidURL, ValueError) as error:
            raise EngineError("bad_address", name="update_address", address=shown(url), detail=str(error)) from error
        raise TransientError(phrase("it leads from one address to the next"))

    def _check_answer(self, response: httpx2.Response) -> None:
        """Raises TransientError for what may pass, EngineError for what is no file."""
        status = response.status_code
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise EngineError("hub_refused", host=self.host, status=status, detail="a packed answer")
        if status == 416:
            raise connection.ChangedError
        if status in _TRANSIENT:
            raise TransientError(phrase("it answers {status}", status=status))
        if status not in (200, 206):
            raise EngineError("hub_refused", host=self.host, status=status)


def redirected(first: str, url: str, location: str) -> str:
    """Where a redirect leads. Raises EngineError `redirect_refused` for another scheme, and for this computer from
    elsewhere."""
    target = connection.redirected(first, url, location)
    if not addresses.may_be_asked(target):
        raise EngineError("redirect_refused", host=urlsplit(first).hostname, target=shown(target))
    return target
