"""Servers on this computer are found where they listen, and nobody else is asked."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest
from fake_servers import FakeLlamaCpp, FakeLMStudio, FakeVLLM

from engine import jobs
from engine.events import Finished, Server
from engine.jobs import JobContext
from engine.providers import probing, provider_list
from engine.providers.base import Provider, RemoteModel


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(probing, "PORTS", ())
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    monkeypatch.setattr(probing, "LIMIT_S", 5.0)  # for a machine that is busy with other tests


def test_they_are_found_beside_one_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "LIMIT_S", 1.0)
    with FakeVLLM() as one, FakeLlamaCpp(key="k") as other, socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(probing, "PORTS", (one.port, silent.getsockname()[1], other.port))
        *found, end = jobs.run(jobs.find("scan_servers"), {}, JobContext())
        assert end == Finished("done", {"servers": 2})
        servers = {server.address: server for server in found if isinstance(server, Server)}
        assert {address: server.kind for address, server in servers.items()} == {
            one.url: "vllm",
            other.url: "llama.cpp",
        }
        assert servers[other.url].details["needs_key"]
        assert not servers[one.url].details["needs_key"]


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "http://localhost:{}", "0.0.0.0:{}"])
def test_the_address_of_ollama_is_heeded_where_it_names_this_machine(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with FakeVLLM() as server:
        monkeypatch.setenv("OLLAMA_HOST", host.format(server.port))
        assert [found.address for found in probing.probe()] == [server.url]


@pytest.mark.parametrize("host", ["192.0.2.7:11434", "ollama.example:11434", "a b", ""])
def test_an_address_elsewhere_is_not(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert list(probing._addresses()) == []


def test_the_port_of_lm_studio_is_read_from_its_settings(tmp_path: Path) -> None:
    place = tmp_path / ".lmstudio" / ".internal" / "http-server-config.json"
    place.parent.mkdir(parents=True)
    with FakeLMStudio() as server:
        place.write_text(json.dumps({"port": server.port}))
        assert [found.kind for found in probing.probe()] == ["lmstudio"]
    for wrong in ("[]", "{", '{"port": "x"}', '{"port": 0}', '{"port": true}', "[" * 100_000):
        place.write_text(wrong)
        assert list(probing._addresses()) == []


def test_a_provider_that_fails_keeps_its_models() -> None:
    with FakeVLLM(models=["new"]) as server, socket.create_server(("127.0.0.1", 0)) as listener:
        gone = f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.close()
        provider_list.add(Provider("here", "vllm", server.url), [RemoteModel("here", "old")])
        provider_list.add(Provider("gone", "vllm", gone), [RemoteModel("gone", "old")])
        for refresh, first in ((False, "old"), (True, "new")):
            here, other, end = jobs.run(jobs.find("providers"), {"refresh": refresh}, JobContext())
            assert isinstance(here, Server)
            assert isinstance(other, Server)
            assert [model["id"] for model in here.details["models"]] == [first]
            assert [model["id"] for model in other.details["models"]] == ["old"]
            assert bool(other.problem) is refresh
            assert end == Finished("done")


def test_a_cancelled_scan_ends() -> None:
    context = JobContext(threading.Event())
    context.cancelled.set()
    with FakeVLLM() as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(probing, "PORTS", (server.port,))
        assert list(jobs.run(jobs.find("scan_servers"), {}, context)) == [Finished("cancelled")]
