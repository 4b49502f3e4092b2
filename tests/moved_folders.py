"""A folder that is moved by a process which dies at a chosen file operation. Started by test_relocate.py.

python moved_folders.py OPTION TARGET COUNT link|copy: does what the window does, from wherever it was cut short to the
end, and exits with 9 in the moment before its COUNT-th operation on a file; 0 when it came to its end. Prints how
many operations there were.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from engine import relocate
from engine.settings import Settings

OPERATIONS = ("open", "os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.utime")


def die_before(count: int, folders: tuple[str, ...]) -> Callable[[], int]:
    """End the process before its `count`-th operation in these folders; 0 never. How many there were is returned."""
    done = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal done
        if event in OPERATIONS and str(arguments[0]).startswith(folders):
            done += 1
            if done == count:
                os._exit(9)

    sys.addaudithook(watch)
    return lambda: done


def refuse_links(*_: object, **__: object) -> None:
    raise OSError(errno.EXDEV, "another volume")


def main() -> None:
    option, target, count, how = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    if how == "copy":
        os.link = refuse_links  # type: ignore[assignment]
    operations = die_before(count, (str(target.parent), os.environ["SEEDLING_HOME"]))
    settings = Settings()
    if settings.text(option) != str(target) and option not in settings.mapping("moves"):
        relocate.begin(settings, option, target)
        settings.save()
    if option in settings.mapping("moves"):
        for _ in relocate.copy(option, relocate.place(settings, option), target, threading.Event()):
            pass
        relocate.switch(settings, option)
        settings.save()
    if option in settings.mapping("moved"):
        relocate.clear(option, Path(settings.mapping("moved")[option]), relocate.place(settings, option))
        relocate.settled(settings, option)
        settings.save()
    print(operations())


if __name__ == "__main__":
    main()
