"""What a text can never do to the transcript: load, open, run, break it."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QImage,
    QTextDocument,
)
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from transcript_views import blocks, click_link, longest_block, texts

from app.chat import transcript
from app.chat.transcript import Transcript
from app.messages import Notice

# --- what a text can never do ----------------------------------------------------------------------------------------

HOSTILE = (
    "![a](//127.0.0.1/share/x.png) ![b](file://{path}) ![c]({path}) ![d](https://e.org/x.png) ![e][r]\n\n"
    '<img src="{path}"> <img src="file://{path}">\n\n<link rel=stylesheet href="{path}">\n\n<style>@import "{path}";'
    "</style>\n\n<table background='{path}'><tr><td>x</table>\n\n[r]: {path}\n\n| ![f]({path}) |\n|---|\n"
    "| <img src='{path}'> |\n\n```html\n<img src='{path}'>\n```\n"
)


def test_no_resource_is_ever_loaded(view: Transcript, tmp_path: Path) -> None:
    picture = tmp_path / "x.png"
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    assert image.save(str(picture))
    for name in (str(picture), QUrl.fromLocalFile(str(picture)), QUrl(str(picture)), "//127.0.0.1/share/x.png"):
        for kind in QTextDocument.ResourceType:
            resource = view.loadResource(kind.value, name)
            assert isinstance(resource, QImage)
            assert resource.isNull()
        through_qt = view.document().resource(QTextDocument.ResourceType.ImageResource.value, QUrl(name))
        assert not isinstance(through_qt, QImage) or through_qt.isNull()


def test_nothing_a_model_wrote_is_an_image_or_html(view: Transcript, tmp_path: Path) -> None:
    text = HOSTILE.format(path=tmp_path / "x.png")
    view.add_message(1, "assistant", text, "<img src='/x'>")
    view.add_message(2, "user", text)
    view.add_message(3, "<img src='/x'>", "a")
    view.show_failure(Notice(text))
    view.settle()
    content = "".join(block.text() for block in blocks(view))
    assert "\ufffc" not in content
    assert content.count(str(tmp_path)) > 10
    for block in blocks(view):
        iterator = block.begin()
        while not iterator.atEnd():
            assert not iterator.fragment().charFormat().isImageFormat()
            iterator += 1


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_nothing_is_opened_because_of_a_text(tmp_path: Path) -> None:
    """The system's own account of every file that was opened and every address that was called."""
    canary = tmp_path / "canary-7f3a.png"
    canary.write_bytes(b"x")
    text = tmp_path / "text.md"
    text.write_text(HOSTILE.format(path=canary))
    program = (
        "import sys; from PySide6.QtWidgets import QApplication; from app.chat.transcript import Transcript\n"
        "app = QApplication([]); view = Transcript(); view.resize(600, 900); view.show()\n"
        "text = open(sys.argv[1]).read(); view.add_message(1, 'assistant', text); view.add_message(2, 'user', text)\n"
        "view.settle(); view.grab(); view.selectAll(); view.copy(); app.processEvents()"
    )
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-e", "trace=open,openat,stat,connect", "-o", str(trace), sys.executable, "-c", program]
    subprocess.run([*command, str(text)], check=True, timeout=120, cwd=Path(transcript.__file__).parents[2])
    calls = trace.read_text(errors="replace")
    assert "text.md" in calls
    assert "canary-7f3a" not in calls
    assert "127.0.0.1" not in calls


def test_links_are_only_announced(qtbot: QtBot, view: Transcript, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(url: QUrl) -> bool:
        raise AssertionError(url)

    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", opened)
    view.add_message(1, "assistant", "[web](https://example.org/a?b=1&c=%20) [mail](mailto:a@example.org)")
    view.settle()
    for name, address in (("web", "https://example.org/a?b=1&c=%20"), ("mail", "mailto:a@example.org")):
        with qtbot.waitSignal(view.link_activated) as activated:
            click_link(view, name)
        assert activated.args == [address]
    assert view.source().isEmpty()


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "//h/s", "/etc/passwd", "ftp://h/x", "qrc:/x", "smb://h/x", "x"]
)
def test_other_addresses_are_inert(qtbot: QtBot, view: Transcript, address: str) -> None:
    with qtbot.assertNotEmitted(view.link_activated):
        view.anchorClicked.emit(QUrl(address))
    assert view.source().isEmpty()
    assert not view.openLinks()


def test_nothing_can_be_dropped_or_written(view: Transcript) -> None:
    assert not view.acceptDrops()
    assert not view.viewport().acceptDrops()
    assert not view.canInsertFromMimeData(QMimeData())
    before = view.toPlainText()
    view.setFocus()
    QTest.keyClicks(view, "abc")
    assert view.toPlainText() == before
    assert view.isReadOnly()


@pytest.mark.parametrize(
    "unit", ["A", " ", "\n", "中", "👩‍👧", "ا", "z\u0335\u0321", "\0", "\ud800", "*", "[", "`", "> ", "- "]
)
def test_anything_can_be_pasted(view: Transcript, unit: str) -> None:
    text = unit * (30_000 // len(unit))
    view.add_message(1, "user", text)
    view.begin_message(2, "assistant")
    view.append(text)
    view.end_message()
    view.settle()
    assert longest_block(view) <= 4002
    assert view.message_text(1) == text


def at_any_time(view: Transcript, act: Callable[[], None]) -> None:
    """Do something in every state: empty, waiting, laid out, streaming, ended."""
    act()
    view.add_message(1, "user", "a")
    act()
    view.settle()
    view.begin_message(2, "assistant")
    act()
    view.append("```python\nx")
    act()
    view.append("\n```\n\n| a |\n|--|\n| 1 |\n")
    act()
    view.end_message()
    act()


@pytest.mark.parametrize("act", ["style", "resize", "find", "failure", "statistics", "hand", "paint", "copy"])
def test_nothing_breaks_in_any_state(view: Transcript, act: str) -> None:
    acts: dict[str, Callable[[], object]] = {
        "style": lambda: view.changeEvent(QEvent(QEvent.Type.PaletteChange)),
        "resize": lambda: view.resize(random.randint(50, 900), random.randint(50, 900)),
        "find": lambda: view.find("x"),
        "failure": lambda: view.show_failure(random.choice([None, Notice("long words " * random.randint(1, 50))])),
        "statistics": lambda: view.set_statistics_shown(random.random() < 0.5),
        "hand": lambda: QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier),
        "paint": view.grab,
        "copy": view.selectAll,
    }

    def do() -> None:
        acts[act]()

    at_any_time(view, do)
    view.settle()
    assert texts(view, "text", "code", "cell") == ["a", "x", "a", "1"]


def test_interval_is_within_what_was_promised() -> None:
    assert 30 <= transcript.INTERVAL <= 50
