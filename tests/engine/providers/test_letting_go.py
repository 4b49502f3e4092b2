"""A request is let go of at once, whatever its server is doing, and what is let go of is no failure."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from asked_servers import EVENT, KEY, Serve, full_listener, provider
from rough_server import RoughServer, head, say

from engine.errors import EngineError
from engine.providers import connection, streams


def stopped(server: RoughServer | str, cancelled: threading.Event) -> list[Any]:
    """The events until it is stopped, which is no failure."""
    asked = provider(server if isinstance(server, str) else server.url)
    events: list[Any] = []
    with connection.client(asked) as client:
        with client.heeding(cancelled), connection.failing(asked):
            with client.stream("POST", "/chat", json={}) as response:
                for event in streams.server_sent(response.raise_for_status()):
                    events.append(event)
            events.append("not stopped")
    return events


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nX-A: ", head(), head() + EVENT, head() + EVENT + b"data: {"]
)
def test_stop_ends_the_request_at_the_server_in_every_state(said: bytes, serve: Serve) -> None:
    cancelled = threading.Event()

    def script(guest: socket.socket, request: bytes) -> None:
        guest.sendall(said)
        threading.Timer(0.1, cancelled.set).start()
        server.hold(guest)

    server = serve(script)
    assert stopped(server, cancelled) == ([{"n": 1}] if EVENT in said else [])
    assert server.left.wait(10)


def test_stop_ends_a_reply_that_keeps_coming(serve: Serve) -> None:
    cancelled, gone = threading.Event(), threading.Event()

    def script(guest: socket.socket, request: bytes) -> None:
        guest.sendall(head())
        try:
            while True:
                guest.sendall(EVENT)
                time.sleep(0.005)
        except OSError:
            gone.set()

    threading.Timer(0.2, cancelled.set).start()
    assert "not stopped" not in stopped(serve(script), cancelled)
    assert gone.wait(10)


def test_stop_ends_what_is_not_connected_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    listener, waiting = full_listener()
    woken = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for address in (
            f"http://127.0.0.1:{listener.getsockname()[1]}",
            f"https://127.0.0.1:{silent.getsockname()[1]}",
            "http://api.example.com",
        ):
            if "example" in address:
                monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: woken.wait(30) and [])
            cancelled = threading.Event()
            threading.Timer(0.1, cancelled.set).start()
            assert stopped(address, cancelled) == []
    woken.set()
    for wire in (listener, *waiting):
        wire.close()


def test_stop_ends_a_question_that_the_server_does_not_take(serve: Serve) -> None:
    """Larger than what lies on the way, to a server that reads none of it."""
    cancelled = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        asked = provider(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        with connection.client(asked) as client:
            threading.Timer(0.2, cancelled.set).start()
            with client.heeding(cancelled), connection.failing(asked):
                client.post("/chat", content=bytes(64 << 20))
                pytest.fail("it was taken")


@pytest.mark.parametrize("library", ["openai", "anthropic"])
@pytest.mark.parametrize("said", [b"", head() + b'event: x\ndata: {"choices": [], "type": "ping"}\n\n'])
def test_stop_goes_through_the_libraries(library: str, said: bytes, serve: Serve) -> None:
    import anthropic
    import openai

    cancelled = threading.Event()

    def script(guest: socket.socket, request: bytes) -> None:
        guest.sendall(said)
        threading.Timer(0.1, cancelled.set).start()
        server.hold(guest)

    server = serve(script)
    asked = provider(server.url)
    with connection.client(asked) as client, client.heeding(cancelled), connection.failing(asked):
        given: dict[str, Any] = {"api_key": "-", "base_url": asked.address, "http_client": client, "max_retries": 0}
        stream: Any
        if library == "openai":
            stream = openai.OpenAI(**given).chat.completions.create(model="m", messages=[], stream=True)
        else:
            stream = anthropic.Anthropic(**given).messages.create(model="m", messages=[], max_tokens=1, stream=True)
        list(stream)
        pytest.fail("it was not stopped")
    assert server.left.wait(10)


def test_a_client_goes_on_after_it_was_stopped(serve: Serve) -> None:
    cancelled = threading.Event()
    cancelled.set()
    server = serve(say(head(kind="application/json"), b"{}"))
    asked = provider(server.url)
    with connection.client(asked) as client:
        with client.heeding(cancelled), connection.failing(asked):
            client.get("/models")
            pytest.fail("it was not stopped")
        assert client.get("/models").json() == {}


def test_closing_the_iterator_ends_the_request(serve: Serve) -> None:
    def script(guest: socket.socket, request: bytes) -> None:
        guest.sendall(head() + EVENT)
        server.hold(guest)

    server = serve(script)
    asked = provider(server.url)
    client = connection.client(asked)

    def events() -> Iterator[Any]:
        with connection.failing(asked), client.stream("POST", "/chat") as response:
            yield from streams.server_sent(response)

    reply = events()
    assert next(reply) == {"n": 1}
    reply.close()  # type: ignore[attr-defined]
    assert server.left.wait(10)
    client.close()


def test_what_the_libraries_raise_within_a_stream(serve: Serve) -> None:
    import anthropic
    import openai

    event = b'data: {"id": "1", "choices": []}\n\ndata: {"error": {"message": "no %s", "code": "%s"}}\n\n'
    for code_said, meant in ((b"insufficient_quota", "provider_credit"), (KEY.encode(), "provider_failed")):
        asked = provider(serve(say(head() + event % (KEY.encode(), code_said))).url)
        with connection.client(asked, KEY) as client:
            library = openai.OpenAI(api_key="-", base_url=asked.address, http_client=client, max_retries=0)
            with pytest.raises(EngineError) as raised, connection.failing(asked, "m"):
                list(library.chat.completions.create(model="m", messages=[], stream=True))
        assert raised.value.code == meant
        assert KEY not in str(raised.value) + str(raised.value.data)
    said = b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n'
    asked = provider(serve(say(head() + said)).url)
    with connection.client(asked, KEY) as client:
        other = anthropic.Anthropic(api_key="-", base_url=asked.address, http_client=client, max_retries=0)
        with pytest.raises(EngineError) as raised, connection.failing(asked, "m"):
            list(other.messages.create(model="m", messages=[], max_tokens=1, stream=True))
    assert raised.value.code == "provider_busy"
