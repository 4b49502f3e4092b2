"""What a signed list of a newer version says. docs/updates.md describes the format.

The first line is JSON in one form only (keys sorted, no spaces, ASCII), because these very bytes are signed. Only what
`engine.updates.signature` has taken for genuine is read here, and even then a name is no path, an address has to be
one that may be asked, and a text holds nothing that cannot be seen.
"""

from __future__ import annotations

import datetime
import json
import platform
import re
import sys
from dataclasses import dataclass
from typing import Any

from packaging.version import InvalidVersion, Version

from engine.errors import EngineError
from engine.library.download import names
from engine.phrases import Phrase, phrase
from engine.runtime.gguf_header import shown
from engine.updates import addresses

FORMAT = 1
LONGEST_CHANGES = 20_000  # characters
_LARGEST_FILE = 1 << 36
_MOST_PACKAGES = 50
_HIGHEST_NUMBER = 2**53 - 1  # what every reader of JSON can hold
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]{0,119}")
_PLATFORM = re.compile(r"[a-z0-9_]{1,20}-[a-z0-9_]{1,20}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SYSTEMS = {"win32": "windows", "darwin": "macos"}
_MACHINES = {"amd64": "x86_64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Package:
    """A file that installs the version on one platform. `size` in bytes, `sha256` in hex."""

    platform: str
    name: str
    size: int
    sha256: str
    address: str


@dataclass(frozen=True)
class Manifest:
    """`number` grows with every list that is signed. `date` and `expires` are days, in UTC. `changes` is Markdown."""

    number: int
    version: str
    date: datetime.date
    expires: datetime.date
    changes: str
    packages: tuple[Package, ...]

    def packages_here(self) -> tuple[Package, ...]:
        """Those for this computer, in the order of the list."""
        here = platform_here()
        return tuple(package for package in self.packages if package.platform == here)

    def is_newer_than(self, version: str) -> bool:
        """Raises EngineError `update_version_unknown` where this program does not know its own."""
        try:
            return Version(self.version) > Version(version)
        except InvalidVersion:
            raise EngineError("update_version_unknown", version=shown(version)) from None


def platform_here() -> str:
    """Such as `linux-x86_64`: the system and the processor of this computer."""
    machine = platform.machine().lower()
    return f"{_SYSTEMS.get(sys.platform, sys.platform)}-{_MACHINES.get(machine, machine)}"


def canonical(data: dict[str, Any]) -> bytes:
    """The one form in which a list is signed: a line, without its end."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def read(line: bytes, host: str) -> Manifest:
    """The list that a genuine line holds. host: who sent it, for sentences. Raises EngineError `update_strange`."""
    try:
        data = json.loads(line)
        if not isinstance(data, dict) or canonical(data) != line:
            raise ValueError(phrase("not in the form that is signed"))
        return _manifest(data)
    except (ValueError, KeyError, TypeError, RecursionError, InvalidVersion) as error:
        reason = phrase("{key} is missing", key=shown(error)) if isinstance(error, KeyError) else str(error)
        said = reason if isinstance(reason, Phrase) else shown(reason)
        raise EngineError("update_strange", host=host, reason=said) from error


def _manifest(data: dict[str, Any]) -> Manifest:
    if data["format"] != FORMAT:
        raise ValueError(phrase("of a form that only newer versions know"))
    packages = data["packages"]
    if not isinstance(packages, list) or len(packages) > _MOST_PACKAGES:
        raise ValueError("packages")
    version = Version(_text("version", data["version"], 40))
    if version.local:
        raise ValueError(phrase("a version of one computer alone"))
    date, expires = (datetime.date.fromisoformat(_text(key, data[key], 10)) for key in ("date", "expires"))
    if expires < date:
        raise ValueError(phrase("expired before it was made"))
    return Manifest(
        _count("number", data["number"], _HIGHEST_NUMBER),
        str(version),
        date,
        expires,
        _text("changes", data["changes"], LONGEST_CHANGES, breaks="\n"),
        tuple(_package(package) for package in packages),
    )


def _package(data: dict[str, Any]) -> Package:
    name = _matching("name", _NAME, data["name"])
    try:
        names.check_file(name)
    except EngineError:
        raise ValueError(f"name {name!r}") from None
    address = _text("address", data["address"], addresses.LONGEST)
    if not addresses.may_be_asked(address):
        raise ValueError(phrase("an address that is not asked, {address}", address=shown(address)))
    return Package(
        _matching("platform", _PLATFORM, data["platform"]),
        name,
        _count("size", data["size"], _LARGEST_FILE),
        _matching("sha256", _SHA256, data["sha256"]),
        address,
    )


def _matching(key: str, pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{key} {value!r}")
    return value


def _count(key: str, value: object, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise ValueError(f"{key} {value!r}")
    return value


def _text(key: str, value: object, longest: int, breaks: str = "") -> str:
    """Raises ValueError also for what cannot be seen, or would show what follows it the other way round."""
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError(key)
    if any(not letter.isprintable() and letter not in breaks for letter in value):
        raise ValueError(phrase("{key} with characters that cannot be seen", key=key))
    return value
