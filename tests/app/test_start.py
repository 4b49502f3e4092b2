"""Starting: one window per home, no trouble stops it without a word, and what is damaged is set aside."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import __main__ as program
from app.crash import CrashDialog, CrashReporter
from app.single_instance import SingleInstance
from engine.chat.messages import Message
from engine.chat.store import Store

TESTS = Path(__file__).parent.parent
# A window whose workers follow scripts; prints what a test waits for.
PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
sys.path.append({tests!r})
import scripted_workers
from app import application
from engine.library import models
models.entries = lambda: [models.ModelEntry("starter", Path("/models/{model}.gguf"), "gguf", "llama", True)]
application.Workers = scripted_workers.workers
def banner(self):
    widget = self.window._column.itemAt(0).widget()
    return getattr(widget, "text", "")
start = application.Seedling.start
def begin(self):
    start(self)
    QTimer.singleShot(0, lambda: print("open", self.page.notice.text, banner(self), flush=True))
    self.recovering.came_back.connect(lambda: print("back", len(self.chat.chats), flush=True))
    self.replies.grew.connect(lambda *_: print("grew", flush=True))
    if {question!r}:
        self.page.composer.restore({question!r})
        self.chat.send()
application.Seedling.start = begin
sys.exit(application.run())
"""


class Start:
    """A window in a process of its own."""

    def __init__(self, question: str = "", model: str = "x") -> None:
        program = PROGRAM.format(tests=str(TESTS), question=question, model=model)
        command = [sys.executable, "-c", program]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for(self, word: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(word):
                return line
        raise AssertionError(f"ended without {word}: {self.process.stderr.read() if self.process.stderr else ''}")

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def starts() -> Iterator[list[Start]]:
    starts: list[Start] = []
    yield starts
    for start in starts:
        start.end()


# --- one window ------------------------------------------------------------------------------------------------------


def test_a_second_start_brings_the_first_window_forward(starts: list[Start]) -> None:
    starts.append(Start())
    starts[0].wait_for("open")
    second = Start()
    assert second.process.wait(timeout=20) == 0
    assert second.process.communicate()[0] == ""
    assert starts[0].process.poll() is None


def test_a_lock_dies_with_its_holder(starts: list[Start]) -> None:
    starts.append(Start())
    starts[0].wait_for("open")
    os.kill(starts[0].process.pid, signal.SIGKILL)
    starts[0].process.wait()
    starts.append(Start())
    starts[1].wait_for("open")


def knock() -> subprocess.Popen[bytes]:
    """Another process that knocks at this home, and ends with 0 where it was heard."""
    script = "from app.single_instance import SingleInstance; raise SystemExit(not SingleInstance().knock())"
    return subprocess.Popen([sys.executable, "-c", script])


def test_knocking_is_heard(qtbot: QtBot, home: Path) -> None:
    first, second = SingleInstance(), SingleInstance()
    assert first.acquire()
    assert not second.acquire()
    with qtbot.wait_signal(first.knocked, timeout=20_000), knock() as other:
        qtbot.wait_until(lambda: other.poll() is not None, timeout=20_000)
    assert other.returncode == 0
    first.release()
    assert second.acquire()
    second.release()


# --- killed ----------------------------------------------------------------------------------------------------------


def test_a_killed_window_leaves_no_worker_and_keeps_the_question(starts: list[Start], home: Path) -> None:
    starts.append(Start("do count 100000 5"))
    starts[0].wait_for("grew")
    workers = starts[0].children()
    assert workers
    starts[0].process.kill()
    gone, alive = psutil.wait_procs(workers, timeout=10)
    assert (len(gone), alive) == (len(workers), [])
    store = Store(home / "seedling.db")
    question, reply = store.messages(store.chats()[0].id)
    assert question.message.content == "do count 100000 5"
    assert reply.state == "interrupted"
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_end_it_closes_in_good_order(starts: list[Start], home: Path, number: int) -> None:
    starts.append(Start("do count 100000 5"))
    starts[0].wait_for("grew")
    starts[0].process.send_signal(number)
    assert starts[0].process.wait(timeout=20) == 0
    assert (home / "settings.json").exists()
    with sqlite3.connect(home / "seedling.db") as connection:  # not the store, which would mark it at its start
        assert connection.execute("SELECT state FROM messages ORDER BY id").fetchall() == [("done",), ("interrupted",)]
    connection.close()


def test_killed_while_a_model_is_loaded_it_says_so_and_loads_none(starts: list[Start], home: Path) -> None:
    starts.append(Start(model="slow"))
    starts[0].wait_for("open")
    note, end = home / "window.run", time.monotonic() + 20
    while "starter" not in note.read_text():
        assert time.monotonic() < end
        time.sleep(0.01)
    starts[0].end()
    starts.append(Start(model="slow"))
    assert "while starter was being loaded" in starts[1].wait_for("open")
    assert starts[1].children() == []


# --- it always starts ------------------------------------------------------------------------------------------------


def test_a_damaged_database_is_set_aside_and_said_so(starts: list[Start], home: Path) -> None:
    (home / "seedling.db").write_bytes(b"\0" * 65_536)
    starts.append(Start())
    line = starts[0].wait_for("open")
    (aside,) = [path for path in home.iterdir() if "damaged" in path.name and path.suffix == ".db"]
    assert aside.read_bytes() == b"\0" * 65_536
    assert aside.name in line


def test_what_can_be_read_of_a_damaged_database_comes_back(starts: list[Start], home: Path) -> None:
    store = Store(home / "seedling.db")
    for title in ("one", "two", "three"):
        store.add_message(store.create_chat(title).result(), Message("user", f"about {title}")).result()
    store.close()
    content = (home / "seedling.db").read_bytes()
    (home / "seedling.db").write_bytes(b"\0" * 4096 + content[4096:])
    starts.append(Start())
    assert starts[0].wait_for("back") == "back 3\n"


@pytest.mark.parametrize("content", [b"\0" * 4096, b"[1]", b'{"theme": 7, "chat": "x", "window_geometry": []}', b""])
def test_broken_settings_do_not_stop_it(starts: list[Start], home: Path, content: bytes) -> None:
    (home / "settings.json").write_bytes(content)
    starts.append(Start())
    starts[0].wait_for("open")


def test_the_chats_of_a_newer_seedling_are_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(home / "seedling.db")
    store.add_message(store.create_chat("x").result(), Message("user", "hello")).result()
    store.close()
    import apsw

    connection = apsw.Connection(str(home / "seedling.db"))
    connection.execute("INSERT INTO migrations (name) VALUES ('m999_from_the_future')")
    connection.close()
    script = "from PySide6.QtWidgets import QMessageBox; QMessageBox.exec = lambda box: print(box.text());" + (
        "from app.application import run; raise SystemExit(run())"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("seedling: ")
    assert ended.stdout.strip() in ended.stderr


# --- the program file ------------------------------------------------------------------------------------------------


def test_arguments_are_for_the_engine(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["--help"])
    assert ended.value.code == 0
    assert "chat" in capsys.readouterr().out


def test_the_hidden_switch_runs_a_worker() -> None:
    command = [sys.executable, "-m", "app", "--worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write('{"id": 1, "job": "nothing", "params": {}}\n')
        worker.stdin.flush()
        assert '"unknown_job"' in worker.stdout.readline()
        worker.stdin.close()
    assert worker.returncode == 0


def test_a_program_without_streams_gets_some(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    program._install_streams()
    assert sys.stdin is not None
    opened = [sys.stdin, sys.stdout, sys.stderr]
    print("into the void")
    print("into the void", file=sys.stderr)
    for stream in opened:
        stream.close()


# --- bugs of ours ----------------------------------------------------------------------------------------------------


def test_a_bug_is_shown_once_as_plain_text_and_the_window_lives_on(
    qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(CrashDialog, "exec", lambda dialog: shown.append(dialog._report))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    reporter = CrashReporter()
    reporter.install()
    try:
        raise ZeroDivisionError("<b>by zero</b>")
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    qtbot.wait_until(lambda: bool(shown))
    assert "ZeroDivisionError: <b>by zero</b>" in shown[0]
    assert "Python" in shown[0]
    assert "test_start.py" in shown[0]
