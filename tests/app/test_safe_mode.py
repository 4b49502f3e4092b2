"""After a start that ended badly comes one that opens and loads nothing by itself; after any other end, a usual one."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot
from starts import DEAD, Starts, note_of_last_run

from app import safe_mode
from app.last_run import Cause, LastRun, Run, cause
from app.safe_mode import SafeMode
from engine import files
from engine.chat.messages import Message
from engine.chat.store import Store
from engine.settings import Settings

SEGFAULT = "import os; from app.application import Seedling; Seedling.start = lambda self: os.kill(os.getpid(), 11)"


@pytest.fixture(scope="module")
def start() -> Iterator[Starts]:
    starts = Starts()
    yield starts
    starts.close()


@pytest.fixture
def chat(home: Path) -> int:
    """The one that was open last, in a window that was dark and large."""
    store = Store(home / "seedling.db")
    id = store.create_chat("The last chat").result()
    store.add_message(id, Message("user", "hello")).result()
    store.close()
    (home / "settings.json").write_text(json.dumps({"chat": id, "theme": "dark", "font_percent": 150}))
    return id


# --- the table -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "asked", "expected"),
    [
        (None, False, None),
        (None, True, Cause.ASKED),
        (Run(1), False, Cause.START),
        (Run(1, deaths=3), False, Cause.START),
        (Run(1, "settled"), False, None),
        (Run(1, "settled"), True, Cause.ASKED),
        (Run(1, "settled", deaths=1), False, Cause.TWICE),
        (Run(1, "settled", deaths=2), False, Cause.TWICE),
        (Run(1, "settled", ("a",)), False, Cause.LOADING),
        (Run(1, "settled", ("a",), 1), False, Cause.LOADING),
        (Run(1, "starting", ("a",)), False, Cause.LOADING),
        (Run(1, "starting", ("a",)), True, Cause.ASKED),
    ],
)
def test_how_the_run_before_ended_decides(last: Run | None, asked: bool, expected: Cause | None) -> None:
    assert cause(last, asked) is expected


# --- the note --------------------------------------------------------------------------------------------------------


@pytest.fixture
def note(home: Path) -> Path:
    return home / "window.run"


def after_a_kill(note: Path) -> Run | None:
    """What the next start would find."""
    return LastRun(note).last


def test_every_step_of_a_run_can_be_told_from_what_it_leaves(note: Path) -> None:
    run = LastRun(note)
    assert run.last is None
    steps = []
    for step in (run.begin, run.settle, lambda: run.load("big"), lambda: run.load("small")):
        step()
        run.flush()
        steps.append(cause(after_a_kill(note)))
    assert steps == [Cause.START, None, Cause.LOADING, Cause.LOADING]
    run.loaded("big")
    run.flush()
    left = after_a_kill(note)
    assert left is not None
    assert (cause(left), left.loading) == (Cause.LOADING, ("small",))
    run.loaded("small")
    run.loaded("never begun")
    run.flush()
    assert cause(after_a_kill(note)) is None
    run.end()
    assert not note.exists()
    run.settle()  # what comes after the end is not noted
    assert not note.exists()


def test_deaths_in_a_row_are_counted_and_a_good_end_forgets_them(note: Path) -> None:
    for deaths in range(3):
        run = LastRun(note)
        run.begin()
        run.settle()
        run.flush()
        left = after_a_kill(note)
        assert left is not None
        assert left.deaths == deaths
        assert cause(left) is (Cause.TWICE if deaths else None)
    LastRun(note).end()
    run = LastRun(note)
    run.begin()
    run.settle()
    run.flush()
    assert cause(after_a_kill(note)) is None


def test_a_start_that_is_refused_leaves_what_it_found(note: Path, home: Path) -> None:
    run = LastRun(note)
    run.begin()
    run.refuse()
    assert not note.exists()
    note_of_last_run(home, "settled", ("big",), 2)
    before = LastRun(note).last
    run = LastRun(note)
    run.begin()
    run.refuse()
    assert LastRun(note).last == before == Run(DEAD, "settled", ("big",), 2)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\0" * 40, b"[]", b"null", b'{"pid": 1}', b"{" * 10_000, b"\xff\xff", b'"starting"',
        b'{"pid": true, "phase": "starting", "loading": [], "deaths": 0}',
        b'{"pid": 1, "phase": "starting", "loading": [3], "deaths": 0}',
        b'{"pid": 1, "phase": "starting", "loading": "x", "deaths": 0}',
        b'{"pid": 1, "phase": "starting", "loading": [], "deaths": -1}',
        b'{"pid": 1, "phase": ["starting"], "loading": [], "deaths": 1e999}',
    ],
)  # fmt: skip
def test_a_note_that_says_nothing_we_know_is_none(note: Path, content: bytes) -> None:
    note.write_bytes(content)
    run = LastRun(note)
    assert run.last is None
    run.begin()
    run.end()
    assert not note.exists()


def test_a_disk_that_refuses_the_note_stops_nothing(note: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_json", full)
    run = LastRun(note)
    run.begin()
    run.load("big")
    run.flush()
    run.end()
    assert not note.exists()


def test_a_long_name_is_cut_in_the_note_and_still_forgotten(note: Path) -> None:
    run = LastRun(note)
    run.begin()
    run.settle()
    run.load("x" * 100_000)
    run.flush()
    assert note.stat().st_size < 1000
    run.loaded("x" * 100_000)
    run.flush()
    assert cause(after_a_kill(note)) is None
    run.end()


# --- what a run notes ------------------------------------------------------------------------------------------------


class Loader(QObject):
    """What is heard of a client."""

    loading, load_ended = Signal(dict), Signal(dict)


def test_a_window_that_stood_for_a_while_has_started(qtbot: QtBot, note: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_mode, "SETTLE_S", 0)
    safe = SafeMode()
    safe._run.flush()
    assert cause(after_a_kill(note)) is Cause.START
    safe.usable()
    qtbot.wait_until(lambda: cause(after_a_kill(note)) is None)
    safe.end()


def test_models_are_noted_by_name_while_they_are_loaded(qtbot: QtBot, note: Path) -> None:
    safe, clients = SafeMode(), [Loader(), Loader()]
    safe.watch(clients, lambda path: f"the {path}")  # type: ignore[arg-type]
    clients[0].loading.emit({"model": "big"})
    clients[1].loading.emit({"model": "small"})
    safe._run.flush()
    left = after_a_kill(note)
    assert left is not None
    assert left.loading == ("the big", "the small")
    clients[0].load_ended.emit({"model": "big"})
    clients[1].load_ended.emit({"model": "small"})
    safe._run.flush()
    left = after_a_kill(note)
    assert left is not None
    assert left.loading == ()
    safe.end()


# --- what a safe start leaves out, and gives back --------------------------------------------------------------------


def check_that_nothing_is_opened(start: Starts, home: Path, without: str = "") -> None:
    said = start(home, before=without)
    assert not said["bug"], said["bug"]
    assert said["banner"]
    assert (said["jobs"], said["chat"], said["theme"], said["font"]) == ([], None, "system", 100)
    assert said["offers"] == ["start_as_usual", "open_last_chat", "report"]


def test_a_safe_start_opens_and_loads_nothing_and_changes_no_setting(start: Starts, home: Path, chat: int) -> None:
    note_of_last_run(home, "starting")
    check_that_nothing_is_opened(start, home)
    kept = json.loads((home / "settings.json").read_text())
    assert {name: kept[name] for name in ("chat", "theme", "font_percent")} == {
        "chat": chat, "theme": "dark", "font_percent": 150
    }  # fmt: skip
    usual = start(home)
    assert (usual["banner"], usual["chat"], usual["theme"], usual["font"]) == ("", chat, "dark", 150)
    assert "load" in usual["jobs"]


@pytest.mark.parametrize(
    "without",
    [
        "from app.safe_mode import SafeMode; SafeMode.hold = lambda self, settings: None",
        "from engine.settings import Settings; Settings.hold = lambda self, names: None",
        "from app import safe_mode; safe_mode.HELD = ('theme', 'font_percent')",
        "from app import safe_mode; safe_mode.cause = lambda last, asked: None",
        "from app import application as a; make = a.Seedling; "
        "a.Seedling = lambda *given, safely: make(*given, safely=False)",
    ],
)
def test_each_part_of_it_is_missed(start: Starts, home: Path, chat: int, without: str) -> None:
    note_of_last_run(home, "starting")
    with pytest.raises(AssertionError):
        check_that_nothing_is_opened(start, home, without)


def test_start_as_usual_does_what_was_left_out(start: Starts, home: Path, chat: int) -> None:
    note_of_last_run(home, "settled", ("big",))
    said = start(home, then=["start_as_usual"])
    assert said["first"]["jobs"] == []
    assert "big" in said["first"]["banner"]
    assert (said["banner"], said["chat"], said["theme"], said["font"]) == ("", chat, "dark", 150)
    assert "load" in said["jobs"]
    assert json.loads((home / "settings.json").read_text())["chat"] == chat


def test_the_last_chat_can_be_opened_alone(start: Starts, home: Path, chat: int) -> None:
    note_of_last_run(home, "starting")
    said = start(home, then=["open_last_chat"])
    assert (said["chat"], said["theme"], said["jobs"]) == (chat, "system", [])
    assert said["offers"] == ["start_as_usual", "report"]
    assert said["banner"] == said["first"]["banner"] != ""
    assert json.loads((home / "settings.json").read_text())["theme"] == "dark"


def test_it_can_be_asked_for(start: Starts, home: Path, chat: int) -> None:
    said = start(home, arguments=["--safe"])
    assert "As you asked" in said["banner"]
    assert (said["jobs"], said["chat"]) == ([], None)


def test_shift_asks_for_it_too(start: Starts, home: Path) -> None:
    held = "from PySide6.QtCore import Qt; from PySide6.QtGui import QGuiApplication as Q; "
    held += "Q.queryKeyboardModifiers = staticmethod(lambda: Qt.KeyboardModifier.ShiftModifier)"
    assert "As you asked" in start(home, before=held)["banner"]


def test_a_damaged_database_is_left_until_the_person_wants_it(start: Starts, home: Path, chat: int) -> None:
    """What brings rows back may be what ended the start."""
    content = bytearray((home / "seedling.db").read_bytes())
    content[100:4096] = bytes(3996)
    (home / "seedling.db").write_bytes(content)
    note_of_last_run(home, "starting")
    said = start(home, then=["start_as_usual"])
    assert "damaged" not in said["first"]["notice"]
    assert "damaged" in said["notice"] or said["chats"]


def test_without_a_last_chat_none_is_offered(start: Starts, home: Path) -> None:
    note_of_last_run(home, "starting")
    assert start(home)["offers"] == ["start_as_usual", "report"]


# --- crashes ---------------------------------------------------------------------------------------------------------


def test_a_native_crash_at_the_start_is_followed_by_a_safe_one_with_its_report(
    start: Starts, home: Path, chat: int
) -> None:
    assert not start(home, before=SEGFAULT)["shown"]
    said = start(home)
    assert "while it was starting" in said["banner"]
    assert (said["jobs"], said["chat"]) == ([], None)
    assert said["offers"] == ["start_as_usual", "open_last_chat", "report", "copy"]
    assert "Segmentation fault" in said["details"]
    assert "opening.py" in said["details"]
    again = start(home)
    assert (again["banner"], again["chat"]) == ("", chat)
    assert "load" in again["jobs"]


def test_a_crash_loop_ends_at_the_second_start(start: Starts, home: Path, chat: int) -> None:
    """What crashes is what a safe start leaves out."""
    opens = "import os; from app.chat.controller import ChatController as C; "
    opens += "C.open_chat = lambda self, chat: os.kill(os.getpid(), 6)"
    assert not start(home, before=opens)["shown"]
    said = start(home, before=opens)
    assert said["shown"]
    assert "Aborted" in said["details"]


def test_a_bug_of_ours_at_the_start_is_shown_and_the_next_start_is_safe(start: Starts, home: Path) -> None:
    bug = "from app.application import Seedling; Seedling.start = lambda self: 1 / 0"
    said = start(home, before=bug)
    assert said["code"] == 1
    assert "ZeroDivisionError" in said["bug"]
    assert "while it was starting" in start(home)["banner"]


def test_a_crash_after_start_as_usual_is_one_of_the_start(start: Starts, home: Path, chat: int) -> None:
    note_of_last_run(home, "settled", ("big",))
    takes_up = "import os; from app.application import Seedling; "
    takes_up += "Seedling.start_as_usual = lambda self: os.kill(os.getpid(), 11)"
    assert "bug" in start(home, before=takes_up, then=["start_as_usual"])
    assert "while it was starting" in start(home)["banner"]


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL])
def test_what_was_done_then_is_kept_for_every_signal_of_a_crash(start: Starts, home: Path, number: int) -> None:
    start(home, before=SEGFAULT.replace("11", str(int(number))))
    said = start(home)
    assert "Fatal Python error" in said["details"]


def test_a_kill_from_outside_leaves_no_report(start: Starts, home: Path) -> None:
    start(home, before=SEGFAULT.replace("11", "9"))
    said = start(home)
    assert "copy" not in said["offers"]
    assert not list((home / "logs").glob("crash-*"))


def test_settings_that_are_held_come_back(home: Path) -> None:
    settings = Settings()
    settings.set("theme", "dark")
    settings.set("page", "models")
    settings.hold(["theme", "page", "chat"])
    assert (settings.text("theme"), settings.text("page")) == ("system", "chat")
    settings.save()
    assert Settings().text("theme") == "dark"
    settings.set("page", "training")  # the person, or the window at its end
    settings.save()
    assert (Settings().text("page"), Settings().text("theme")) == ("training", "dark")
    assert settings.release("theme") == ["theme"]
    assert settings.text("theme") == "dark"
    assert settings.release() == []
    assert settings.text("page") == "training"
