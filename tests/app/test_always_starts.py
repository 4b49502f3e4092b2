"""It always starts: whatever lies in its home and became of the start before, there is a window, and it says so."""

from __future__ import annotations

import base64
import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starts import DEAD, Said, Starts, note_of_last_run

from engine.chat.messages import Message
from engine.chat.store import Store


@pytest.fixture(scope="module")
def start() -> Iterator[Starts]:
    starts = Starts()
    yield starts
    starts.close()


# --- what can be broken ----------------------------------------------------------------------------------------------


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


SETTINGS, ASIDE = "settings", "settings.json.broken-*"
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
    "no typefaces": Broken(request={WITHOUT: "from app import fonts; fonts.load = lambda: None"}),
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


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_home_is_no_reason_not_to_start(start: Starts, home: Path, name: str) -> None:
    check_start(start, home, BROKEN[name])


def check_start(start: Starts, home: Path, broken: Broken, without: str = "") -> Said:
    """without: Python that takes a guard away."""
    broken.spoil(home)
    before = content(home, "seedling.db")
    said = start(home, **broken.request, **({WITHOUT: without} if without else {}))
    everything = " ".join([said["banner"], said["notice"], said["stderr"], *said["dialogs"]])
    assert not said["bug"], said["bug"]
    assert said["shown"] == broken.opens, everything
    assert said["code"] == (0 if broken.opens else 1)
    assert broken.words in everything
    assert bool(everything.strip()) == bool(broken.words), everything
    if broken.aside:
        assert len(list(home.glob(broken.aside))) == 1
    elif not broken.opens:
        assert content(home, "seedling.db") == before
    if broken.opens and "disk" not in broken.request:
        assert not (home / "window.run").is_file()
    return said


def content(home: Path, name: str) -> bytes:
    return (home / name).read_bytes() if (home / name).is_file() else b""


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("settings of NULs", "from engine import settings; settings._set_aside = lambda path: path"),
        ("huge settings", "from engine import settings; settings.MOST_BYTES = 10**9"),
        ("a full disk", "from app.settings import start; start.READABLE = ()"),
        ("a protected home with chats", "from app.settings import start; start.READABLE = ()"),
        ("ended while it started", "from app import safe_mode; safe_mode.cause = lambda *_: None"),
        ("crashed later", "from engine import log; log.crash_of = lambda process: ''"),
        ("a window of garbage", "from app import window; window.decoded = lambda text: 7"),
        ("a huge note", "from app import last_run; last_run._read = lambda path: 7"),
    ],
)
def test_without_its_guard_a_broken_home_is_one(start: Starts, home: Path, name: str, without: str) -> None:
    with pytest.raises(AssertionError):
        check_start(start, home, BROKEN[name], without)


# --- where the home is -----------------------------------------------------------------------------------------------

PLACES = {
    "spaces": "my own  seedlings ",
    "accents": "Früchte à l'été",
    "emoji": "🌱👩‍👩‍👧 x",
    "CJK and U+3000": "种子\u3000苗",
    "right to left": "שתיל",
    "percent": "100%20%s {home}",
    "quotes": "a'b\"c;d",
    "long": "x" * 200,
    "deep": "/".join(["deep"] * 60),
    "a line break": "one\ntwo",
    "not UTF-8": os.fsdecode(b"caf\xe9"),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_home_may_be_called_anything(start: Starts, tmp_path: Path, place: str) -> None:
    home = tmp_path / place
    home.mkdir(parents=True)
    chats(home)
    said = start(home)
    assert (said["bug"], said["shown"], said["notice"], said["chats"]) == ("", True, "", ["The first chat"])
    assert (home / "settings.json").exists()


@pytest.mark.parametrize("inside", [False, True], ids=["itself", "a folder above it"])
def test_a_home_that_is_a_file_keeps_nothing_and_says_so(start: Starts, tmp_path: Path, inside: bool) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    said = start(tmp_path / "file" / "home" if inside else tmp_path / "file")
    assert (said["bug"], said["shown"]) == ("", True)
    assert "nothing new is kept" in said["notice"]
    assert (tmp_path / "file").read_bytes() == b"mine"


# --- the trial -------------------------------------------------------------------------------------------------------


@pytest.mark.trial(sample=10, full=300)
def test_a_start_that_is_killed_anywhere_is_followed_by_one_that_stands(
    start: Starts, tmp_path: Path, trials: range
) -> None:
    check_kills(start, tmp_path, trials)


def check_kills(start: Starts, folder: Path, trials: range, without: str = "") -> None:
    """Of starts that are killed at random instants, those that had begun to open something lead to a safe one."""
    noticed = 0
    for seed in trials:
        home = folder / str(seed)
        home.mkdir()
        chats(home)
        after_s = random.Random(seed).uniform(0.01, 0.6)
        kill = f"import signal; signal.signal(14, signal.SIG_DFL); signal.setitimer(signal.ITIMER_REAL, {after_s})"
        killed = start(home, before=kill)
        noted = (home / "window.run").exists()
        said = start(home, before=without)
        noticed += noted
        assert said["shown"]
        assert not said["bug"]
        assert said["seconds"] < 60  # five on a quiet machine
        assert said["chats"] == ["The first chat"]
        assert ("while it was starting" in said["banner"]) == noted
        assert ("load" in said["jobs"]) == (not noted)
        assert noted or "code" not in killed or killed["code"] == 0
    assert noticed or len(trials) < 5


@pytest.mark.parametrize(
    "without",
    [
        "from app import safe_mode; safe_mode.cause = lambda *_: None",
        "from app.chat.model_choice import ModelChoice; take = ModelChoice._take; "
        "ModelChoice._take = lambda self, found: (setattr(self, 'gets_ready', True), take(self, found))",
    ],
)
def test_the_trial_of_kills_sees_what_a_safe_start_would_load(start: Starts, tmp_path: Path, without: str) -> None:
    with pytest.raises(AssertionError):
        check_kills(start, tmp_path, range(8), without)
