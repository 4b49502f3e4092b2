"""The servers that lists and files come from: none is asked that may not be, and what one sends has its bounds."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from rough_server import RoughServer, head, say
from signed_lists import Release, listed, refused, told

from engine.errors import EngineError
from engine.events import Failed, Finished
from engine.jobs import JobContext, find, run
from engine.library.download import connection
from engine.updates import addresses, fetching


def ask(monkeypatch: pytest.MonkeyPatch, address: str) -> Failed:
    monkeypatch.setattr(addresses, "shipped", lambda: {"address": address, "keys": []})
    return refused()


def configure(home: Path, **options: Any) -> None:
    (home / "settings.json").write_text(json.dumps(options))


def test_no_address_is_said_with_what_to_do(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(monkeypatch, "").code == "update_no_address"


def test_this_build_names_no_address_as_long_as_there_is_no_release() -> None:
    assert addresses.shipped() == {"address": "", "keys": []}


def test_the_persons_own_address_comes_first(
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
) -> None:
    release.publish(listed())
    monkeypatch.setattr(addresses, "shipped", lambda: {"address": "https://example.invalid/list", "keys": []})
    configure(home, update_address=release.address)
    assert told()["newer"]


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/list",
        "http://192.168.0.7/list",
        "http://localhost.example.org/list",
        "ftp://example.org/list",
        "file:///etc/passwd",
        "example.org/list",
        "https://me:secret@example.org/list",
        "https://example.org:0/list",
        "https://",
    ],
)
def test_what_others_could_write_is_not_asked(
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(socket, "create_connection", no_socket)
    assert ask(monkeypatch, address).code == "update_insecure"


def test_nothing_leaves_this_computer_where_it_may_not(
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
) -> None:
    configure(home, stay_here=True)
    assert ask(monkeypatch, "https://example.org/list").code == "provider_stays"


def test_redirects_are_followed_where_they_stay_as_safe(release: Release) -> None:
    release.publish(listed())
    release.pages["/new"] = release.pages.pop("/list")
    release.moved["/list"] = "/new"
    assert told()["newer"]
    assert "Cookie" not in release.requests[-1][1]


@pytest.mark.parametrize(
    "target",
    ["http://example.org/list", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://192.168.0.7/", "data:text/plain,x"],
)
def test_redirects_elsewhere_are_refused(release: Release, target: str) -> None:
    release.moved["/list"] = target
    assert refused().code == "redirect_refused"
    assert len(release.requests) == 1


@pytest.mark.parametrize("target", ["http://example.org/x", "https://127.0.0.1/x", "https://localhost/x", "ftp://a/x"])
def test_from_elsewhere_nothing_leads_to_plain_http_or_here(target: str) -> None:
    with pytest.raises(EngineError) as caught:
        fetching.redirected("https://example.org/list", "https://example.org/list", target)
    assert caught.value.code == "redirect_refused"


def test_the_guard_of_redirects_is_what_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "may_be_asked", lambda _: True)
    monkeypatch.setattr(connection, "redirected", lambda first, url, location: location)
    assert fetching.redirected("https://a.org/", "https://a.org/", "http://b.org/") == "http://b.org/"


def test_redirects_end(release: Release) -> None:
    release.moved["/list"] = "/list"
    assert refused().code == "hub_unreachable"
    assert len(release.requests) == 6


def test_a_huge_list_is_not_read_to_its_end(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    piece = b"x" * (1 << 16)

    def forever(guest: socket.socket, request: bytes) -> None:
        guest.sendall(head())
        for _ in range(10_000):
            guest.sendall(piece)

    with RoughServer(forever) as server:
        assert ask(monkeypatch, server.url).code == "update_too_large"


def test_a_slow_list_is_not_waited_for(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LONGEST_S", 0.5)

    def drip(guest: socket.socket, request: bytes) -> None:
        guest.sendall(head())
        while True:
            guest.sendall(b" ")
            time.sleep(0.05)

    def slow_head(guest: socket.socket, request: bytes) -> None:
        guest.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            guest.sendall(b"X: y\r\n")
            time.sleep(0.05)

    for script in (drip, slow_head):
        with RoughServer(script) as server:
            failure = ask(monkeypatch, server.url)
            assert failure.code == "hub_unreachable"
            assert "too long" in failure.data["reason"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", "hub_unreachable"),  # cut short
        (b"\x00\x01garbage", "hub_unreachable"),
        (head(404), "hub_refused"),
        (head(403) + b"no", "hub_refused"),
        (head(503), "hub_unreachable"),
        (head(416), "hub_refused"),
        (head(200, Content_Encoding="gzip") + b"\x1f\x8b", "hub_refused"),
        (head(200) + b"<html>Welcome to this network</html>", "update_unsigned"),
        (head(200), "update_unsigned"),
    ],
)
def test_answers_that_are_no_list(
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes,
    code: str,
) -> None:
    with RoughServer(say(answer)) as server:
        assert ask(monkeypatch, server.url).code == code


def test_nobody_there(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert ask(monkeypatch, f"http://127.0.0.1:{port}/list").code == "hub_unreachable"


def test_a_check_can_be_stopped(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    context = JobContext()

    def silent(guest: socket.socket, request: bytes) -> None:
        context.cancelled.set()
        guest.recv(1)

    with RoughServer(silent) as server:
        monkeypatch.setattr(addresses, "shipped", lambda: {"address": server.url, "keys": []})
        assert list(run(find("update_check"), {}, context))[-1] == Finished("cancelled")
