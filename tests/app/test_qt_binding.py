"""Guards against builds of PySide6 that cannot be used."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal


class Bell(QObject):
    rung = Signal(object)


def test_emitting_a_signal_takes_no_reference_of_true() -> None:
    """PySide6 6.12.0 drops one with every `emit`; Python before 3.12 then aborts after some hundred signals."""
    bell = Bell()
    bell.rung.connect(lambda _: None)
    before = sys.getrefcount(True)
    for _ in range(100):
        bell.rung.emit(1)
    assert abs(sys.getrefcount(True) - before) < 50
