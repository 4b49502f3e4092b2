"""It always starts: whatever lies in its home and became of the start before, there is a window, and it says so."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from broken_homes import BROKEN, WITHOUT, Broken, chats
from starts import Said, Starts


@pytest.fixture(scope="module")
def start() -> Iterator[Starts]:
    starts = Starts()
    yield starts
    starts.close()


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
        ("settings of NULs", "from engine import files; files.set_aside = lambda path: path"),
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
