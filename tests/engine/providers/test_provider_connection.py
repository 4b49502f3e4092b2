"""The way to a provider: where it leads, what is said on it, how it fails, and how it is let go of."""

from __future__ import annotations

import ipaddress
import json
import logging
import socket
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpcore2
import pytest
from rough_server import RoughServer, Script, certificate, head, say

from engine import log
from engine.errors import EngineError
from engine.events import Log
from engine.providers import connection, line, streams
from engine.providers.base import Provider

KEY = "sk-canaryQWERTY0123456789"
EVENT = b'data: {"n": 1}\n\n'
Serve = Callable[[Script], RoughServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[RoughServer] = []

    def start(script: Script, tls: ssl.SSLContext | None = None) -> RoughServer:
        servers.append(RoughServer(script, tls).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


def provider(address: str, name: str = "box") -> Provider:
    return Provider(name, "compatible", address)


def ask(server: RoughServer | str, method: str = "POST", path: str = "/chat", key: str | None = None) -> Any:
    """The events of one reply, or the JSON of one answer. Raises EngineError."""
    asked = provider(server if isinstance(server, str) else server.url)
    with connection.client(asked, key) as client, connection.failing(asked, "m"):
        if method == "GET":
            return client.get(path).raise_for_status().json()
        with client.stream(method, path, json={"q": "?"}) as response:
            return list(streams.server_sent(response.raise_for_status()))


def code(server: RoughServer | str, *arguments: Any, **options: Any) -> str:
    with pytest.raises(EngineError) as raised:
        ask(server, *arguments, **options)
    return raised.value.code


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


def full_listener() -> tuple[socket.socket, list[socket.socket]]:
    """A port that answers no knock: its queue is full, as an address behind which there is nothing."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = []
    for _ in range(4):
        wire = socket.socket()
        wire.setblocking(False)
        wire.connect_ex(listener.getsockname())
        waiting.append(wire)
    return listener, waiting


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


# --- letting go ------------------------------------------------------------------------------------------------------


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


# --- asking again ----------------------------------------------------------------------------------------------------


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
