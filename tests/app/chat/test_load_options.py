"""Threads and the share of memory of the settings reach the load job, and a change opens the model again."""

from __future__ import annotations

from typing import Any

import pytest

Desk = Any  # tests/app/conftest.py


@pytest.fixture
def loads(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What every load job falls back on."""
    found: list[dict[str, Any]] = []
    submit = desk.client.submit

    def record(job: str, params: dict[str, Any]) -> Any:
        if job == "load":
            found.append(params["defaults"])
        return submit(job, params)

    monkeypatch.setattr(desk.client, "submit", record)
    return found


def test_options_are_sent_and_a_change_loads_again(desk: Desk, loads: list[dict[str, Any]]) -> None:
    desk.seedling.replies.set_load_options({"threads": 1, "memory_percent": 50})
    desk.ask_and_wait("one")
    assert loads == [{"threads": 1, "memory_percent": 50}]
    desk.seedling.replies.set_load_options({"threads": 1, "memory_percent": 50})
    desk.ask_and_wait("two")
    assert len(loads) == 1  # the same options: the model stays
    desk.seedling.replies.set_load_options({"memory_percent": 75})
    desk.ask_and_wait("three")
    assert loads[1:] == [{"memory_percent": 75}]


def test_all_chats_can_be_deleted(desk: Desk) -> None:
    desk.ask_and_wait("one")
    desk.chat.new_chat()
    desk.ask_and_wait("two")
    assert len(desk.store.chats()) == 2
    desk.chat.delete_all()
    desk.wait(lambda: desk.chat.current is None and desk.store.chats() == [])
