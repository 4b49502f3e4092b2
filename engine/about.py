"""What this program is made of, told without loading any of it."""

from __future__ import annotations

import functools
import platform
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from engine import paths

# What a person or a bug report asks about first: distribution -> what people call it.
_PARTS = {
    "torch": "PyTorch",
    "llama-cpp-python": "llama.cpp (llama-cpp-python)",
    "PySide6-Essentials": "Qt (PySide6)",
    "apsw": "SQLite (apsw)",
    "tokenizers": "tokenizers",
    "huggingface-hub": "huggingface_hub",
}


class Part(NamedTuple):
    """Something this program is made of, with its version."""

    name: str
    version: str


@functools.cache
def version() -> str:
    """Seedling's own; empty where neither an installation nor the source tells.

    It is that of the first time it was asked for: what is installed may be replaced under an open window.
    """
    try:
        return metadata.version("seedling")
    except metadata.PackageNotFoundError:
        return _version_of_source()


def _version_of_source() -> str:
    project = Path(__file__).resolve().parent.parent / "pyproject.toml"
    try:
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError):
        return ""


def parts() -> list[Part]:
    """Python and the libraries that matter most, as far as they are here."""
    found = [Part("Python", platform.python_version())]
    for distribution, name in _PARTS.items():
        try:
            found.append(Part(name, metadata.version(distribution)))
        except metadata.PackageNotFoundError:
            continue
    return found


def is_frozen() -> bool:
    """Whether this is the program that is installed without a Python of its own."""
    return bool(getattr(sys, "frozen", False))


def folders() -> dict[str, Path]:
    """What a person may look for: the program, and all that it writes."""
    program = Path(sys.executable).parent if is_frozen() else Path(__file__).resolve().parent.parent
    return {"program": program, "home": paths.home(), "logs": paths.logs()}
