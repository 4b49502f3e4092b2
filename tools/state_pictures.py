"""Take a picture of every state of the training page, the page of servers, and chats with them, to be looked at: in
two sizes, light and dark. Needs no screen.

    python tools/state_pictures.py [OUT] [WORD ...]

They lie in `build/states` by default. WORD: only of states whose names hold one of them. The states are those that
tests check (`tests/window_states.py`), with the workers that follow a script.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import scripted_workers  # noqa: E402
from PySide6.QtCore import QCoreApplication, QEvent  # noqa: E402  # after the platform is chosen
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402
from training_states import training_states  # noqa: E402
from window_states import server_states, servers_page_states  # noqa: E402

from app.application import Seedling  # noqa: E402
from engine import paths  # noqa: E402
from engine.chat.store import Store  # noqa: E402
from engine.settings import Settings  # noqa: E402

SIZES = ((800, 600), (1920, 1080))
THEMES = ("light", "dark")
SECONDS = 60  # the longest a state may take to come about


class Desk:
    """As much of the tests' desk as the states need."""

    def __init__(self, application: QApplication, theme: str) -> None:
        settings = Settings()
        settings.set("theme", theme)
        settings.set("motion", False)
        settings.set("stores_offered", True)
        self.seedling = Seedling(application, Store(paths.database()), settings, scripted_workers.workers())
        self.window, self.qtbot = self.seedling.window, self
        self.page, self.chat = self.seedling.page, self.seedling.chat
        self.seedling.start()

    def wait(self, what: int | Callable[[], object]) -> None:
        """So many milliseconds, or until this holds."""
        began = time.monotonic()
        while time.monotonic() - began < what / 1000 if isinstance(what, int) else not what():
            if time.monotonic() - began > SECONDS:
                raise TimeoutError
            QCoreApplication.processEvents()
            time.sleep(0.002)

    def take(self, widget: QWidget, name: str, out: Path) -> None:
        """A dialog has its own size; the window is taken in each."""
        for width, height in SIZES if widget is self.window else (SIZES[0],):
            if widget is self.window:
                self.window.resize(width, height)
            self.wait(400)
            for _ in range(10):  # what one layout moves may move others
                QCoreApplication.sendPostedEvents()
                QCoreApplication.processEvents()
            if not widget.grab().save(str(out / f"{name} {width}.png")):
                raise OSError(f"{out} cannot be written")


def main(arguments: list[str]) -> None:
    out = Path(arguments[0]) if arguments else ROOT / "build" / "states"
    words = arguments[1:]
    out.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    for theme in THEMES:
        with tempfile.TemporaryDirectory() as home:
            os.environ["SEEDLING_HOME"] = home
            desk = Desk(application, theme)
            for name, widget in chain(servers_page_states(desk), server_states(desk), training_states(desk)):
                if not words or any(word in name for word in words):
                    desk.take(widget, f"{name.removeprefix('training: ')} {theme}", out)
                    print(name, theme, flush=True)
            desk.seedling.end()
            desk.window.deleteLater()
            desk.seedling.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


if __name__ == "__main__":
    main(sys.argv[1:])
