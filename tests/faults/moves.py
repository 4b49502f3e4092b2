"""Operations that move one of our folders to another place, linked or copied."""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine import paths, relocate
from engine.settings import Settings
from faults.operations import Operation

CHATS = {"seedling.db": b"chats" * 20_000, "seedling.db-wal": b"log" * 20_000}
RUNS = {"run.json": b"{}", "checkpoints/step 7/model.safetensors": b"weights" * 200_000, "ünï/🌱": b"x", "e": b""}
CONTENTS = {"chats_folder": CHATS, "runs_folder": RUNS}


def refuse_links(*_: object, **__: object) -> None:
    raise OSError(errno.EXDEV, "another volume")


def begin(option: str, place: Path) -> None:
    for name, content in CONTENTS[option].items():
        path = paths.folder(option) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def move(option: str, how: str, place: Path) -> Iterator[None]:
    """What the window does, from wherever it was cut short to the end."""
    target = place / "disk" / "new"
    with pytest.MonkeyPatch.context() as patch:
        if how == "copied":
            patch.setattr(os, "link", refuse_links)
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
        yield


def see(option: str, place: Path) -> Any:
    """The place in use is whole; whether that is the new one, and all else is as it should be."""
    folder = paths.folder(option)
    assert all((folder / name).read_bytes() == content for name, content in CONTENTS[option].items())
    settled = json.loads((place / "settings.json").read_text()) if (place / "settings.json").exists() else {}
    old = paths.usual(option)
    return settled == {option: str(place / "disk" / "new")} and not any((old / n).exists() for n in CONTENTS[option])


TABLE = tuple(
    Operation(
        f"{option} {how}",
        partial(begin, option),
        partial(move, option, how),
        partial(see, option),
        told=("folder_unwritable",),
        resists=True,
        slow=option == "runs_folder",
    )
    for option in CONTENTS
    for how in ("linked", "copied")
)
