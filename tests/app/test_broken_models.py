"""Mutated model files, opened by the real worker as the window does it: refused in words, and the window goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from gguf_files import mutant, settings_mutant
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from app.engine_client import EngineClient
from engine.errors import EngineError
from engine.events import Event, Failed, Finished
from engine.runtime.preflight import check_model

Data = Callable[[str], Path]

LIMIT_S = 10  # for a file to be refused or opened
MEMORY = 512_000_000  # bytes that the worker may hold meanwhile


class Opening:
    """Gives files to a worker, one after another, and keeps what came of each."""

    def __init__(self, qtbot: QtBot) -> None:
        self.client = EngineClient()
        self._qtbot = qtbot
        self.beats: list[float] = []
        self._heart = QTimer(interval=10)
        self._heart.timeout.connect(lambda: self.beats.append(time.monotonic()))
        self._heart.start()

    def outcome(self, path: Path) -> Finished | Failed:
        endings: list[Event] = []
        handle = self.client.submit("load", {"model": str(path), "backend": "llama", "options": {"threads": 1}})
        handle.done.connect(endings.append)
        self._qtbot.wait_until(lambda: bool(endings), timeout=LIMIT_S * 1000)
        (ending,) = endings
        assert isinstance(ending, Finished | Failed)
        return ending


@pytest.mark.trial(sample=200, full=10_000)
def test_mutated_files_are_refused_in_words_and_the_window_goes_on(
    trials: range, data: Data, tmp_path: Path, qtbot: QtBot
) -> None:
    """Each within the limit of time and memory. What llama.cpp dies of is told as the death of a worker."""
    source, path = data("malformed-models/gguf/valid-mini.gguf"), tmp_path / "mutant.gguf"
    original, header_size = source.read_bytes(), check_model(source).data_start
    opening, died = Opening(qtbot), list[int]()
    opened = 0
    try:
        for seed in trials:
            path.write_bytes(settings_mutant(source, seed) if seed % 3 == 0 else mutant(original, header_size, seed))
            ending = opening.outcome(path)
            if isinstance(ending, Failed):
                sentence = str(EngineError(ending.code, ending.detail, **ending.data))
                assert sentence.endswith("."), (seed, sentence)
                died += [seed] if ending.code.startswith("worker_") else []
            opened += isinstance(ending, Finished)
            assert opening.client.memory_bytes() < MEMORY, seed
        assert isinstance(opening.outcome(source), Finished)  # after all of them a whole one opens
    finally:
        opening.client.close()
    assert max((later - earlier for earlier, later in pairwise(opening.beats)), default=0) < LIMIT_S
    assert opened > 0  # else nothing of them reached llama.cpp
    print(f"finding: {opened} opened, the worker died of {died}")
