"""Seedling was replaced under its open window: the window says so, keeps everything, and goes on."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton

from app import engine_client
from engine.processes import helper_command

Desk = Any  # tests/app/conftest.py


def test_the_window_says_it_and_nothing_is_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ask_and_wait("hello")
    first, before = desk.chat.current, desk.rows()
    desk.client.stop_worker()
    monkeypatch.setattr(desk.client, "_command", helper_command("worker"))  # the installed one, of the new version
    monkeypatch.setattr(engine_client, "VERSION", "0.0.1")
    desk.chat.new_chat()
    desk.ask("a question")
    desk.write("half a thought")
    desk.wait_card("Another version of Seedling was installed")
    desk.wait_idle()
    assert desk.rows()[0].message.content == "a question"
    assert desk.page.composer.field.toPlainText() == "half a thought"
    offered = [button.text() for button in desk.page.transcript.findChildren(QPushButton) if button.isVisible()]
    assert "Try again" not in offered
    desk.chat.open_chat(first)
    assert desk.rows() == before
    assert desk.window.isVisible()
