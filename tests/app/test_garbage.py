"""What Python collects, it collects in the window's thread, whoever allocates."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.garbage import EVERY_MS, Garbage

_ends: list[int] = []


class Circle:
    """Holds itself, so that only a collection ends it."""

    def __init__(self) -> None:
        self.self = self

    def __del__(self) -> None:
        _ends.append(threading.get_ident())


@pytest.fixture
def garbage(qtbot: QtBot) -> Iterator[Garbage]:
    gc.collect()
    _ends.clear()
    made = Garbage()
    yield made
    made.close()


def allocate() -> None:
    """More than any threshold."""
    _ = [[] for _ in range(50_000)]


def test_another_thread_collects_nothing(garbage: Garbage, qtbot: QtBot) -> None:
    for _ in range(100):
        Circle()
    thread = threading.Thread(target=allocate)
    thread.start()
    thread.join()
    assert _ends == []
    kept = [[] for _ in range(5_000)]  # so many that a collection is due
    qtbot.wait_until(lambda: len(_ends) == 100, timeout=40 * EVERY_MS)
    assert set(_ends) == {threading.get_ident()}
    assert len(kept) == 5_000


def test_without_it_python_collects_by_itself_again(garbage: Garbage) -> None:
    assert not gc.isenabled()
    garbage.close()
    assert gc.isenabled()
