"""What a desktop must have: every missing library is named by its package, and nothing reaches Qt's abort."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from engine import desktop_libraries
from engine.desktop_libraries import GUI_LIBRARIES, XCB_LIBRARIES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_display_the_terminal_is_named() -> None:
    sentence = desktop_libraries.problem()
    assert sentence is not None
    assert "seedling chat" in sentence


def test_a_display_that_does_not_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    assert not desktop_libraries.has_display()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-4711")
    assert not desktop_libraries.has_display()


def test_a_wayland_server_that_answers_is_a_display(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        server.listen()
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
        assert desktop_libraries.has_display()


def test_qt_without_a_screen_needs_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert desktop_libraries.has_display()
    assert desktop_libraries.missing() == []


@pytest.mark.parametrize(("library", "package"), [*GUI_LIBRARIES.items(), *XCB_LIBRARIES.items()])
def test_a_missing_library_is_named_by_its_package(monkeypatch: pytest.MonkeyPatch, library: str, package: str) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(desktop_libraries, "_x11_answers", lambda: True)
    monkeypatch.setattr(desktop_libraries, "_loads", lambda name: name != library)
    assert desktop_libraries.missing() == [(library, package)]
    sentence = desktop_libraries.problem()
    assert sentence is not None
    assert sentence.endswith(f"apt install {package}")


def test_the_table_covers_what_qt_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything outside that libqxcb and QtGui need is in the table, or comes with what is, or with any system."""
    import PySide6

    qt = Path(PySide6.__file__).parent / "Qt"
    plugins = [qt / "plugins/platforms/libqxcb.so", qt / "lib/libQt6Gui.so.6", qt / "lib/libQt6Widgets.so.6"]
    needed: set[str] = set()
    for file in [*plugins, qt / "lib/libQt6XcbQpa.so.6", qt / "lib/libQt6DBus.so.6"]:
        output = subprocess.run(["readelf", "-d", str(file)], capture_output=True, text=True, check=False).stdout
        needed |= {line.split("[")[1].rstrip("]") for line in output.splitlines() if "(NEEDED)" in line}
    if not needed:
        pytest.skip("readelf is not installed")
    ours = {name for name in needed if name.startswith(("libQt6", "libicu"))}
    system = (
        "libc.so",
        "libm.so",
        "libdl.so",
        "librt.so",
        "libpthread.so",
        "libstdc++",
        "libgcc_s",
        "ld-linux",
        "libz.so",
    )
    carried = {"libGLX.so.0", "libGLdispatch.so.0", "libOpenGL.so.0", "libgthread-2.0.so.0"}  # by libgl1, libglib2.0-0
    outside = {name for name in needed - ours - carried if not name.startswith(system)}
    assert outside <= set(GUI_LIBRARIES) | set(XCB_LIBRARIES)


def run_window(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "QT_QPA_PLATFORM")}
    command = [sys.executable, "-m", "app"]
    return subprocess.run(command, env=kept | environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ":4711"}, {"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":4711"}])
def test_the_window_says_in_one_line_that_there_is_no_display(environment: dict[str, str]) -> None:
    ended = run_window(**environment)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert "seedling chat" in ended.stderr
