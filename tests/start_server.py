"""Starts Seedling's window again and again from one process that has imported it: `python start_server.py`.

A request is a JSON line: {"environment": {…}, "disk": "" | "full" | "read_only", "before": Python, "arguments": […],
"choose": the button of a dialog, "then": the remedies to choose, one after another}. The answer is a JSON line: what
the window showed and said, `jobs` that it asked its workers for, and how it ended. No worker runs.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QDialog, QMessageBox, QPlainTextEdit, QPushButton

from app import __main__ as program
from app.application import Seedling
from app.crash import CrashDialog
from app.engine_client import EngineClient, JobHandle
from app.messages import Remedy, label
from app.widgets.notice_bar import NoticeBar

PATIENCE_S = 60
_NEW_MOUNTS, _NEW_USER = 0x20000, 0x10000000  # linux/sched.h
_READ_ONLY, _REMOUNT, _BIND = 1, 32, 4096  # linux/mount.h
_FULL_BYTES = 4_000_000


def main() -> None:
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            with os.fdopen(writer, "w") as answer:
                json.dump(start(json.loads(line)), answer)
            os._exit(0)
        os.close(writer)
        print(_answer(child, reader), flush=True)


def _answer(child: int, reader: int) -> str:
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(PATIENCE_S)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    signal.alarm(0)
    return text or json.dumps({"shown": False, "bug": "it hung, or was killed"})


def start(request: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"shown": False, "dialogs": [], "jobs": [], "bug": "", "banner": "", "notice": ""}
    for name, value in request.get("environment", {}).items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    _watch_dialogs(said, request.get("choose", ""))

    def submit(client: EngineClient, job: str, params: dict[str, Any]) -> JobHandle:
        said["jobs"].append(job)
        return JobHandle(client, 0, job, params)

    EngineClient.submit = submit  # type: ignore[method-assign]
    output = io.StringIO()
    began = time.monotonic()
    try:
        spoil(request.get("disk", ""))
        exec(request.get("before", ""), {})
        _observe(said, request.get("then", []), began)
        with contextlib.redirect_stderr(output):
            said["code"] = program.main(request.get("arguments", []))
    except BaseException:
        said["bug"] = traceback.format_exc()
    said["stderr"] = output.getvalue()
    return said


def _watch_dialogs(said: dict[str, Any], choice: str) -> None:
    def read(dialog: QDialog) -> int:
        if isinstance(dialog, CrashDialog):
            said["bug"] = dialog.findChild(QPlainTextEdit).toPlainText()
        said["dialogs"].append(getattr(dialog, "text", dialog.windowTitle)())
        return 0

    def chosen(box: QMessageBox) -> QAbstractButton | None:
        return next((button for button in box.buttons() if button.text() == choice), None)

    QDialog.exec = read  # type: ignore[method-assign]
    QMessageBox.exec = read  # type: ignore[method-assign]
    QMessageBox.clickedButton = chosen  # type: ignore[method-assign]


def _observe(said: dict[str, Any], then: list[str], began: float) -> None:
    start = Seedling.start

    def stands(seedling: Seedling) -> None:
        start(seedling)
        timer = QTimer(seedling, interval=10)
        remedies = [Remedy(name) for name in then]

        def look() -> None:
            if seedling.chat.models._first:  # what is to be loaded unasked is not decided yet
                return
            said.setdefault("seconds", time.monotonic() - began)
            _look(seedling, said)
            if remedies:
                said.setdefault("first", json.loads(json.dumps(said)))
                _press(seedling, remedies.pop(0))
            else:
                timer.stop()
                seedling.end()

        timer.timeout.connect(look)
        timer.start()

    Seedling.start = stands  # type: ignore[method-assign]


def _press(seedling: Seedling, remedy: Remedy) -> None:
    bar = _bar(seedling)
    assert bar is not None
    (button,) = [each for each in bar.findChildren(QPushButton) if each.text() == label(remedy) and each.isVisible()]
    button.click()


def _bar(seedling: Seedling) -> NoticeBar | None:
    """What stands above the pages."""
    item = seedling.window._column.itemAt(0)
    return item.widget() if item is not None and isinstance(item.widget(), NoticeBar) else None


def _look(seedling: Seedling, said: dict[str, Any]) -> None:
    bar, settings = _bar(seedling), seedling.options.settings
    said |= {
        "shown": seedling.window.isVisible(),
        "banner": bar.text if bar is not None else "",
        "offers": [remedy.value for remedy in bar._notice.remedies] if bar is not None else [],
        "details": bar._notice.details if bar is not None else "",
        "notice": seedling.page.notice.text,
        "chat": seedling.chat.current,
        "chats": [chat.title for chat in seedling.chat.chats],
        "theme": settings.text("theme"),
        "font": settings.number("font_percent"),
    }


def spoil(how: str) -> None:
    """Have the home on a disk of its own that is full, or write-protected; this process alone sees it."""
    if not how:
        return
    home = Path(os.environ["SEEDLING_HOME"])
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NEW_MOUNTS | _NEW_USER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    place = os.fsencode(home)
    if how == "read_only":
        _call("mount", place, place, None, _BIND, None)
        _call("mount", None, place, None, _REMOUNT | _BIND | _READ_ONLY, None)
        return
    with tempfile.TemporaryDirectory() as kept:
        shutil.copytree(home, kept, dirs_exist_ok=True)
        _call("mount", b"tmpfs", place, b"tmpfs", 0, b"size=%d" % _FULL_BYTES)
        shutil.copytree(kept, home, dirs_exist_ok=True)
    with open(home / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(b"x" * 512):
            pass


def _call(name: str, *arguments: Any) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main()
