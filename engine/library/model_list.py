"""The list of models on the disk: `models.json` under the home. The window and the command line both write it.

Only here is it read and written. What a newer version put into it, beside what this one knows, stays.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import files, paths
from engine.errors import EngineError

log = logging.getLogger(__name__)

PATIENCE_S = 10.0  # writing takes milliseconds
_FILE, _LOCK = "models.json", "models.lock"


@dataclass(frozen=True)
class Row:
    """A model that was added. path: absolute, of the first file of a split one.

    kind, origin: as of `ModelEntry`; the kind is empty in lists of older versions. recorded: what its files were like
    when it was added and when they were verified; see `checksums`. more: keys of newer versions.
    """

    name: str
    path: str
    origin: str = "added"
    kind: str = ""
    recorded: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        known = {"name": self.name, "path": _written(self.path), "origin": self.origin, "kind": self.kind}
        return known | ({"recorded": self.recorded} if self.recorded else {}) | self.more


Rows = dict[str, Row]


def read() -> Rows:
    """The rows by their names, in order. A list that cannot be read is moved aside, so that nothing of it is lost."""
    try:
        return _rows(_document())
    except OSError as error:
        log.warning("the list of models cannot be read: %s", error)
        return {}


@contextmanager
def changing() -> Iterator[Rows]:
    """The rows, to be changed in place and written at the end; no other process writes meanwhile.

    Raises EngineError `list_busy`, and OSError where the file cannot be read or written.
    """
    with locked():
        document = _document()
        rows = _rows(document)
        before = list(rows.values())
        yield rows
        if list(rows.values()) != before:
            written = document | {"models": [row.to_json() for row in rows.values()]}
            files.write_json(paths.home() / _FILE, written)


@contextmanager
def locked() -> Iterator[None]:
    """Whoever changes what is kept about models holds this. Raises EngineError `list_busy`."""
    with ExitStack() as stack:
        try:
            stack.enter_context(files.exclusive(paths.home() / _LOCK, PATIENCE_S))
        except TimeoutError as error:
            raise EngineError("list_busy", str(error)) from None
        yield


def _document() -> dict[str, Any]:
    """What the file holds, with rows that are rows; {} where there is none. Raises OSError."""
    path = paths.home() / _FILE
    try:
        document = dict(json.loads(path.read_bytes()).items())
        _rows(document)
        return document
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log.warning("the list of models is damaged (%s); it was moved to %s", error, files.set_aside(path))
        return {}


def _rows(document: dict[str, Any]) -> Rows:
    rows = [_row(dict(row)) for row in document.get("models", [])]
    return {row.name: row for row in rows}


def _written(path: str) -> str:
    """How a place is written: what lies in a home that is carried around counts from there, wherever that is next."""
    home, place = paths.home(), Path(path)
    return place.relative_to(home).as_posix() if paths.portable_home() == home and home in place.parents else path


def _row(values: dict[str, Any]) -> Row:
    name, path = str(values.pop("name")), str(paths.home() / str(values.pop("path")))
    origin, kind = str(values.pop("origin", "added")), str(values.pop("kind", ""))
    recorded = values.pop("recorded", {})
    return Row(name, path, origin, kind, recorded if isinstance(recorded, dict) else {}, values)
