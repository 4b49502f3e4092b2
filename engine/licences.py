"""The licences of everything that this program carries or stands on, with their texts.

The frozen program carries a list that was made when it was built (`resources/licences/licences.json`). From source the
list is made of what is installed, and of what lies in `resources/`. Reading takes a while: ask beside the window.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from engine import about, paths
from engine.errors import EngineError
from engine.phrases import phrase

_TEXTS = re.compile(r"(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)
_MOST_BYTES = 2_000_000  # of one text


class Licence(NamedTuple):
    """What something is called, under which licence it is, and the licence's text, which may be missing."""

    name: str
    version: str
    licence: str
    text: str


# What lies in `resources/` and others made: name, licence, file with the text. docs/licences.md has the same rows.
_BUNDLED = (
    ("Lucide, icons", "ISC; portions from Feather: MIT", "icons/LICENSE"),
    ("Inter, typeface", "SIL Open Font License 1.1", "fonts/LICENSE"),
    ("JetBrains Mono, typeface", "SIL Open Font License 1.1", "fonts/LICENSE"),
    ("The Verdict, a story of 1908 that exports are checked on", "public domain in the United States", ""),
    ("The starter, a model", "Apache-2.0", "starter/README.md"),
)


def collected() -> list[Licence]:
    """All of them, Seedling's own first. Raises EngineError `cannot_read` where the list of a build is broken."""
    built_in = paths.resource("licences") / "licences.json"
    if not built_in.exists():
        return [_own(), *_sorted([*bundled(), *installed()])]
    try:
        listed = json.loads(built_in.read_bytes())
        if not isinstance(listed, list):
            raise ValueError("no list")
        rows = [Licence(*(str(row[field]) for field in Licence._fields)) for row in listed]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise EngineError(
            "cannot_read", detail=str(error), place=str(built_in), reason=phrase("it is damaged")
        ) from error
    names = {row.name.casefold() for row in rows}
    rows += [row for row in bundled() if row.name.casefold() not in names]
    return sorted(rows, key=lambda row: (row.name.casefold() != "seedling", row.name.casefold()))


def bundled() -> list[Licence]:
    """What lies in `resources/`, whoever packed it."""
    return [
        Licence(name, "", licence, _text([paths.resource(file)] if file else [])) for name, licence, file in _BUNDLED
    ]


def installed() -> list[Licence]:
    """Every distribution that Python finds here, but Seedling itself."""
    found: dict[str, Licence] = {}
    for distribution in metadata.distributions():
        name = distribution.name
        if name and name.casefold() != "seedling":
            found.setdefault(name.casefold(), _of(name, distribution))
    return list(found.values())


def _own() -> Licence:
    """Its text lies at the top of the source, and with the metadata of an installation."""
    here = Path(__file__).resolve().parent.parent / "LICENSE"
    texts = [here] if here.exists() else []
    if not texts:
        with contextlib.suppress(metadata.PackageNotFoundError):
            texts = _files(metadata.distribution("seedling"))
    return Licence("Seedling", about.version(), "Apache-2.0", _text(texts))


def _of(name: str, distribution: metadata.Distribution) -> Licence:
    return Licence(name, distribution.version, _named(distribution), _text(_files(distribution)))


def _named(distribution: metadata.Distribution) -> str:
    """What a distribution calls its licence, in one line, wherever it says so."""
    said = distribution.metadata
    kinds = [kind.split(" :: ")[-1] for kind in said.get_all("Classifier") or [] if kind.startswith("License ::")]
    told = {key: said[key] for key in ("License-Expression", "License") if key in said}  # what is absent may raise
    for name in (told.get("License-Expression"), ", ".join(kinds), told.get("License")):
        if name and name.strip() and "\n" not in name.strip():
            return str(name.strip())
    return ""


def _files(distribution: metadata.Distribution) -> list[Path]:
    named = [file for file in distribution.files or [] if ".dist-info/" in str(file) and _TEXTS.search(str(file))]
    return [Path(str(file.locate())) for file in sorted(named, key=str)]


def _text(files: Iterable[Path]) -> str:
    """What these files say, one after another, each once; one that cannot be read says nothing."""
    texts = []
    for path in files:
        try:
            with open(path, "rb") as file:
                texts.append(file.read(_MOST_BYTES).decode("utf-8", "replace").strip())
        except OSError:
            continue
    return "\n\n".join(dict.fromkeys(texts))


def _sorted(rows: list[Licence]) -> list[Licence]:
    return sorted(rows, key=lambda row: row.name.casefold())
