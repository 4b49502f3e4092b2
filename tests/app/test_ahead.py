"""What pages are made of is had ahead, in slices; a page takes it when it is wanted, and misses nothing without it."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

import app.training.wiring as training_wiring
from app import ahead
from app.ahead import Ahead

Desk = Any  # tests/app/conftest.py

TESTS = Path(__file__).resolve().parent.parent
# Says which modules of ours a first click on each page loads. The argument: what is done before.
CLICKED = """
import json, os, sys
import scripted_workers
from app import application
from app.theme import styled_application
from engine import paths
from engine.chat.store import Store
from engine.settings import Settings
loop = styled_application(["seedling"])
settings = Settings()
settings.set("stores_offered", True)
seedling = application.Seedling(loop, Store(paths.database()), settings, scripted_workers.workers())
seedling.start()
exec(sys.argv[1])
before = set(sys.modules)
for page in ("training", "models", "settings"):
    seedling.window.show_page(page)
print(json.dumps([name for name in set(sys.modules) - before if name.startswith(("app.", "engine."))]), flush=True)
seedling.close()
os._exit(0)
"""


def loaded_by_clicks(before: str) -> list[str]:
    command = [sys.executable, "-c", CLICKED, before]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, cwd=TESTS)
    return json.loads(ended.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def test_what_was_had_ahead_is_not_loaded_by_a_click(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{TESTS.parent}{os.pathsep}{TESTS}")
    assert len(loaded_by_clicks("")) > 60
    late = loaded_by_clicks("for _ in seedling.ahead._all(): pass")
    assert len(late) <= 3, late  # what other threads want


def have_ahead(desk: Desk) -> int:
    """Into how many slices it is cut."""
    return len(list(desk.seedling.ahead._all()))


def test_a_page_takes_what_is_there(desk: Desk) -> None:
    assert have_ahead(desk) > 25
    assert not desk.seedling._wirings
    parts = dict(desk.seedling.ahead._parts)
    page = parts[training_wiring.TrainingPage]
    assert {"home", "prepare", "watch", "compare", "beside"} <= set(vars(page))
    assert not page.isVisible()
    desk.window.show_page("training")
    assert desk.seedling.training_page is page
    assert page.isVisible()
    desk.window.show_page("models")
    assert {desk.seedling.models_page, desk.seedling.discover_view, desk.seedling.servers_view} < set(parts.values())


def test_nothing_is_made_while_a_reply_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be painted late."""
    desk.ask("do write 1000 100")
    made = desk.seedling.ahead._all()
    for _ in range(200):
        next(made)
    assert desk.seedling.replies.writing
    assert not desk.seedling.ahead._parts
    desk.chat.stop()
    desk.wait_idle()
    next(made)
    assert not desk.seedling.ahead._parts  # nor just after it
    monkeypatch.setattr(ahead, "monotonic", lambda: math.inf)
    assert len(list(made)) > 25


def test_nothing_is_made_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.window.show_page("training")
    have_ahead(desk)
    assert training_wiring.TrainingPage not in desk.seedling.ahead._parts
    assert len(desk.window.place.findChildren(training_wiring.TrainingPage)) == 1


def test_without_it_a_view_is_made_when_it_is_asked_for(desk: Desk, qtbot: Any) -> None:
    page = training_wiring.TrainingPage()
    qtbot.addWidget(page)
    assert not {"prepare", "watch", "compare", "beside"} & set(vars(page))
    page.show_compare()
    assert page.view is page.compare
    assert not {"prepare", "watch", "beside"} & set(vars(page))
    page.show_beside("a run")
    assert page._back.accessibleName() == "Back to the training"


def test_one_that_fails_is_told_when_it_is_wanted(
    open_desk: Callable[[], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: QWidget) -> QWidget:
        raise ZeroDivisionError

    desk = open_desk()
    with monkeypatch.context() as patch:
        patch.setattr(training_wiring, "PARTS", (broken,))
        have_ahead(desk)
        assert "could not be opened" not in desk.page.notice.text
        patch.setattr(training_wiring, "TrainingPage", broken)
        desk.window.show_page("training")
        assert "could not be opened" in desk.page.notice.text
    desk.window.show_page("models")
    assert desk.window.current_page == "models"


def test_it_begins_some_time_after_the_start_and_ends_with_the_window(
    open_desk: Callable[[], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "AFTER_MS", 0)
    desk = open_desk()
    desk.wait(lambda: training_wiring.TrainingPage in desk.seedling.ahead._parts)
    desk.close()
    left = desk.seedling.ahead._slices
    assert isinstance(desk.seedling.ahead, Ahead)
    assert left._stopped
