"""GPT4All: GGUF files right in its models folder, which its settings (an INI file of Qt's) may name."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from pathlib import Path

from engine.errors import EngineError
from engine.library.stores import looking
from engine.library.stores.candidate import Candidate, by_folder
from engine.library.stores.system import System

NAME = "gpt4all"
_LARGEST_SETTINGS = 4 << 20
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,4})|(.))")


def places(system: System) -> list[Path]:
    """The folder that the settings name, and the usual one."""
    settings = system.home / ".config" if system.platform == "darwin" else system.settings()
    named = _named(settings / "nomic.ai" / "GPT4All.ini", system)
    usual = system.data() / "nomic.ai" / "GPT4All"
    return [usual] if named is None else [named, usual]


def candidates(place: Path) -> Iterator[Candidate]:
    yield from by_folder(place)


def _named(settings: Path, system: System) -> Path | None:
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=(";",))
    try:
        parser.read_string(looking.small_file(settings, _LARGEST_SETTINGS).decode("utf-8", "replace"))
    except (EngineError, configparser.Error):  # the usual place is looked at anyway
        return None
    value = parser.get("General", "modelPath", fallback="").strip()
    value = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    value = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], value)
    return system.expanded(value) if value else None
