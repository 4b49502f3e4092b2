"""What a Linux desktop must provide before Qt may start: libraries and a display.

Qt aborts the process where one is missing. We look first, so that a person reads which package to install.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping

# Library -> Debian package. First what PySide6's QtGui itself links, then what its xcb plugin links beyond that.
GUI_LIBRARIES: Mapping[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
XCB_LIBRARIES: Mapping[str, str] = {
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WAYLAND_LIBRARIES: Mapping[str, str] = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}


def missing() -> list[tuple[str, str]]:
    """(library, Debian package) of what the window would need here and is not installed; empty off Linux."""
    if sys.platform != "linux":
        return []
    needed = {"xcb": XCB_LIBRARIES, "wayland": WAYLAND_LIBRARIES}.get(_platform_plugin(), {})
    return [(library, package) for library, package in {**GUI_LIBRARIES, **needed}.items() if not _loads(library)]


def has_display() -> bool:
    """Whether a window could appear: on Linux, whether a display server is named and answers."""
    return sys.platform != "linux" or _platform_plugin() != ""


def problem() -> str | None:
    """One sentence about why the window cannot open here, or None."""
    if not has_display():
        return "There is no display to open a window on; `seedling chat` talks in the terminal."
    libraries = missing()
    if libraries:
        names = " ".join(sorted({package for _, package in libraries}))
        return f"The window needs libraries that are not installed: on Debian or Ubuntu, sudo apt install {names}"
    return None


def _platform_plugin() -> str:
    """Which Qt platform plugin will be used: its name, or "" where there is none to use."""
    asked = os.environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if asked == "xcb" or (not asked and os.environ.get("DISPLAY")):
        if _x11_answers():
            return "xcb"
        if asked:
            return ""
    return asked or ("wayland" if _wayland_answers() else "")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _x11_answers() -> bool:
    """Connect once, as Qt would, which aborts the process where no server answers."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return bool(os.environ.get("DISPLAY"))  # `missing` names the library
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = xcb.xcb_connection_has_error(connection) != 0
    xcb.xcb_disconnect(connection)
    return not refused


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    if not name:
        return False
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), name))
    except OSError:
        return False
    return True
