"""The way to a provider: where it leads, what is said on it, how it fails, and how long it is waited for."""

from __future__ import annotations

import ipaddress
import json
import logging
import socket
import ssl
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import httpcore2
import pytest
from asked_servers import EVENT, KEY, Serve, ask, code, full_listener, provider
from rough_server import certificate, head, say

from engine import log
from engine.errors import EngineError
from engine.providers import connection, line

# --- what is said ----------------------------------------------------------------------------------------------------


def test_a_request_says_nothing_of_the_person_but_the_key(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what libraries add, nor keys and names that the environment has for others."""
    import anthropic
    import openai

    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "of-another")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Person: of-another")
    server = serve(say(head(kind="application/json", Set_Cookie="who=me"), b"{}"))
    asked = provider(server.url)
    with connection.client(asked, KEY) as client:
        client.get("/models")
        client.get("/models", headers={"Cookie": "a=b", "Authorization": "Bearer other", "Referer": "http://me"})
        openai.OpenAI(base_url=asked.address, http_client=client, max_retries=0).chat.completions.create(
            model="m", messages=[]
        )
    with connection.client(asked, KEY, auth="x-api-key") as client:
        anthropic.Anthropic(base_url=asked.address, http_client=client, max_retries=0).messages.create(
            model="m", max_tokens=1, messages=[]
        )
    with connection.client(asked) as client:
        openai.OpenAI(base_url=asked.address, http_client=client, max_retries=0).models.list()
    assert len(server.seen) == 5
    heads = [request.partition(b"\r\n\r\n")[0].decode().lower().splitlines()[1:] for request in server.seen]
    names = {text.partition(":")[0] for lines in heads for text in lines}
    known = {"host", "accept", "connection", "content-type", "content-length", "user-agent", "accept-encoding"}
    assert names - known == {"authorization", "x-api-key", "anthropic-version"}
    for lines in heads[:3]:
        assert f"authorization: bearer {KEY}".lower() in lines
        assert {"user-agent: seedling", "accept-encoding: identity"} <= set(lines)
    assert f"x-api-key: {KEY}".lower() in heads[3]
    assert not [text for text in heads[3] if text.startswith("authorization")]
    assert not [text for text in heads[4] if text.startswith(("authorization", "x-api-key"))]
    assert b"of-another" not in b"".join(server.seen)


def test_nobody_is_sent_elsewhere_and_nothing_is_said_there(serve: Serve) -> None:
    other = serve(say(head(kind="application/json"), b"{}"))
    for status in (301, 302, 303, 307, 308):
        server = serve(say(head(status, Location=f"{other.url}/?k={KEY}")))
        for method in ("GET", "POST"):
            with pytest.raises(EngineError) as raised:
                ask(server, method, key=KEY)
            assert raised.value.code == "provider_redirect"
            assert f"127.0.0.1:{other.port}" in str(raised.value)
            assert KEY not in str(raised.value)
    assert code(serve(say(head(302, Location="/elsewhere")))) == "provider_redirect"  # nor within the same one
    assert not other.guests


def test_a_library_that_follows_redirects_is_held(serve: Serve) -> None:
    import openai

    other = serve(say(head(kind="application/json"), b"{}"))
    asked = provider(serve(say(head(307, Location=other.url))).url)
    with connection.client(asked, KEY) as client, pytest.raises(EngineError) as raised, connection.failing(asked):
        openai.OpenAI(api_key="-", base_url=asked.address, http_client=client, max_retries=0).models.list()
    assert raised.value.code == "provider_redirect"
    with connection.client(asked, KEY) as client, pytest.raises(EngineError) as raised:
        client.get(f"{other.url}/models", follow_redirects=True)
    assert raised.value.code == "provider_redirect"
    assert not other.guests


def test_a_key_does_not_cross_the_internet_unencrypted() -> None:
    with pytest.raises(EngineError) as raised:
        connection.client(provider("http://api.example.com"), KEY)
    assert raised.value.code == "provider_plain"
    for address in ("https://api.example.com", "http://192.168.0.9", "http://localhost"):
        connection.client(provider(address), KEY).close()
    connection.client(provider("http://api.example.com")).close()


def test_what_goes_wrong_holds_no_key(serve: Serve, home: Path) -> None:
    """A provider may repeat what it was sent, in its answers of any kind."""
    echo = json.dumps({"error": {"message": f"bad key {KEY} in {KEY[:-1]}", "code": KEY, "type": "x"}}).encode()
    scripts = [say(head(status, "application/json"), echo) for status in (400, 401, 404, 429, 500, 503)]
    scripts += [say(head(400), KEY.encode()), say(head(), b"data: " + KEY.encode() + b"\n\n"), say(KEY.encode())]
    texts: list[str] = []
    log.start("test", "debug")
    try:
        for script in scripts:
            with pytest.raises(EngineError) as raised:
                ask(serve(script), key=KEY)
            error = raised.value
            texts += [str(error), repr(error), error.detail, str(error.data), *traceback.format_exception(error)]
            logging.getLogger("engine.providers").exception("failed", exc_info=error)
        said = connection.error_in(provider("http://localhost"), json.loads(echo))
        texts += [str(said), repr(said), str(said.data if said else "")]
        texts.append(repr(connection.client(provider("http://localhost"), KEY)))
        texts += [path.read_text() for path in home.rglob("*") if path.is_file()]
    finally:
        for handler in logging.getLogger("engine").handlers:
            handler.close()
        logging.getLogger("engine").handlers = []
    assert len(texts) > 50
    assert not [text for text in texts if KEY in text]


# --- where it leads --------------------------------------------------------------------------------------------------


@pytest.fixture
def packets(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whatever is looked up or connected to beyond loopback: it is refused, and kept here."""
    tried: list[object] = []
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def is_here(host: object) -> bool:
        try:
            return ipaddress.ip_address(str(host)).is_loopback
        except ValueError:
            return False

    def guarded_look_up(host: object, *arguments: Any, **options: Any) -> Any:
        if not is_here(host):
            tried.append(host)
            raise socket.gaierror("refused")
        return look_up(host, *arguments, **options)  # type: ignore[arg-type]

    def guarded_connect(wire: socket.socket, address: Any) -> None:
        if not is_here(address[0]):
            tried.append(address)
            raise ConnectionRefusedError("refused")
        connect(wire, address)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    return tried


def named(monkeypatch: pytest.MonkeyPatch, host: str, numbers: list[str]) -> None:
    """A look-up of this host finds these."""
    look_up = socket.getaddrinfo

    def answer(asked: Any, *arguments: Any, **options: Any) -> Any:
        if asked == host:
            return [(2, 1, 6, "", (number, 0)) for number in numbers]
        return look_up(asked, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


FAR = (
    "https://api.openai.com/v1",
    "http://api.example.com",
    "http://192.168.7.7:1234",
    "http://nas.local",
    "http://nas",
)


def test_with_the_switch_on_nothing_leaves(
    serve: Serve, home: Path, packets: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://10.9.9.9:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://10.9.9.9:3128")
    opened = [connection.client(provider(address)) for address in FAR]  # before it was switched on
    (home / "settings.json").write_text(json.dumps({"stay_here": True, "proxy": "http://10.9.9.9:3128"}))
    for client, address in zip(opened, FAR, strict=True):
        with pytest.raises(EngineError) as raised, connection.failing(provider(address)):
            client.get("/models")
        assert raised.value.code == "provider_stays"
        assert code(address) == "provider_stays"
    server = serve(say(head(), EVENT))
    assert ask(server) == [{"n": 1}]
    assert ask(f"http://localhost:{server.port}") == [{"n": 1}]
    assert packets == []


def test_the_guard_of_these_tests_sees_what_leaves(packets: list[object]) -> None:
    for address in FAR:
        assert code(address) == "provider_unreachable"
    assert len(packets) == len(FAR)


def test_names_of_this_machine_lead_nowhere_else(serve: Serve, packets: list[object]) -> None:
    """A look-up of `localhost` may be answered by anybody; there is none."""
    server = serve(say(head(), EVENT))
    for host in ("localhost", "model.localhost"):
        assert ask(f"http://{host}:{server.port}") == [{"n": 1}]
    assert packets == []


def test_names_of_the_network_lead_nowhere_else(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(say(head(), EVENT))
    found = ["8.8.8.8"]
    named(monkeypatch, "nas.local", found)
    with pytest.raises(EngineError, match="leads out of the local network"):
        ask(f"http://nas.local:{server.port}")
    found.append("127.0.0.1")
    assert ask(f"http://nas.local:{server.port}") == [{"n": 1}]


def test_a_proxy_is_for_the_internet_alone(serve: Serve, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = serve(say(head(), EVENT))
    server = serve(say(head(), EVENT))
    (home / "settings.json").write_text(json.dumps({"proxy": asked.url}))
    monkeypatch.setenv("ALL_PROXY", asked.url)
    assert ask(server, key=KEY) == [{"n": 1}]
    assert not asked.guests
    assert ask("http://api.example.com") == [{"n": 1}]  # which nobody looks up here
    assert asked.seen[0].startswith(b"POST http://api.example.com/chat ")
    assert code("https://api.example.com", key=KEY) == "provider_unreachable"  # this proxy opens no tunnel
    assert asked.seen[1].startswith(b"CONNECT api.example.com:443 ")
    assert KEY.encode() not in b"".join(asked.seen)
    (home / "settings.json").write_text("{}")
    monkeypatch.setenv("NO_PROXY", "example.com")
    assert connection._proxy("https://api.example.com") is None
    assert connection._proxy("https://api.example.org") == asked.url


def test_a_silent_proxy_is_not_waited_for_as_a_model_is(
    serve: Serve, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = serve(lambda guest, request: asked.hold(guest))
    (home / "settings.json").write_text(json.dumps({"proxy": asked.url}))
    monkeypatch.setattr(line, "CONNECT_S", 0.3)
    assert code("https://api.example.com") == "provider_unreachable"
    assert asked.left.wait(10)


# --- certificates ----------------------------------------------------------------------------------------------------


def test_a_certificate_has_to_prove_the_host(tmp_path: Path, serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    own, theirs = certificate(tmp_path, "localhost"), certificate(tmp_path, "other.example")
    here, there = serve(say(head(), EVENT), own[1]), serve(say(head(), EVENT), theirs[1])
    assert code(f"https://localhost:{here.port}", key=KEY) == "provider_certificate"  # nobody vouches for it
    trusting = ssl.create_default_context(cafile=str(own[0]))
    trusting.load_verify_locations(theirs[0])
    monkeypatch.setattr(connection, "_certificates", lambda: trusting)
    with pytest.raises(EngineError, match="does not prove that it is localhost") as raised:
        ask(f"https://localhost:{there.port}", key=KEY)  # it is another's
    assert raised.value.code == "provider_certificate"
    assert not here.seen
    assert not there.seen
    assert ask(f"https://localhost:{here.port}", key=KEY) == [{"n": 1}]


def test_without_encryption_where_there_has_to_be_some(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "CONNECT_S", 0.3)
    server = serve(say(head(), EVENT))
    assert code(f"https://127.0.0.1:{server.port}", key=KEY) == "provider_unreachable"
    assert KEY.encode() not in b"".join(server.seen)


# --- patience --------------------------------------------------------------------------------------------------------


def test_how_long_is_waited() -> None:
    assert line.CONNECT_S == connection.QUICK_S < 15
    assert min(connection.PATIENCE_S["machine"], connection.PATIENCE_S["network"]) >= 600


def test_a_dead_network_is_a_sentence(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "CONNECT_S", 0.3)
    monkeypatch.setattr(connection, "QUICK_S", 0.3)
    listener, waiting = full_listener()
    assert code(f"http://127.0.0.1:{listener.getsockname()[1]}") == "provider_unreachable"
    for wire in (listener, *waiting):
        wire.close()
    silent = serve(lambda guest, request: silent.hold(guest))
    assert code(silent, "GET") == "provider_unreachable"
    assert silent.left.wait(10)
    assert code("http://127.0.0.1:9") == "provider_unreachable"
    woken = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: woken.wait(30) and [])
    assert code("http://api.example.com") == "provider_unreachable"
    woken.set()


def test_no_handshake_is_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "CONNECT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert code(f"https://127.0.0.1:{silent.getsockname()[1]}") == "provider_unreachable"


def test_a_name_has_all_its_addresses_tried(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(say(head(), EVENT))
    named(monkeypatch, "api.example.com", ["127.0.0.9", "::1", "127.0.0.1"])
    connect = httpcore2.SyncBackend.connect_tcp

    def spy(backend: Any, host: str, *arguments: Any, **options: Any) -> Any:
        if host != "127.0.0.1":
            raise httpcore2.ConnectTimeout
        return connect(backend, host, *arguments, **options)

    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", spy)
    assert ask(f"http://api.example.com:{server.port}") == [{"n": 1}]


def test_a_server_that_loads_a_model_first_is_waited_for(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than a question that needs no model may take, and longer than connecting may."""
    monkeypatch.setattr(line, "CONNECT_S", 0.3)
    monkeypatch.setattr(connection, "QUICK_S", 0.1)

    def load(guest: socket.socket, request: bytes) -> None:
        time.sleep(0.6)
        guest.sendall(head())
        time.sleep(0.6)
        guest.sendall(EVENT)

    assert ask(serve(load)) == [{"n": 1}]


@pytest.mark.parametrize("drip", [b"H", b"X-Drip: 1\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_head_that_drips_is_given_up(drip: bytes, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "QUICK_S", 0.3)
    asked = threading.Event()

    def script(guest: socket.socket, request: bytes) -> None:
        if drip.startswith(b"X"):
            guest.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(400):
            guest.sendall(drip if drip != b"H" else b"")
            if asked.wait(0.05):
                return

    assert code(serve(script), "GET") == "provider_unreachable"
    asked.set()


def test_an_answer_that_drips_is_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WHOLE_S", 0.3)
    enough = threading.Event()

    def script(guest: socket.socket, request: bytes) -> None:
        guest.sendall(head(kind="application/json"))
        while not enough.wait(0.05):
            guest.sendall(b" ")

    assert code(serve(script), "GET") == "provider_unreachable"
    enough.set()
