"""What can be broken before the window starts: homes, what the run before has left, the disk, and the machine."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starts import DEAD, note_of_last_run

from engine.chat.messages import Message
from engine.chat.store import Store


@dataclass(frozen=True)
class Broken:
    """How a home is spoilt before the start, and what the window then says; `kept`: files that must not change."""

    spoil: Callable[[Path], object] = lambda home: None
    words: str = ""  # in its notice, its banner or a dialog
    aside: str = ""  # the pattern of a file that holds what was unreadable
    request: dict[str, Any] = field(default_factory=dict)
    opens: bool = True


def write(name: str, content: bytes) -> Callable[[Path], None]:
    def spoil(home: Path) -> None:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(content)

    return spoil


def folder(name: str) -> Callable[[Path], None]:
    return lambda home: (home / name).mkdir(parents=True)


def settings(**values: object) -> Callable[[Path], None]:
    return write("settings.json", json.dumps(values).encode())


def last(phase: str = "settled", loading: tuple[str, ...] = (), deaths: int = 0) -> Callable[[Path], None]:
    return lambda home: note_of_last_run(home, phase, loading, deaths)


def chats(home: Path) -> None:
    store = Store(home / "seedling.db")
    store.add_message(store.create_chat("The first chat").result(), Message("user", "hello")).result()
    store.close()


def both(*spoils: Callable[[Path], object]) -> Callable[[Path], None]:
    def spoil(home: Path) -> None:
        for each in spoils:
            each(home)

    return spoil


def crash(home: Path) -> None:
    last()(home)
    write(f"logs/crash-{DEAD}-1.log", b"Fatal Python error: Segmentation fault\n")(home)


def of_the_future(home: Path) -> None:
    import apsw

    chats(home)
    connection = apsw.Connection(str(home / "seedling.db"))
    connection.execute("INSERT INTO migrations (name) VALUES ('m999_from_the_future')")
    connection.close()


def garbled_database(home: Path) -> None:
    chats(home)
    content = bytearray((home / "seedling.db").read_bytes())
    content[100:8192] = b"\xff" * 8092
    (home / "seedling.db").write_bytes(content)


SETTINGS, ASIDE = "settings", "settings.broken-*"
GARBLED = base64.b64encode(b"\xff\x00" * 500).decode()
WITHOUT = "before"
BROKEN: dict[str, Broken] = {
    "nothing": Broken(),
    # the run before
    "ended while it started": Broken(last("starting"), "while it was starting"),
    "ended while a model was loaded": Broken(last(loading=("big",)), "while big was being loaded"),
    "ended while starting and loading": Broken(last("starting", ("a", "b")), "while a, b was being loaded"),
    "cut short once": Broken(last()),
    "cut short twice": Broken(last(deaths=1), "twice in a row"),
    "crashed later": Broken(crash, "crashed"),
    "a note of NULs": Broken(write("window.run", b"\0" * 64)),
    "a note of another kind": Broken(write("window.run", b'{"pid": "x", "phase": 7}')),
    "a note of a newer version": Broken(last("dreaming")),
    "a huge note": Broken(write("window.run", b"[" * 1_000_000)),
    "a note that is a folder": Broken(folder("window.run")),
    # settings
    "settings of NULs": Broken(write("settings.json", b"\0" * 4096), SETTINGS, ASIDE),
    "empty settings": Broken(write("settings.json", b""), SETTINGS, ASIDE),
    "settings that are a list": Broken(write("settings.json", b"[1, 2]"), SETTINGS, ASIDE),
    "settings cut short": Broken(write("settings.json", b'{"theme": "da'), SETTINGS, ASIDE),
    "settings too deep": Broken(write("settings.json", b"[" * 100_000), SETTINGS, ASIDE),
    "settings not in UTF-8": Broken(write("settings.json", b'{"theme": "\xff\xfe"}'), SETTINGS, ASIDE),
    "huge settings": Broken(write("settings.json", b'{"a": "' + b"x" * 11_000_000 + b'"}'), SETTINGS, ASIDE),
    "settings that are a folder": Broken(folder("settings.json"), SETTINGS, ASIDE),
    "settings that lead in a circle": Broken(
        lambda home: (home / "settings.json").symlink_to("settings.json"), SETTINGS, ASIDE
    ),
    "settings of wrong types": Broken(settings(theme=7, chat="x", window_geometry=[], font_percent="large")),
    "settings of a newer version": Broken(settings(hologram={"on": True}, theme="neon")),
    "a window of garbage": Broken(settings(window_geometry=GARBLED, window_columns=GARBLED, page="attic")),
    "shortcuts of garbage": Broken(settings(shortcuts={"new_chat": "Ctrl+" * 300, "nothing": "F1"}), "Ctrl"),
    "a chat that is gone": Broken(settings(chat=12_345)),
    # models and folders
    "a model that is gone": Broken(settings(model="gone")),
    "the drive of models unplugged": Broken(settings(models_folder="/nowhere/models", model="far/away")),
    "the drive of runs unplugged": Broken(settings(runs_folder="/nowhere/runs", moves={"runs_folder": "/nowhere/2"})),
    "the drive of chats unplugged": Broken(
        settings(chats_folder="/nowhere/chats"), "/nowhere/chats", request={"choose": "Use the usual place"}
    ),
    "a backup that is gone": Broken(settings(restore="2020-01-01.db"), "2020-01-01"),
    "a list of models of NULs": Broken(write("models.json", b"\0" * 100)),
    "a list of models that is a folder": Broken(folder("models.json")),
    "a list of servers of garbage": Broken(write("providers.json", b'{"providers": 3}')),
    "models that are a file": Broken(write("models", b"x")),
    "runs that are a file": Broken(write("runs", b"x")),
    "a run of garbage": Broken(write("runs/one/run.json", b"\0\0")),
    "backups that are a file": Broken(write("backups", b"x")),
    "a cache that is a file": Broken(write("cache", b"x")),
    "logs that are a file": Broken(write("logs", b"x")),
    "indexes that are a file": Broken(write("indexes", b"x")),
    # chats
    "a database of NULs": Broken(write("seedling.db", b"\0" * 65_536), "damaged", "seedling-damaged-*.db"),
    "a database of another program": Broken(write("seedling.db", b"x" * 5000), "damaged", "seedling-damaged-*.db"),
    "a garbled database": Broken(garbled_database, "damaged", "seedling-damaged-*.db"),
    "a database that is a folder": Broken(folder("seedling.db"), "seedling.db"),
    "a database of the future": Broken(of_the_future, "newer", opens=False),
    "a log without a database": Broken(write("seedling.db-wal", b"x" * 5000)),
    # the disk
    "a full disk": Broken(request={"disk": "full"}, words="full"),
    "a full disk with chats": Broken(chats, "Meanwhile chats can be read", request={"disk": "full"}),
    "a full disk with a garbled database": Broken(
        garbled_database, "cannot be read; their file stays", request={"disk": "full"}
    ),
    "a protected home with broken settings": Broken(
        write("settings.json", b"\0" * 100), SETTINGS, request={"disk": "read_only"}
    ),
    "a protected home": Broken(request={"disk": "read_only"}, words="nothing new is kept"),
    "a protected home with chats": Broken(chats, "nothing new is kept", request={"disk": "read_only"}),
    "no home": Broken(lambda home: home.rmdir()),
    # locks
    "a lock of a dead process": Broken(write("window.lock", b"4194311")),
    "a lock that is a folder": Broken(folder("window.lock")),
    # the machine
    "1970": Broken(request={WITHOUT: "import time; time.time = lambda: 3.0"}),
    "2100": Broken(request={WITHOUT: "import time; time.time = lambda: 4102444800.0"}),
    "no keyring": Broken(request={"environment": {"PYTHON_KEYRING_BACKEND": "no.such.Keyring"}}),
    "no language": Broken(request={"environment": {"LANG": None, "LC_ALL": "C"}}),
    "no place for temporary files": Broken(request={"environment": {"TMPDIR": "/nowhere"}}),
    "no home of the person": Broken(request={"environment": {"HOME": None, "XDG_RUNTIME_DIR": None}}),
    "no streams": Broken(request={WITHOUT: "import sys; sys.stdin = sys.stdout = None"}),
    "no typefaces": Broken(
        request={
            WITHOUT: "from engine import paths; real = paths.resource; "
            "paths.resource = lambda name: real('nowhere' if name == 'fonts' else name)"
        }
    ),
    "no prices": Broken(
        request={
            WITHOUT: "from engine import paths; real = paths.resource; "
            "paths.resource = lambda name: real('nowhere' if name in ('prices.json', 'catalogue.json') else name)"
        }
    ),
    "no starter": Broken(
        request={
            WITHOUT: "from engine import paths; real = paths.resource; "
            "paths.resource = lambda name: real('nowhere' if name.startswith('starter') else name)"
        }
    ),
    "no display": Broken(
        request={"environment": {"QT_QPA_PLATFORM": None, "DISPLAY": None, "WAYLAND_DISPLAY": None}},
        words="no display",
        opens=False,
    ),
    "missing libraries": Broken(
        request={WITHOUT: "from engine import desktop_libraries; desktop_libraries._loads = lambda name: False"},
        words="sudo apt install",
        opens=False,
    ),
}  # fmt: skip
