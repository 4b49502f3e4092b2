"""The installed program started in every broken home: it can be used within five seconds, and the problem is named.

The homes are those of tests/broken_homes.py. What the tests from source do inside the program to break it (a clock, a
missing resource) is done here from outside.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from broken_homes import BROKEN, WITHOUT, Broken
from installed.bare_system import FOLDER, PERSON, Person, System
from installed.conftest import WITHIN_S, Open, Window
from installed.what_is_shown import Reader

from tools.virtual_screen import wait

HOMES = "/home/person/starts"
TOOK: dict[str, float] = {}  # seconds
RESOURCES = "opt/seedling/_internal/resources"
FULL_BYTES = 4_000_000


@dataclass(frozen=True)
class Outside:
    """How a program is started so that what it meets is broken."""

    mounts: Sequence[str] = ()
    environment: Mapping[str, str | None] = field(default_factory=dict)
    around: str = ""


def clock(date: str) -> Outside:
    variables = {"LD_PRELOAD": "/mnt/given/libfaketime.so.1", "FAKETIME": date, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    return Outside(environment=variables)


def missing_resources(*names: str) -> Outside:
    """Those files and folders are not there, for this program alone."""
    copied = f"mount -t tmpfs tmpfs srv && cp -a {RESOURCES} srv/resources"
    removed = " ".join(f"srv/resources/{name}" for name in names)
    return Outside([f"{copied} && rm -r {removed} && mount --bind srv/resources {RESOURCES}"])


OUTSIDE = {
    "1970": clock("1970-01-01 00:00:03"),
    "2100": clock("2100-01-01 00:00:00"),
    "no streams": Outside(around='sh -c \'exec "$0" "$@" <&- >&- 2>&-\''),
    "no typefaces": missing_resources("fonts"),
    "no prices": missing_resources("prices.json", "catalogue.json"),
    "no starter": missing_resources("starter"),
    "missing libraries": Outside(["mount --bind /dev/null usr/lib/x86_64-linux-gnu/libEGL.so.1"]),
}
DISKS = {
    "full": [
        "cp -a {home} srv/kept",
        f"mount -t tmpfs -o size={FULL_BYTES},uid={PERSON},mode=700 tmpfs {{home}}",
        "cp -a srv/kept/. {home} && rm -r srv/kept",
        "dd if=/dev/zero of={home}/filler bs=512 status=none || true",
    ],
    "read_only": ["mount --bind {home} {home}", "mount -o remount,bind,ro {home}"],
    "": [],
}


@pytest.fixture(scope="module", autouse=True)
def clock_that_lies(system: System, given: Path) -> None:
    """Debian's libfaketime, beside the system and not in it."""
    system.administer("sh", "-c", "cd /tmp && apt-get download --quiet=2 libfaketime && dpkg-deb -x libfaketime*.deb f")
    (library,) = Path(system.place("tmp/f")).glob("usr/lib/*/faketime/libfaketime.so.1")
    (given / library.name).write_bytes(library.read_bytes())


def test_everything_that_is_broken_within_is_broken_from_outside_here() -> None:
    assert OUTSIDE.keys() == {name for name, broken in BROKEN.items() if WITHOUT in broken.request}
    assert len(BROKEN) >= 60


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_start_is_a_window_that_says_so(
    system: System, open_window: Open, reader: Reader, person: Person, name: str
) -> None:
    broken = BROKEN[name]
    window = start(system, open_window, person, broken, OUTSIDE.get(name, Outside()))
    if broken.opens:
        TOOK[name] = met(window, reader, broken)
        assert window.end() == 0
    else:
        TOOK[name] = refused(window, reader, broken)
    assert "Traceback" not in window.running.errors


def test_each_took_less_than_five_seconds() -> None:
    lines = [f"{seconds:.2f}\t{name}\n" for name, seconds in sorted(TOOK.items(), key=lambda each: -each[1])]
    (FOLDER / "starts.tsv").write_text("".join(lines))
    assert {name: seconds for name, seconds in TOOK.items() if seconds > WITHIN_S} == {}


def start(system: System, open_window: Open, person: Person, broken: Broken, outside: Outside) -> Window:
    inside = f"{HOMES}/{sum(1 for _ in Path(system.place('/home/person')).glob('starts/*'))}"
    home = Path(system.place(inside))
    home.mkdir(parents=True)
    broken.spoil(home)
    subprocess.run(["chown", "--recursive", "--no-dereference", f"{PERSON}:{PERSON}", str(home.parent)], check=True)
    mounts = [line.format(home=inside.lstrip("/")) for line in DISKS[broken.request.get("disk", "")]]
    environment = {"SEEDLING_HOME": inside, **broken.request.get("environment", {}), **outside.environment}
    return open_window(person, environment, [*mounts, *outside.mounts], outside.around)


def met(window: Window, reader: Reader, broken: Broken) -> float:
    """Seconds until it could be used and the problem stood on the screen."""
    if choice := broken.request.get("choose"):
        window.wait_for_words(broken.words)
        reader.press(choice)
        wait("the end of the dialog", lambda: not reader.dialogs())
        return window.wait_until_usable()
    usable = window.wait_until_usable()
    return max(usable, window.wait_for_words(broken.words)) if broken.words else usable


def refused(window: Window, reader: Reader, broken: Broken) -> float:
    """Seconds until it had said why it does not open: on the screen or, where there is none to use, to its terminal."""
    seconds = window.wait_for_refusal(broken.words)
    if window.running.code is None:
        reader.press("OK")
    done = window.running.wait()
    assert done.returncode == 1
    assert broken.words in done.stderr
    return seconds
