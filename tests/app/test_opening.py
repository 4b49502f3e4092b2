"""Opening: the front first with little loaded, nothing typed is lost, and pages that are made when they are wanted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import scripted_workers
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import app.library.wiring as models_wiring
import app.training.wiring as training_wiring
from app import application, crash, installer_mark, opening, signals
from app.front import Front
from app.safe_mode import SafeMode
from app.single_instance import SingleInstance
from app.slices import Slices
from engine import paths
from engine.chat.messages import Message
from engine.chat.store import Store
from engine.errors import EngineError
from engine.settings import Settings

Desk = Any  # tests/app/conftest.py

# Packages of others; the window needs none of them before one can type.
OTHERS = {"torch", "llama_cpp", "numpy", "openai", "anthropic", "httpx2", "pygments", "markdown_it", "psutil", "apsw"}
OTHERS |= {"jinja2", "keyring", "cryptography", "huggingface_hub", "platformdirs", "packaging", "yaml", "pyqtgraph"}
MOST_MODULES = 45  # of ours and of Python's, beyond those of an empty window

# What a start must not do before one can type, each of which the checks below see.
TOO_MUCH = {
    "a package": "import psutil",
    "the transcript": "from app.front import Front; Front.restore = lambda front: front.page.transcript",
    "the program": "import app.application",
    "what a new home is offered": "import app.first_steps.view",
}
# Says what is loaded when a key has become text, beyond what an empty window needs.
WATCHED = """
import json, sys
from app import first_key, usable
empty = set(sys.modules)
typed = first_key.FirstKey.typed
def say(watch):
    if watch._pressed:
        print(json.dumps(sorted(set(sys.modules) - empty)), flush=True)
    typed(watch)
first_key.FirstKey.typed = say
sys.exit(usable.main(["window"]))
"""


def loaded_when_usable(before: str = "") -> list[str]:
    script = WATCHED.replace("sys.exit(", f"{before}\nsys.exit(")
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    modules, said = ended.stdout.splitlines()
    assert said == "usable"
    return json.loads(modules)  # type: ignore[no-any-return]


def check_little_is_loaded(before: str = "") -> None:
    modules = loaded_when_usable(before)
    assert "app.chat.composer" in modules
    assert not {name.partition(".")[0] for name in modules} & OTHERS
    assert not {"asyncio", "importlib.metadata", "concurrent.futures", "sqlite3"} & set(modules)
    assert not [name for name in modules if name.startswith("app.first_steps")]
    assert len(modules) <= MOST_MODULES, modules


def test_little_is_loaded_when_one_can_type(home: Path) -> None:
    check_little_is_loaded()


@pytest.mark.parametrize("before", TOO_MUCH.values(), ids=TOO_MUCH)
def test_more_is_seen(home: Path, before: str) -> None:
    with pytest.raises(AssertionError):
        check_little_is_loaded(before)


@pytest.mark.parametrize(("language", "written"), [("en", "1,234.5"), ("de", "1.234,5"), ("system", "1.234,5")])
def test_figures_are_written_in_the_language_that_was_chosen_from_the_start(
    home: Path, language: str, written: str
) -> None:
    settings = Settings()
    settings.set("language", language)
    settings.save()
    script = "from PySide6.QtCore import QLocale\n" + WATCHED.replace(
        "json.dumps(sorted(set(sys.modules) - empty))", "QLocale().toString(1234.5, 'f', 1)"
    )
    german = os.environ | {"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"}
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, env=german)
    assert ended.stdout.splitlines() == [written, "usable"]


def test_a_reopened_chat_loads_no_more(home: Path) -> None:
    store = Store(paths.database())
    chat = store.create_chat("x").result()
    store.add_message(chat, Message("user", "hello")).result()
    store.close()
    settings = Settings()
    settings.set("chat", chat)
    settings.save()
    assert len(loaded_when_usable()) <= MOST_MODULES


# --- a slice at a time -----------------------------------------------------------------------------------------------


@pytest.fixture
def front(qapp: QApplication, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """What takes hold of the whole process is left to a process of its own (test_start.py)."""
    monkeypatch.setattr(crash.CrashReporter, "install", lambda reporter: None)
    monkeypatch.setattr(signals, "SignalListener", lambda *_, **__: None)
    monkeypatch.setattr(application, "Workers", scripted_workers.workers)
    settings = Settings()
    settings.set("stores_offered", True)
    settings.set("motion", False)
    front = Front(qapp, settings)
    yield front
    front.window.close()
    front.window.deleteLater()
    qapp.setStyleSheet("")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def begun(front: Front, qapp: QApplication) -> Iterator[opening.Opening]:
    instance, safe = SingleInstance(), SafeMode()
    yield opening.Opening(qapp, front, instance, safe)
    front.window.close()
    instance.close_door()
    safe.end()


@pytest.mark.parametrize("reopened", [False, True])
def test_what_is_typed_before_the_program_is_there_is_sent_from_where_it_was_typed(
    front: Front, begun: opening.Opening, qtbot: QtBot, reopened: bool
) -> None:
    if reopened:
        store = Store(paths.database())
        front.settings.set("chat", store.create_chat("x").result())
        store.close()
    front.show()
    qtbot.keyClicks(front.page.composer.field, "hel")
    qtbot.wait_until(lambda: begun._seedling is not None, timeout=20_000)
    qtbot.keyClicks(front.page.composer.field, "lo")
    assert begun._seedling is not None
    assert (begun._seedling.chat.current is not None) == reopened
    assert front.page.composer.text() == "hello"
    assert front.page.composer.field.textCursor().atEnd()
    front.window.close()


@pytest.mark.parametrize("after", ["", " wait"])
def test_a_message_is_sent_that_was_to_be_sent_before_the_program_is_there(
    front: Front, begun: opening.Opening, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    """Unless it was written on since."""
    monkeypatch.setattr(application, "Workers", scripted_workers.workers)
    front.settings.set("stores_offered", True)
    front.show()
    qtbot.keyClicks(front.page.composer.field, "hello")
    qtbot.keyClick(front.page.composer.field, Qt.Key.Key_Return)
    qtbot.keyClicks(front.page.composer.field, after)
    qtbot.wait_until(lambda: begun._seedling is not None, timeout=20_000)
    assert begun._seedling is not None
    chat, store = begun._seedling.chat, Store(paths.database())
    if after:
        assert (chat.current, front.page.composer.text()) == (None, "hello wait")
    else:
        qtbot.wait_until(lambda: chat.current is not None and len(store.messages(chat.current)) == 2, timeout=20_000)
        assert store.messages(chat.current or 0)[0].message.content == "hello"
        assert front.page.composer.text() == ""
    store.close()
    front.window.close()


def test_an_installer_can_tell_that_a_window_is_open(
    front: Front, begun: opening.Opening, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks: list[bool] = []
    monkeypatch.setattr(installer_mark, "put_up", lambda: marks.append(front.window.isVisible()))
    front.show()
    qtbot.wait_until(lambda: begun._seedling is not None, timeout=20_000)
    assert marks == [True]
    front.window.close()


def test_the_composer_stays_where_it_is(front: Front, begun: opening.Opening, qtbot: QtBot, qapp: QApplication) -> None:
    front.show()
    front.window.resize(1400, 900)
    front.page.show_panel(True)
    qapp.processEvents()
    assert "panel" not in vars(front.page)
    composer = front.page.composer
    before = composer.mapTo(front.window, composer.rect().topLeft()), composer.size()
    qtbot.wait_until(lambda: begun._seedling is not None, timeout=20_000)
    qtbot.wait(50)
    assert front.page.panel.isVisible()
    assert (composer.mapTo(front.window, composer.rect().topLeft()), composer.size()) == before
    front.window.close()


def test_a_window_closed_while_the_program_comes_leaves_nothing_open(
    front: Front, begun: opening.Opening, qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores: list[Store] = []
    opened_store = Store.open_or_set_aside

    def watched(path: Path) -> Any:
        stores.append(opened_store(path)[0])
        front.window.close()
        return stores[0], None

    monkeypatch.setattr(Store, "open_or_set_aside", watched)
    front.show()
    qtbot.wait_until(lambda: bool(stores), timeout=20_000)
    qtbot.wait(100)
    assert begun._seedling is None
    with pytest.raises(RuntimeError, match="closed"):
        stores[0].rename_chat(1, "x").result()


def test_chats_that_cannot_be_opened_end_the_program_with_a_reason(
    front: Front, begun: opening.Opening, qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def refuse(error: EngineError) -> int:
        said.append(error.code)
        return 1

    def fail(_: Path) -> None:
        raise EngineError("database_newer")

    codes: list[int] = []
    monkeypatch.setattr(qapp, "exit", codes.append)
    monkeypatch.setattr(opening, "refuse", refuse)
    monkeypatch.setattr(Store, "open_or_set_aside", fail)
    front.show()
    qtbot.wait_until(lambda: bool(said), timeout=20_000)
    assert (said, codes) == (["database_newer"], [1])
    assert begun._seedling is None


def test_a_slice_ends_before_the_next_begins(qtbot: QtBot) -> None:
    """A dialog within one turns the event loop."""
    done: list[str] = []

    def work() -> Any:
        done.append("begun")
        qtbot.wait(50)
        done.append("ended")
        yield
        done.append("next")

    Slices(work()).start()
    slices = Slices(work())
    slices.start()
    qtbot.wait_until(lambda: "next" in done)
    assert done == ["begun", "ended", "next"]


def test_work_that_is_stopped_within_a_slice_goes_no_further(qtbot: QtBot) -> None:
    done: list[str] = []

    def work() -> Any:
        slices.stop()
        try:
            yield
            done.append("further")
        finally:
            done.append("tidied")

    slices = Slices(work())
    slices.start()
    qtbot.wait_until(lambda: bool(done))
    qtbot.wait(20)
    assert done == ["tidied"]


# --- pages -----------------------------------------------------------------------------------------------------------


def test_pages_are_made_when_they_are_wanted(desk: Desk) -> None:
    made = desk.seedling._wirings
    assert not made
    desk.window.show_page("training")
    assert set(made) == {"training"}
    assert desk.seedling.training_page.isVisible()
    page = desk.seedling.models_page
    assert set(made) == {"training", "models"}
    assert desk.window.current_page == "training"
    desk.window.show_page("models")
    assert page.isVisible()


def test_a_page_that_cannot_be_made_is_told_and_the_rest_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(training_wiring, "TrainingPage", broken)
        desk.window.show_page("settings")
        desk.window.show_page("training")
        assert desk.window.current_page == "chat"
        assert desk.window.rail.button("chat").isChecked()
        assert "could not be opened" in desk.page.notice.text
    desk.ask_and_wait("hello")
    desk.window.show_page("training")
    assert desk.window.current_page == "training"


def test_a_broken_page_that_was_open_last_does_not_stop_the_start(
    open_desk: Callable[[], Desk], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "settings.json").write_text('{"page": "models"}')
    monkeypatch.setattr(models_wiring, "DiscoverView", None)
    desk = open_desk()
    assert desk.window.current_page == "chat"
    assert "could not be opened" in desk.page.notice.text


def test_a_new_home_is_offered_what_it_may_need_once_the_window_can_be_used(desk: Desk) -> None:
    desk.wait(lambda: desk.seedling._later._stopped)
    assert "first_steps" not in vars(desk.seedling)
    desk.settings.set("stores_offered", False)
    for _ in desk.seedling._rest():
        pass
    assert desk.seedling.first_steps.view.isVisible()
    assert "models" not in desk.seedling._wirings


def test_an_option_that_cannot_be_kept_is_told_without_the_page_of_settings(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Settings) -> None:
        raise EngineError("disk_full", place="settings.json")

    with monkeypatch.context() as patch:
        patch.setattr(Settings, "save", full)
        desk.seedling.actions.run("theme")
        desk.wait_notice("The disk is full")
    assert desk.settings.text("theme") == "system"


def test_a_failed_backup_is_said_on_the_page_that_is_made_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.wait(lambda: not desk.seedling.backing_up.busy)
    desk.seedling.backing_up.problem = EngineError("disk_full", place="backups")
    assert "The disk is full" in desk.seedling.settings_page.notice.text
