"""The installed program where it is not made easy for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed.bare_system import PERSON, Person, System
from installed.conftest import Open, Window, picture, replies

from tools.virtual_screen import Keys, wait

UNUSUAL = "/home/Ünï cødé 用户"
STORY = "Tell me a story about a dog."


def chats(window: Window, system: System, person: Person, keys: Keys) -> None:
    """A message is answered, and the reply is kept."""
    window.wait_until_usable()
    before = len(replies(system, person))
    keys.type(STORY)
    wait("a reply", lambda: [state for state, _ in replies(system, person)][before:] == ["done"])


def test_a_home_may_have_an_unusual_name(open_window: Open, system: System, keys: Keys) -> None:
    owner = system.add_person("unusual", UNUSUAL)
    window = open_window(owner)
    chats(window, system, owner, keys)
    picture(keys, "unusual-home")
    assert window.close() == 0
    done = system.run(owner, "seedling", "chat", "--max-tokens", "8", STORY)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_installation_may_be_read_only(open_window: Open, system: System, person: Person, keys: Keys) -> None:
    protected = ["mount --bind opt/seedling opt/seedling", "mount -o remount,bind,ro opt/seedling"]
    window = open_window(mounts=protected)
    chats(window, system, person, keys)
    assert window.close() == 0


def test_the_whole_system_may_be_read_only_but_for_the_home(
    open_window: Open, system: System, person: Person, keys: Keys
) -> None:
    protected = ["mount --bind home home", "mount --rbind tmp tmp", 'mount -o remount,bind,ro "$PWD"']
    window = open_window(mounts=protected)
    chats(window, system, person, keys)
    assert window.close() == 0


def test_a_full_disk_is_named(open_window: Open, system: System, person: Person, keys: Keys, given: Path) -> None:
    full = [
        f"mount -t tmpfs -o size=3m,uid={PERSON},mode=700 tmpfs home/person",
        "dd if=/dev/zero of=home/person/filler bs=512 status=none || true",
    ]
    window = open_window(mounts=full)
    window.wait_until_usable()
    window.wait_for_words("full")
    picture(keys, "full-disk")
    assert window.end() == 0
    (given / "short.txt").write_text("The cat sat on the mat, and the dog sat on the log.\n" * 500)
    train = ["train", "--method", "pretrain", "--data", "/mnt/given/short.txt"]
    done = system.run(person, "seedling", *train, "--out", "/home/person/run", mounts=full)
    assert done.returncode == 1
    assert "full" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_keyring_is_needed(open_window: Open, system: System, person: Person, keys: Keys) -> None:
    assert not [path for path in system.files() if path.endswith(("/dbus-daemon", "/gnome-keyring-daemon"))]
    window = open_window()
    chats(window, system, person, keys)
    assert window.close() == 0


def test_twice_the_size_is_readable(open_window: Open, keys: Keys) -> None:
    window = open_window(environment={"QT_SCALE_FACTOR": "2"})
    window.wait_until_usable()
    picture(keys, "200-percent")
    width, height = keys.size()
    assert width <= 1280
    assert height <= 800
    assert window.close() == 0


@pytest.mark.parametrize("display", [None, ":77"], ids=["none", "one that does not answer"])
def test_without_a_display_one_sentence_says_so(system: System, person: Person, display: str | None) -> None:
    done = system.run(person, "seedling-window", environment={"DISPLAY": display})
    assert done.returncode == 1
    assert "display" in done.stderr
    assert "seedling chat" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_a_second_start_raises_the_first_window(open_window: Open, keys: Keys) -> None:
    first = open_window()
    first.wait_until_usable()
    keys.minimise()
    wait("a window out of sight", lambda: not keys.windows())
    second = open_window()
    assert second.running.wait().returncode == 0
    wait("the first window in sight again", lambda: len(keys.windows()) == 1)
    assert first.running.code is None
    assert len([process for process in first.running.programs() if "--worker" not in process.cmdline()]) == 1
    assert first.close() == 0


def test_a_processor_whose_flags_say_nothing_of_avx_can_chat(
    open_window: Open, system: System, person: Person, keys: Keys
) -> None:
    hidden = ["sed 's/ avx[^ ]*//g; s/ fma / /' proc/cpuinfo > srv/cpuinfo", "mount --bind srv/cpuinfo proc/cpuinfo"]
    window = open_window(mounts=["mount -t tmpfs tmpfs srv", *hidden])
    chats(window, system, person, keys)
    assert window.close() == 0
