"""The door of a window that runs, as other starts of the program knock at it."""

from __future__ import annotations

from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from app.single_instance import SingleInstance


def say_at_the_door(qtbot: QtBot, instance: SingleInstance, words: bytes) -> bytes:
    """What a visitor is answered who says this; nothing where the door is shut on them."""
    visitor = QLocalSocket()
    visitor.connectToServer(instance._name)
    visitor.write(words)
    qtbot.wait_until(lambda: visitor.bytesAvailable() > 0 or visitor.state() != visitor.LocalSocketState.ConnectedState)
    answer = bytes(visitor.readAll().data())
    visitor.abort()
    return answer
