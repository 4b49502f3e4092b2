"""What may pass is asked again, a few times and said so; what stays is not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from asked_servers import EVENT, Serve, ask, provider
from rough_server import RoughServer, Script, head, say

from engine.errors import EngineError
from engine.events import Log
from engine.phrases import Phrase
from engine.providers import connection, streams


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_AGAIN_S", (0.01, 0.02))
    monkeypatch.setattr(connection, "_LOADING_S", 0.01)


def again(server: RoughServer | str, cancelled: threading.Event | None = None) -> list[Any]:
    """Warnings and then the events of a reply, with the failure last where there is one."""
    asked, cancelled = provider(server if isinstance(server, str) else server.url), cancelled or threading.Event()

    def reply() -> Iterator[Any]:
        with connection.client(asked) as client, client.heeding(cancelled), connection.failing(asked, "m"):
            request = client.build_request("POST", "/chat", json={})

            def question() -> Any:
                return client.send(request, stream=True).raise_for_status()

            response = yield from connection.asked(asked, "m", question, cancelled)
            yield from streams.server_sent(response)

    said: list[Any] = []
    try:
        said.extend(reply())
    except EngineError as error:
        said.append(error.code)
    return said


def after(times: int, *failures: bytes, then: bytes = head() + EVENT) -> Script:
    """Fails so many times, then answers."""
    counted = iter(range(1000))

    def script(guest: socket.socket, request: bytes) -> None:
        number = next(counted)
        guest.sendall(failures[number % len(failures)] if number < times else then)

    return script


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_asked_again_twice_and_says_so(status: int, serve: Serve, hurried: None) -> None:
    failure = head(status, "application/json") + b'{"error": {"message": "not now"}}'
    said = again(serve(after(2, failure)))
    assert [isinstance(event, Log) for event in said] == [True, True, False]
    assert said[0] == Log("wait", "box cannot answer yet and is asked again in 0 seconds.")
    assert isinstance(said[0].text, Phrase)
    server = serve(after(3, failure))
    assert len(again(server)) == 3
    assert len(server.seen) == 3


def test_a_broken_connection_is_tried_again(serve: Serve, hurried: None) -> None:
    assert again(serve(after(2, b"", b"HTTP/1.1 ")))[-1] == {"n": 1}
    assert again("http://127.0.0.1:9")[-1] == "provider_unreachable"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_what_stays_is_not_asked_again(status: int, serve: Serve, hurried: None) -> None:
    server = serve(say(head(status)))
    assert len(again(server)) == 1
    assert len(server.seen) == 1


def test_silence_is_not_waited_for_twice(serve: Serve, monkeypatch: pytest.MonkeyPatch, hurried: None) -> None:
    monkeypatch.setitem(connection.PATIENCE_S, "machine", 0.2)
    server = serve(lambda guest, request: server.hold(guest))
    assert again(server) == ["provider_unreachable"]
    assert server.guests == 1


def test_after_the_first_byte_nothing_is_asked_again(serve: Serve, hurried: None) -> None:
    server = serve(say(head() + EVENT + b'data: {"error": {"message": "overloaded", "code": 503}}\n\n'))
    assert again(server) == [{"n": 1}, {"error": {"message": "overloaded", "code": 503}}]
    cut = serve(say(head(Content_Length=1000) + EVENT))
    assert again(cut) == [{"n": 1}, "provider_unreachable"]
    assert (len(server.seen), len(cut.seen)) == (1, 1)


def test_how_long_a_provider_asks_to_wait_is_heeded(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    class Hurried(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0)
            return False

    monkeypatch.setattr(connection, "_AGAIN_S", (0.01, 0.02))
    said = again(serve(after(2, head(429, Retry_After=7), head(503, Retry_After=1))), Hurried())
    assert said[0] == Log("wait", "box cannot answer yet and is asked again in 7 seconds.")
    assert waited == [7, 1]
    assert again(serve(after(1, head(429, Retry_After=21))), Hurried()) == ["provider_limit"]
    with pytest.raises(EngineError, match="Try again in 90 seconds"):
        ask(serve(say(head(429, Retry_After=90))))


def test_a_server_that_says_it_loads_is_waited_for(serve: Serve, hurried: None) -> None:
    loading = (
        head(503, "application/json") + b'{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}'
    )
    assert again(serve(after(6, loading)))[-1] == {"n": 1}


def test_stop_ends_a_wait(serve: Serve) -> None:
    cancelled = threading.Event()
    server = serve(say(head(429, Retry_After=19)))
    threading.Timer(0.2, cancelled.set).start()
    assert [type(event) for event in again(server, cancelled)] == [Log]
    assert len(server.seen) == 1
