"""States on disk: bounded, private, believed only where we wrote them, and gone with their chats."""

from __future__ import annotations

import os
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from engine import hardware, paths, settings
from engine.chat import kept_states
from engine.chat.kept_states import bound, clear, folder, forget, keep, look, measure, sweep, take, trim, void
from engine.chat.messages import Asked
from engine.errors import EngineError
from engine.runtime import saved_state
from engine.runtime.saved_state import State

BELONGS = {"runtime": "gpt", "model": "f00d"}
ABOUT = {"template": "t", "seconds_per_token": 0.01}
GB = 10**9


@pytest.fixture(autouse=True)
def disk(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A disk with so much free."""
    free = {"bytes": 100 * GB}
    monkeypatch.setattr(hardware, "disk_free", lambda _: free["bytes"])
    return free


def state(size: int = 1000, ids: int = 3, fill: bytes = b"x") -> State:
    return State(BELONGS, list(range(ids)), fill * size)


def asked(chat: int) -> Asked:
    return Asked(chat, time.time())


def kept(chat: int, **options: Any) -> bool:
    return keep(asked(chat), ABOUT, state(**options))


def path_of(chat: int) -> Path:
    return folder() / f"{chat}.state"


def there() -> list[str]:
    return sorted(path.name for path in folder().glob("*.state"))


def loads(chat: int) -> tuple[list[int], bytes] | None:
    """What a runtime would get."""
    found = take(chat)
    if found is None:
        return None
    content = saved_state.unpack(found, BELONGS, most=10_000)
    assert content is not None
    return content[0], bytes(content[1])


def setting(name: str, value: settings.Value) -> None:
    chosen = settings.Settings()
    chosen.set(name, value)
    chosen.save()


def test_what_was_kept_comes_back() -> None:
    assert kept(5)
    assert loads(5) == ([0, 1, 2], b"x" * 1000)
    found = look(5)
    assert found is not None
    assert (found.about, found.belongs_to, found.ids) == (ABOUT, BELONGS, [0, 1, 2])
    assert take(6) is None
    assert look(6) is None


def test_a_later_state_takes_the_place_of_the_earlier() -> None:
    assert kept(5)
    assert kept(5, ids=4, fill=b"y")
    assert loads(5) == ([0, 1, 2, 3], b"y" * 1000)
    assert there() == ["5.state"]


def test_voided_and_forgotten() -> None:
    assert kept(5)
    void(5)
    assert take(5) is None
    assert kept(5)
    forget(5)
    assert there() == []
    forget(7)  # of which there is nothing


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_they_are_for_their_owner_alone() -> None:
    before = os.umask(0)
    try:
        assert kept(5)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder().stat().st_mode) == 0o700
    files = [path for path in folder().iterdir() if path.is_file()]
    assert {path.name for path in files} == {"5.state", "key"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_folder_that_was_open_to_others_is_closed() -> None:
    folder().mkdir(parents=True, mode=0o755)
    assert kept(5)
    assert stat.S_IMODE(folder().stat().st_mode) == 0o700


# --- the bound -------------------------------------------------------------------------------------------------------


def test_the_bound_is_the_setting_and_a_share_of_the_free_disk(disk: dict[str, int]) -> None:
    assert bound() == 2 * GB
    setting("kept_states_gb", 40)
    assert bound() == 100 * GB // kept_states.SHARE
    setting("kept_states_gb", 0)
    assert bound() == 0
    setting("kept_states_gb", 2)
    disk["bytes"] = kept_states.RESERVE_BYTES - 1
    assert bound() == 0


def test_with_no_room_nothing_is_kept_and_what_there_was_goes(disk: dict[str, int]) -> None:
    assert kept(5)
    setting("kept_states_gb", 0)
    assert not kept(6)
    assert there() == ["5.state"]
    trim()
    assert there() == []
    setting("kept_states_gb", 2)
    disk["bytes"] = 10**6
    assert not kept(6)
    assert there() == []


def test_of_a_disk_that_tells_nothing_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: Path) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(hardware, "disk_free", gone)
    assert bound() == 0
    assert not kept(5)


def test_the_least_recently_used_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for chat in (1, 2, 3):
        assert kept(chat)
        os.utime(path_of(chat), (chat, chat))
    size = path_of(1).stat().st_size
    monkeypatch.setattr(kept_states, "bound", lambda: 3 * size)
    assert take(1) is not None  # used just now
    assert kept(4)
    assert there() == ["1.state", "3.state", "4.state"]
    assert measure() == (3, 3 * size)
    assert kept(4, size=2 * size - 200)
    assert there() == ["1.state", "4.state"]


def test_what_is_larger_than_the_bound_costs_no_other_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept(1)
    monkeypatch.setattr(kept_states, "bound", lambda: 2000)
    assert not kept(2, size=3000)
    assert there() == ["1.state"]
    monkeypatch.setattr(kept_states, "bound", lambda: 10**6)
    monkeypatch.setattr(kept_states, "MOST_BYTES", 2000)
    assert not kept(2, size=3000)


def test_all_can_be_deleted() -> None:
    assert kept(1)
    assert kept(2)
    _, size = measure()
    assert clear() == size > 2000
    assert measure() == (0, 0)
    assert kept(1)


# --- deleted chats ---------------------------------------------------------------------------------------------------


def test_nothing_is_kept_of_what_was_asked_for_before_something_was_deleted() -> None:
    before = asked(5)
    forget(5)
    assert not keep(before, ABOUT, state())
    assert there() == []
    assert kept(5)  # a message was deleted, and the chat goes on


def deleted_while_it_is_written(monkeypatch: pytest.MonkeyPatch, at: int) -> list[str]:
    """What is there after a chat was deleted at the n-th slice of its state."""
    monkeypatch.setattr(saved_state, "SLICE_BYTES", 100)
    parts = State.parts

    def counted(self: State, stopped: threading.Event | None = None) -> Any:
        for number, part in enumerate(parts(self, stopped)):
            if number == at:
                forget(5)
            yield part

    with monkeypatch.context() as patched:
        patched.setattr(State, "parts", counted)
        keep(asked(5), ABOUT, state())
    return there()


@pytest.mark.parametrize("at", [0, 1, 5, 11])
def test_a_chat_deleted_while_its_state_is_written(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    assert deleted_while_it_is_written(monkeypatch, at) == []
    assert not list(folder().glob(".*.partial"))


def test_without_the_mark_it_would_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_states, "_is_gone", lambda _: False)
    with pytest.raises(AssertionError):
        assert deleted_while_it_is_written(monkeypatch, 5) == []


def test_a_chat_deleted_between_the_last_slice_and_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    replace = os.replace

    def late(source: Path, target: Path) -> None:
        if target == path_of(5):
            forget(5)
        replace(source, target)

    monkeypatch.setattr(os, "replace", late)
    assert not kept(5)
    assert there() == []


def test_the_start_sweeps_what_no_chat_has(home: Path) -> None:
    for chat in (1, 2, 3):
        assert kept(chat)
    forget(3)
    left = folder() / ".2.state.999999999-1.partial"
    left.write_bytes(b"half")
    sweep(lambda: [2])
    assert there() == ["2.state"]
    assert {path.name for path in folder().iterdir()} == {"2.state", "key"}
    assert kept(4)


def test_a_chat_that_is_made_during_the_sweep_keeps_its_state() -> None:
    assert kept(1)

    def chats() -> list[int]:
        assert kept(2)  # after the list was made
        return [1]

    sweep(chats)
    assert there() == ["1.state", "2.state"]


def test_a_sweep_of_nothing() -> None:
    sweep(list)
    trim()
    assert (clear(), measure()) == (0, (0, 0))


# --- what is not ours ------------------------------------------------------------------------------------------------


def is_refused(chat: int = 5) -> bool:
    """By `take`, which deletes it, or by who unpacks what it gives."""
    found = take(chat)
    if found is None:
        return not path_of(chat).exists()
    try:
        saved_state.unpack(found, BELONGS, most=10_000)
    except EngineError:
        return True
    return False


def every_damage_is_noticed() -> None:
    assert kept(5, size=40)
    whole = path_of(5).read_bytes()
    for place in range(len(whole)):
        path_of(5).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert is_refused(), place
    for length in range(len(whole)):
        path_of(5).write_bytes(whole[:length])
        assert is_refused(), length
    path_of(5).write_bytes(whole + b"x")
    assert is_refused()
    path_of(5).write_bytes(whole)
    assert loads(5) is not None


def test_every_changed_byte_and_every_cut_is_noticed() -> None:
    every_damage_is_noticed()


def test_without_the_digest_of_the_head_damage_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_states, "_vouches", lambda *_: True)
    with pytest.raises(AssertionError):
        every_damage_is_noticed()


def damage_behind_the_head_is_noticed() -> None:
    content = bytearray(path_of(5).read_bytes())
    content[-1] ^= 1
    path_of(5).write_bytes(content)
    assert is_refused()


def test_without_the_digest_of_the_rest_damage_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    class Equal:
        def __eq__(self, other: object) -> bool:
            return True

    assert kept(5)
    damage_behind_the_head_is_noticed()
    monkeypatch.setattr(saved_state, "_header", lambda *_: Equal())
    with pytest.raises(AssertionError):
        damage_behind_the_head_is_noticed()


def a_stranger_is_refused() -> None:
    """Another home's file is as whole as ours, and not ours."""
    assert kept(5)
    path_of(5).rename(folder().parent / "stranger")
    (folder() / "key").write_bytes(bytes(32))
    path = folder().parent / "stranger"
    path.rename(path_of(5))
    assert take(5) is None
    assert not path_of(5).exists()


def test_a_file_of_another_home_is_deleted_unread() -> None:
    a_stranger_is_refused()


def test_without_our_key_a_stranger_would_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_states, "_key", lambda: b"")
    with pytest.raises(AssertionError):
        a_stranger_is_refused()


def test_the_state_of_another_chat_is_not_taken() -> None:
    assert kept(5)
    path_of(5).rename(path_of(6))
    assert take(6) is None
    assert not path_of(6).exists()


def test_a_state_of_another_version_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept(5)
    monkeypatch.setattr(kept_states, "_VERSION", b"Seedling kept state 2")
    assert look(5) is None
    assert not path_of(5).exists()


def test_a_file_larger_than_any_state_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept(5)
    monkeypatch.setattr(kept_states, "MOST_BYTES", 10)
    monkeypatch.setattr(kept_states, "_MOST_HEAD_BYTES", 500)
    assert take(5) is None
    assert not path_of(5).exists()


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX's")
def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    assert kept(5)
    elsewhere = tmp_path / "elsewhere"
    path_of(5).rename(elsewhere)
    path_of(5).symlink_to(elsewhere)
    assert take(5) is None
    assert not path_of(5).is_symlink()
    assert elsewhere.exists()
    os.mkfifo(path_of(5))
    opened: list[Any] = []
    reader = threading.Thread(target=lambda: opened.append(take(5)), daemon=True)
    reader.start()
    reader.join(10)
    assert opened == [None]


def test_a_lost_or_damaged_key_costs_the_states_and_no_more() -> None:
    for content in (None, b"", b"short", b"x" * 33):
        assert kept(5)
        key = folder() / "key"
        key.unlink() if content is None else key.write_bytes(content)
        assert take(5) is None
        assert kept(5)
        assert loads(5) is not None


def test_an_id_is_a_number() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        take("../../x")  # type: ignore[arg-type]


# --- stopping, and full disks ----------------------------------------------------------------------------------------


def test_stopping_leaves_what_there_was(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept(5)
    stopped = threading.Event()
    stopped.set()
    assert not keep(asked(5), ABOUT, state(fill=b"y"), stopped)
    assert take(5, stopped) is None
    assert loads(5) == ([0, 1, 2], b"x" * 1000)


class StopsAfter(threading.Event):
    """Set at the n-th look."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self._left = looks

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_stopping_at_every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_state, "SLICE_BYTES", 100)
    assert kept(5)
    for looks in range(100):
        if keep(asked(5), ABOUT, state(fill=b"y"), StopsAfter(looks)):
            break
        assert loads(5) == ([0, 1, 2], b"x" * 1000)
    assert 20 < looks < 50  # it looked while it hashed and while it wrote
    assert loads(5) == ([0, 1, 2], b"y" * 1000)
    assert not list(folder().glob(".*"))
    for looks in range(100):
        if take(5, StopsAfter(looks)) is not None:
            break
    assert 10 < looks < 30


def test_a_disk_that_cannot_be_written_to_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert not kept(5)
    assert not list(folder().glob("*.state"))


def test_the_home_may_be_unwritable(home: Path) -> None:
    paths.cache().write_text("a file where the folder should be")
    assert not kept(5)
    forget(5)
    void(5)
    assert take(5) is None
    sweep(list)


def test_using_a_state_is_remembered() -> None:
    assert kept(5)
    os.utime(path_of(5), (1, 1))
    assert look(5) is not None
    assert path_of(5).stat().st_mtime == 1
    assert take(5) is not None
    assert path_of(5).stat().st_mtime > time.time() - 100
