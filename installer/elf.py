"""What the libraries of a collection ask of the system: of which packages, and of which C library at least."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NEEDED = re.compile(r"^\s+NEEDED\s+(\S+)", re.MULTILINE)
_GLIBC = re.compile(r"\bGLIBC_(\d+)\.(\d+)")
_ANSWER = re.compile(r"^\s*(\S+) \(.*\) => (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Binary:
    path: Path
    needed: tuple[str, ...]  # the libraries it names
    glibc: tuple[int, int]  # the newest symbol of the C library that it uses


def binaries(folder: Path) -> Iterator[Binary]:
    """Of every program and library below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            if file.read(4) != b"\x7fELF":
                continue
        said = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=True).stdout
        versions = [(int(major), int(minor)) for major, minor in _GLIBC.findall(said)]
        yield Binary(path, tuple(_NEEDED.findall(said)), max(versions, default=(0, 0)))


def from_outside(found: list[Binary], folder: Path) -> dict[str, list[Path]]:
    """Library -> who names it, of those that do not lie in the folder."""
    inside = {path.name for path in folder.rglob("*.so*")}
    missing: dict[str, list[Path]] = {}
    for binary in found:
        for name in binary.needed:
            if name not in inside:
                missing.setdefault(name, []).append(binary.path)
    return missing


def package_of(library: str) -> str | None:
    """The Debian package that installs a library here."""
    cache = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    places = [path for name, path in _ANSWER.findall(cache) if name == library and "x86_64" in path]
    for place in places:
        for spelling in (place, os.path.realpath(place), place.removeprefix("/usr"), f"/usr{place}"):
            asked = subprocess.run(["dpkg", "-S", spelling], capture_output=True, text=True, check=False)
            if asked.returncode == 0:
                return asked.stdout.split(":")[0].strip()
    return None
