"""Who answers at an address, told by what it says."""

from __future__ import annotations

import socket
import threading

import pytest
from fake_servers import FAKES, FakeJan, FakeLitGPT, FakeLlamaCpp, FakeLMStudio
from fake_servers.server import Call, FakeServer

from engine.errors import EngineError
from engine.providers.greeting import recognise

PAGE = "<!doctype html><title>Log in</title>"


class Website(FakeServer):
    """Says the same to every path."""

    def __init__(self, status: int = 200, said: str = PAGE, **headers: str) -> None:
        super().__init__()
        self.status, self.said, self.headers = status, said, {"Content-Type": "text/html"} | headers

    def answer(self, call: Call) -> None:
        call.say(self.status, self.said, self.headers)


@pytest.mark.parametrize("kind", [kind for kind in FAKES if kind not in ("openai", "anthropic")])
def test_each_server_is_known_by_its_greeting(kind: str) -> None:
    with FAKES[kind]() as server:
        address = getattr(server, "base", server.url)
        found = recognise(address, server.key)
        assert found.kind == kind
        assert found.address in (server.url, address)


@pytest.mark.parametrize("mode", ["plain", "stream", "openai"])
def test_litgpt_is_known_however_it_was_started(mode: str) -> None:
    with FakeLitGPT(mode=mode) as server:
        assert recognise(server.url).kind == "litgpt"


def test_one_that_wants_a_key_says_so() -> None:
    with FakeJan() as jan, FakeLlamaCpp(key="secret") as llama:
        assert (recognise(jan.url).kind, recognise(jan.url).needs_key) == ("jan", True)
        assert (recognise(llama.url).kind, recognise(llama.url).needs_key) == ("llama.cpp", True)
        assert recognise(llama.url, "secret").needs_key is False


def test_a_server_that_loads_is_known_already() -> None:
    with FakeLlamaCpp(loading=True) as server:
        assert recognise(server.url).kind == "llama.cpp"


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (200, "<!doctype html><title>Log in</title>", "text/html"),
        (401, "<!doctype html><title>Log in</title>", "text/html"),
        (200, '{"error": "Unexpected endpoint or method. (GET /)"}', "application/json"),
        (200, "[]", "application/json"),
        (200, '{"data": "none"}', "application/json"),
        (200, '{"data": [1]}', "application/json"),
        (200, "[" * 100_000, "application/json"),
        (500, "no", "text/plain"),
    ],
)
def test_what_only_answers_is_no_server_of_models(status: int, said: str, kind: str) -> None:
    with Website(status, said, **{"Content-Type": kind}) as server:
        with pytest.raises(EngineError) as caught:
            recognise(server.url)
    assert caught.value.code == "provider_not_found"


def test_a_redirect_is_said_and_not_followed() -> None:
    with Website() as other, Website(302, Location=f"{other.url}/login") as server:
        with pytest.raises(EngineError) as caught:
            recognise(server.url)
        assert caught.value.code == "provider_redirect"
        assert not other.seen


def test_what_speaks_no_http_is_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            near, _ = listener.accept()
            near.recv(1000)
            near.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
            near.close()

        threading.Thread(target=greet, daemon=True).start()
        with pytest.raises(EngineError) as caught:
            recognise(f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert caught.value.code == "provider_not_found"


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(EngineError) as caught:
        recognise(f"http://127.0.0.1:{port}")
    assert caught.value.code == "provider_unreachable"


def test_the_apis_are_known_by_their_hosts_and_a_kind_is_believed() -> None:
    assert recognise("https://api.openai.com/v1").kind == "openai"
    assert recognise("api.anthropic.com").kind == "anthropic"
    with FakeLMStudio() as server:
        assert recognise(server.url, kind="compatible").kind == "compatible"
        assert not server.seen
    with pytest.raises(EngineError, match="no kind of server called other"):
        recognise("localhost:1", kind="other")
