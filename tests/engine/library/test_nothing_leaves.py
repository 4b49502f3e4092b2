"""With “Nothing leaves this computer” on, no hub is asked but one on this computer, and nothing is fetched."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from fake_hub import FakeHub

from engine.errors import EngineError
from engine.events import Failed, Finished
from engine.jobs import JobContext, run
from engine.library import hub_client
from engine.library.download import connection, job


def switch_on(home: Path, **more: Any) -> None:
    (home / "settings.json").write_text(json.dumps({"stay_here": True} | more))


def fetch(repo: str, file: str) -> Finished | Failed:
    *_, ended = run(job.download, {"repo": repo, "files": [file]}, JobContext())
    assert isinstance(ended, Finished | Failed)
    return ended


@pytest.fixture
def packets(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whatever is looked up or connected to beyond loopback: it is refused, and kept here."""
    tried: list[object] = []
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def guarded_look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        if host not in ("127.0.0.1", "localhost"):
            tried.append(host)
            raise socket.gaierror("refused")
        return look_up(host, *arguments, **options)

    def guarded_connect(wire: socket.socket, address: Any) -> None:
        if address[0] != "127.0.0.1":
            tried.append(address)
            raise ConnectionRefusedError("refused")
        connect(wire, address)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    return tried


@pytest.mark.parametrize("hub_at", ["", "https://mirror.example", "http://192.168.0.7"])
def test_no_hub_elsewhere_is_asked(
    hub_at: str, home: Path, monkeypatch: pytest.MonkeyPatch, packets: list[object]
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", hub_at)
    switch_on(home)
    for ask in (connection.check_online, connection.Hub, hub_client.Hub):
        with pytest.raises(EngineError, match="is not asked") as raised:
            ask()
        assert raised.value.code == "provider_stays"
    ended = fetch("org/name", "x")
    assert isinstance(ended, Failed)
    assert ended.code == "provider_stays"
    assert packets == []


def test_a_hub_on_this_computer_is(hub: FakeHub, home: Path, packets: list[object]) -> None:
    """By no proxy, which would be elsewhere."""
    hub.add("org/name", {"a.bin": b"abc"})
    switch_on(home, proxy="http://10.9.9.9:3128")
    assert isinstance(fetch("org/name", "a.bin"), Finished)
    assert hub_client.Hub().api.model_info("org/name").id == "org/name"
    assert packets == []


def test_such_a_hub_sends_nobody_elsewhere(hub: FakeHub, home: Path, packets: list[object]) -> None:
    hub.add("org/name", {"a.bin": b"abc"})
    switch_on(home)
    hub.fault("redirect", value="https://cdn.example/a.bin")
    ended = fetch("org/name", "a.bin")
    assert isinstance(ended, Failed)
    assert ended.code == "provider_stays"
    asked = hub_client.client()
    with pytest.raises(EngineError) as raised:
        asked.get("https://cdn.example/x")
    asked.close()
    assert raised.value.code == "provider_stays"
    assert packets == []


def test_a_switch_turned_meanwhile_ends_a_download(hub: FakeHub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT")
    job._limit()
    switch_on(home)
    with pytest.raises(EngineError) as raised:
        job._limit()
    assert raised.value.code == "provider_stays"
