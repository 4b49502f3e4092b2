"""The licences of all that is collected: found, written into the collection, and the build refused where one lacks.

`licences.json` is a list of {name, version, licence, text}, which `engine/licences.py` reads; `LICENCES.txt` is the
same for people.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

from engine.licences import Licence, bundled, collected, installed

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "installer" / "licence_texts"
LLAMA = ROOT / "build" / "llama" / "lib" / "LICENSE"

# Distributions whose wheels carry no text: the file in `licence_texts` that says it for them.
_WITHOUT_TEXT = {"pyside6-essentials": "Qt.txt", "shiboken6": "Qt.txt", "tokenizers": "tokenizers.txt"}
_NEEDS_NONE = "public domain in the United States"
_RULE = "=" * 120


class NoLicenceError(Exception):
    """Something is collected whose licence nobody has said."""


def of_collected(files: Iterable[tuple[str, str]]) -> list[Licence]:
    """Of (path inside, source) of all that is collected. Raises NoLicenceError, which names what has none."""
    found = {_ours(), *bundled(), _python(), _of_distribution("pyinstaller")}  # the last: its loader is what starts
    unknown: list[str] = []
    for inside, source in files:
        if source == "-":  # a package that is a folder and no file
            continue
        licence = _of_file(inside.replace("\\", "/"), Path(source))
        if licence is None:
            unknown.append(f"{inside} ({source})")
        else:
            found.add(licence)
    unknown += [f"{one.name}: no text" for one in found if not one.text.strip() and one.licence != _NEEDS_NONE]
    if unknown:
        raise NoLicenceError("no licence is known of\n  " + "\n  ".join(sorted(unknown)))
    return sorted(found)


def write(licences: list[Licence], folder: Path) -> None:
    """Both files, into a folder that is made."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = json.dumps([one._asdict() for one in licences], ensure_ascii=False, indent=1)
    (folder / "licences.json").write_text(listed + "\n", encoding="utf-8")
    parts = ["Seedling carries the work of many others. Each one's licence follows, in the order of their names.\n"]
    parts += [f"{_RULE}\n{one.name} {one.version}: {one.licence}\n{_RULE}\n\n{one.text.strip()}\n" for one in licences]
    (folder / "LICENCES.txt").write_text("\n".join(parts), encoding="utf-8")


def _of_file(inside: str, source: Path) -> Licence | None:
    if inside.startswith("llama_cpp/lib/"):
        version = metadata.version("llama-cpp-python")
        return Licence("llama.cpp", version, "MIT", LLAMA.read_text(encoding="utf-8"))
    distribution = _owners().get(str(source)) or _owners().get(str(source.resolve()))
    if distribution is not None:
        return _of_distribution(distribution)
    if source.is_relative_to(ROOT):
        return _ours()
    if inside.startswith("libpython") or any(source.resolve().is_relative_to(base) for base in _python_folders()):
        return _python()
    return _of_system(source) if sys.platform == "linux" else None


@cache
def _owners() -> dict[str, str]:
    """File -> the distribution that installed it."""
    owners = {}
    for distribution in metadata.distributions():
        name, folder = distribution.name, str(distribution.locate_file(""))  # each asking reads the metadata anew
        folders = {folder, os.path.realpath(folder)}
        for file in distribution.files or []:
            for base in folders:
                owners[os.path.normpath(os.path.join(base, file))] = name
    return owners


@cache
def _of_distribution(name: str) -> Licence:
    if _normal(name) == "seedling":
        return _ours()
    licence = _installed()[_normal(name)]
    if not licence.text and (ours := _WITHOUT_TEXT.get(_normal(name))):
        return licence._replace(text=(TEXTS / ours).read_text(encoding="utf-8"))
    return licence


@cache
def _installed() -> dict[str, Licence]:
    return {_normal(licence.name): licence for licence in installed()}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _ours() -> Licence:
    return collected()[0]


@cache
def _python_folders() -> list[Path]:
    places = [sys.base_prefix, sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    return [Path(place).resolve() for place in places]


@cache
def _python() -> Licence:
    """Python's own, which its standard library is under."""
    places = [Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt"]
    text = next((path.read_text(encoding="utf-8") for path in places if path.exists()), "")
    return Licence("Python", platform.python_version(), "PSF-2.0", text)


@cache
def _of_system(path: Path) -> Licence | None:
    """Of a library that belongs to a Debian package, by that package's copyright file."""
    for spelling in (str(path), str(path.resolve()), str(path).removeprefix("/usr"), f"/usr{path}"):
        said = subprocess.run(["dpkg", "-S", spelling], capture_output=True, text=True, check=False).stdout
        if not said:
            continue
        package = said.split(":")[0].strip()
        text = Path(f"/usr/share/doc/{package}/copyright").read_text(encoding="utf-8", errors="replace")
        version = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=True
        ).stdout
        kinds = dict.fromkeys(re.findall(r"^License: *(\S.*)$", text, re.MULTILINE))
        return Licence(package, version, ", ".join(kinds) or "see the text", text)
    return None
