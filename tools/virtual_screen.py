"""A virtual screen with a keyboard (Xvfb and xdotool; Linux), for proofs that use a program as a person does."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.processes import end_with_parent

PATIENCE_S = 120


@contextmanager
def screen(size: str = "1280x800") -> Iterator[str]:
    """A virtual screen; yields its name."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL, preexec_fn=end_with_parent)
    os.close(write)
    try:
        with os.fdopen(read) as file:
            yield f":{file.readline().strip()}"
    finally:
        server.terminate()
        server.wait(timeout=30)


class Keys:
    """The keyboard of a virtual screen, and what can be seen on it from outside."""

    def __init__(self, display: str) -> None:
        self.environment = {**os.environ, "DISPLAY": display}

    def windows(self) -> list[str]:
        """Numbers of Seedling's windows that are to be seen."""
        return self._run("search", "--onlyvisible", "--name", "Seedling").stdout.split()

    def focus(self) -> bool:
        found = self.windows()
        return bool(found) and self._run("windowfocus", "--sync", found[-1]).returncode == 0

    def write(self, text: str) -> None:
        self._run("type", "--delay", "20", text)

    def type(self, text: str) -> None:
        self.write(text)
        self.press("Return")

    def press(self, key: str) -> None:
        self._run("key", key)

    def minimise(self) -> None:
        self._run("windowminimize", "--sync", self.windows()[-1])

    def size(self) -> tuple[int, int]:
        """Width and height of the window, in pixels of the screen."""
        lines = self._run("getwindowgeometry", "--shell", self.windows()[-1]).stdout.split()
        values = dict(line.split("=") for line in lines)
        return int(values["WIDTH"]), int(values["HEIGHT"])

    def picture(self, path: Path) -> None:
        """Keep what stands on the screen as a PNG."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=True, timeout=60)

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["xdotool", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=60)


def wait(what: str, holds: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Raises TimeoutError, which names what did not come."""
    end = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {patience_s:.0f} s for {what}")
        time.sleep(0.1)
