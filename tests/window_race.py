"""Holders of a home, without a window around them: `python window_race.py PATIENCE_S [PYTHON]`, which is run first.

Commands come on stdin, one a line:

    start ID [DELAY_MS]   a process that wants the home; it says "ID first", "ID answered MS" or "ID silent MS",
                          and one that is first says "ID knocked" whenever it is asked to come forward
    kill ID, stop ID      by SIGKILL, SIGSTOP; answered by "ID killed", "ID stopped"
"""

from __future__ import annotations

import os
import signal
import sys
import time

from PySide6.QtCore import QCoreApplication, QTimer

from app.single_instance import SingleInstance
from engine.processes import end_with_parent


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())  # one write: lines of several processes stay whole


def main() -> None:
    exec("".join(sys.argv[2:]), {})  # takes a guard away
    running: dict[str, int] = {}
    for line in sys.stdin:
        command, id, *rest = line.split()
        if command == "start":
            began = time.monotonic()
            if (child := os.fork()) == 0:
                end_with_parent()
                time.sleep(int(rest[0]) / 1000 if rest else 0)
                hold(id, began)
            running[id] = child
        elif command == "kill":
            os.kill(running[id], signal.SIGKILL)
            os.waitpid(running.pop(id), 0)
            say(id, "killed")
        else:
            os.kill(running[id], signal.SIGSTOP)
            os.waitpid(running[id], os.WUNTRACED)
            say(id, "stopped")
    for child in running.values():
        os.kill(child, signal.SIGKILL)


def hold(id: str, began: float) -> None:
    application = QCoreApplication([])
    instance = SingleInstance()
    is_first = instance.is_first(float(sys.argv[1]))
    if is_first:
        instance.open_door()
        instance.knocked.connect(lambda: say(id, "knocked"))
        say(id, "first")
        QTimer.singleShot(120_000, application.quit)  # it outlives no test
        application.exec()
    else:
        say(id, "silent" if is_first is None else "answered", round(1000 * (time.monotonic() - began)))
    os._exit(0)


if __name__ == "__main__":
    main()
