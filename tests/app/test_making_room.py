"""What rests in another worker is unloaded when its memory is needed; what is used, or fits, stays."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.engine_client import EngineClient
from app.making_room import MakingRoom
from engine import hardware
from engine.hardware import Memory

SCRIPTED = [sys.executable, str(Path(__file__).parent.parent / "scripted_worker.py")]


@pytest.fixture
def clients(qtbot: QtBot) -> Iterator[tuple[EngineClient, EngineClient]]:
    pair = EngineClient(SCRIPTED), EngineClient(SCRIPTED)
    yield pair
    for client in pair:
        client.close()


@pytest.fixture
def load(qtbot: QtBot, tmp_path: Path) -> Callable[[EngineClient, str], str]:
    def load(client: EngineClient, name: str) -> str:
        path = tmp_path / f"{name}.gguf"
        path.write_bytes(b"GGUF")
        handle = client.submit("load", {"model": str(path)})
        qtbot.wait_until(lambda: handle.ended, timeout=30_000)
        return str(path)

    return load


def short_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    scarce = Memory(total=64_000_000, available=1_000_000)
    monkeypatch.setattr(hardware, "memory", lambda: scarce)


def test_a_resting_model_goes_when_memory_is_short(
    clients: tuple[EngineClient, EngineClient],
    load: Callable[[EngineClient, str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room, said = MakingRoom(clients), []
    room.ejected.connect(lambda old, new: said.append((old, new)))
    first = load(clients[0], "first")
    assert clients[0].resting_model == first
    second = load(clients[1], "second")
    assert (said, clients[0].resting_model) == ([], first)  # there is room for both
    short_of_memory(monkeypatch)
    third = load(clients[1], "third")
    assert said == [(first, third)]
    assert clients[0].resting_model == ""
    assert clients[1].resting_model == third
    assert second != third


def test_a_model_that_is_used_stays(
    clients: tuple[EngineClient, EngineClient],
    load: Callable[[EngineClient, str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room, said = MakingRoom(clients), []
    room.ejected.connect(lambda old, new: said.append((old, new)))
    load(clients[0], "first")
    short_of_memory(monkeypatch)
    busy = clients[0].submit("chat", {"do": "count 1000000 10"})
    load(clients[1], "second")
    assert said == []
    assert not busy.ended
    busy.cancel()
