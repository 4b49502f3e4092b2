"""What holds the trials up, each with how it is taken away. A row has a test: without its guard, its trial must fail.

A new row needs a function that takes a `MonkeyPatch` and a trial that is called with the rig, or does without one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw
import pytest

from engine import files, paths
from engine.chat import aside, backups, store
from engine.library import model_list
from engine.library.download import journal, part
from engine.library.model_list import Row
from engine.training import checkpoint
from engine.training.run import Journal

if TYPE_CHECKING:
    from faults.rig import Rig

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Guard:
    """take_away: called in the lives, and where they are looked at. trial: passes with the guard, and not without."""

    name: str
    take_away: Callable[[Patch], None]
    trial: Callable[[Rig], object]


def take_away(name: str, patch: Patch | None = None) -> None:
    if name:
        GUARDS[name].take_away(patch or Patch())


def without(owner: Any, name: str, instead: Callable[..., Any] = lambda *_: None) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(owner, name, instead)


def killed(operation: str, way: str = "killed", most: int = 40) -> Callable[[Rig], object]:
    return lambda rig: rig.fails_at_every_call(operation, way, most)


def power_cut(operation: str, count: int = 40, lies: bool = False) -> Callable[[Rig], object]:
    return lambda rig: rig.survives_power_cuts(operation, count, lies)


# --- what is taken away -----------------------------------------------------------------------------------------------


@contextmanager
def in_place(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    yield path


class NoFlush:
    """`engine.files`, but for flushes of open files."""

    def __getattr__(self, name: str) -> Any:
        return getattr(files, name)

    def sync(self, descriptor: int) -> None:
        pass


class AsWritten(str):
    """A digest that is the one it is compared with."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


def with_lazy_commits(patch: Patch) -> None:
    """SQLite's usual way in WAL mode, which may roll back what was committed."""
    configure = store._configure

    def lazily(connection: apsw.Connection) -> None:
        configure(connection)
        connection.pragma("synchronous", "NORMAL")

    patch.setattr(store, "_configure", lazily)


# --- trials that need no rig ------------------------------------------------------------------------------------------


def two_at_once(rig: Rig) -> None:
    """Two who change the list of models at the same time lose nothing of each other's."""
    (paths.home() / "models.json").unlink(missing_ok=True)

    def add(who: str) -> None:
        for number in range(20):
            with model_list.changing() as rows:
                rows[f"{who} {number}"] = Row(f"{who} {number}", "/model.gguf")

    threads = [threading.Thread(target=add, args=(who,)) for who in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(model_list.read()) == 40


GUARDS = {
    guard.name: guard
    for guard in (
        Guard("a file is flushed before its name", without(files, "_flush"), power_cut("a file")),
        Guard("a checkpoint is flushed before its name", without(files, "_flush"), power_cut("checkpoints")),
        Guard("a folder is flushed after a name", without(files, "flush_folder"), power_cut("settings")),
        Guard(
            "a new folder is flushed into its parent",
            without(files, "make_folder", lambda path: path.mkdir(parents=True, exist_ok=True)),
            power_cut("a file in new folders"),
        ),
        Guard(
            "a new folder of chats is flushed into its parent",
            without(files, "make_folder", lambda path: path.mkdir(parents=True, exist_ok=True)),
            power_cut("a first message", 120),
        ),
        Guard("written beside, then renamed", without(files, "whole_file", in_place), killed("settings", "torn")),
        Guard("folders change places in one step", without(files, "_exchange"), killed("a folder")),
        Guard("a folder moved aside is put back", without(files, "settle"), killed("a folder in two steps")),
        Guard("leavings are swept by who writes next", without(files, "settle"), killed("a file")),
        Guard("leavings are swept where names never come again", without(files, "sweep"), killed("a backup")),
        Guard(
            "a copy that has become a backup is known again",
            without(backups, "_is_from_before", lambda _: False),
            killed("a copy becomes a backup"),
        ),
        Guard(
            "a database that has begun to make room is gone on with",
            without(aside, "settle"),
            killed("a backup put back"),
        ),
        Guard(
            "a backup that is back is not put back again",
            without(backups, "_is_back", lambda *_: False),
            killed("a backup put back"),
        ),
        Guard("who writes a list holds its lock", without(files, "exclusive", lambda *_: nullcontext()), two_at_once),
        Guard(
            "digests of a checkpoint",
            without(checkpoint, "sha256_of", lambda path: AsWritten("the same")),
            power_cut("checkpoints", 240, lies=True),
        ),
        Guard("a download is flushed before its name", without(part, "files", NoFlush()), power_cut("download part")),
        Guard("the download journal is flushed", without(journal, "files", NoFlush()), power_cut("download journal")),
        Guard("a run's lines are flushed before a checkpoint", without(Journal, "sync"), power_cut("a journal")),
        Guard("a message is flushed when it is sent", with_lazy_commits, power_cut("a message sent")),
    )
}
