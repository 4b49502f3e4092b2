"""The installed program on a bare system, with a virtual screen: `make installer-test`.

    sudo .venv/bin/python -m pytest --installed dist/seedling_…_amd64.deb tests/installed

Needs root, debootstrap, Xvfb, xdotool, openbox, ImageMagick and dbus-daemon. Pictures of the screen are left in
build/installer-test/pictures.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import apsw
import pytest
from installed.bare_system import FOLDER, Person, Running, System, delete, own_mounts
from installed.what_is_shown import Reader

from engine.processes import end_with_parent
from tools.virtual_screen import Keys, screen, wait

WITHIN_S = 5.0


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """These are long, and need root: nobody meets them who does not ask."""
    return None if config.getoption("--installed") else True


@pytest.fixture(scope="session")
def given() -> Path:
    """A folder that every system sees."""
    own_mounts()
    for name in ("systems", "given", "pictures"):
        delete(FOLDER / name)
        (FOLDER / name).mkdir(parents=True)
    return FOLDER / "given"


@pytest.fixture(scope="session")
def reader(given: Path) -> Iterator[Reader]:
    with Reader(given) as reader:
        yield reader


@pytest.fixture(scope="session")
def keys() -> Iterator[Keys]:
    with screen() as display:
        keys = Keys(display)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "preexec_fn": end_with_parent}
        manager = subprocess.Popen(["openbox"], env=keys.environment, **quiet)
        yield keys
        manager.terminate()
        manager.wait()


@pytest.fixture(scope="session")
def installed(given: Path, keys: Keys, request: pytest.FixtureRequest) -> Path:
    """What the package and whatever it declares that it needs have made of a bare system."""
    shutil.copy(request.config.getoption("--installed"), given / "seedling.deb")
    system = System("package", given)
    assert not [path for path in system.files() if path.startswith(("/usr/bin/python", "/usr/bin/gcc", "/usr/bin/cc"))]
    system.apt("update")
    system.apt("install", "--no-install-recommends", "/mnt/given/seedling.deb")
    system.add_person("person", "/home/person")
    return system.keep()


@pytest.fixture(scope="module")
def system(installed: Path, given: Path, request: pytest.FixtureRequest) -> Iterator[System]:
    """One with Seedling, for the tests of a file."""
    system = System(request.module.__name__.rpartition(".")[2], given, installed)
    yield system
    system.close()


@pytest.fixture
def person() -> Person:
    return Person("person", "/home/person")


class Window:
    """Seedling's window on the virtual screen."""

    def __init__(self, running: Running, keys: Keys, reader: Reader) -> None:
        self.running, self.keys, self._reader = running, keys, reader
        self._began = time.monotonic()

    def wait_until_usable(self) -> float:
        """Until a key that is pressed arrives as text; the seconds since it was started, and the text goes again.

        It is pressed again and again, as people do: the window manager may give the window its focus a moment late.
        """

        def arrives() -> bool:
            if any(text and set(text) == {"q"} for text in self._reader.fields()):
                return True
            self.keys.focus()
            self.keys.write("q")
            return False

        self._wait("the window", self.keys.focus)
        self._wait("a key that was pressed", arrives)
        seconds = time.monotonic() - self._began
        self.keys.press("ctrl+a")
        self.keys.press("BackSpace")
        return seconds

    def wait_for_words(self, words: str) -> float:
        """Until these stand on the screen; the seconds since it was started."""
        self._wait(f"{words!r} on the screen", lambda: words in self._reader.words())
        return time.monotonic() - self._began

    def wait_for_refusal(self, words: str) -> float:
        """Until it has ended, or these stand on the screen; the seconds since it was started."""
        wait("a refusal", lambda: self.running.code is not None or words in self._reader.words(), 60)
        return time.monotonic() - self._began

    def close(self) -> int:
        """By keys; the exit code."""
        self.keys.focus()
        self.keys.press("ctrl+q")
        return int(self.running.wait().returncode)

    def end(self) -> int:
        """As the end of a session ends it; the exit code."""
        self.running.ask_to_end()
        return int(self.running.wait().returncode)

    def _wait(self, what: str, holds: Callable[[], bool]) -> None:
        def holds_or_it_has_ended() -> bool:
            if self.running.code is not None:
                pytest.fail(f"it ended with {self.running.code} before {what}: {self.running.errors}")
            return holds()

        wait(what, holds_or_it_has_ended, 60)


Open = Callable[..., Window]


@pytest.fixture
def open_window(
    system: System, keys: Keys, reader: Reader, person: Person, request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Opens the window as the menu does; what still runs when the test ends leaves a picture, and is ended."""
    opened: list[Running] = []

    def open(
        owner: Person = person,
        environment: Mapping[str, str | None] | None = None,
        mounts: Sequence[str] = (),
        around: str = "",
    ) -> Window:
        screen = {"DISPLAY": keys.environment["DISPLAY"], "AT_SPI_BUS_ADDRESS": "unix:path=/mnt/given/bus"}
        settings = {**screen, **(environment or {})}
        running = system.start(owner, "seedling-window", environment=settings, mounts=mounts, around=around)
        opened.append(running)
        return Window(running, keys, reader)

    yield open
    if any(running.code is None for running in opened):
        picture(keys, request.node.name)
    for running in opened:
        running.__exit__(None, None, None)


def replies(system: System, person: Person) -> list[tuple[str, str]]:
    """State and text of the replies in this person's database, oldest first."""
    database = Path(system.place(person.home)) / ".local" / "share" / "Seedling" / "seedling.db"
    if not database.exists():
        return []
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows = connection.execute("SELECT state, content FROM messages WHERE role = 'assistant' ORDER BY id")
        return [(str(state), str(content)) for state, content in rows]
    finally:
        connection.close()


def picture(keys: Keys, name: str) -> None:
    keys.picture(FOLDER / "pictures" / f"{name}.png")
