"""Which of the files for this computer suits the way in which this program was put here."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engine.errors import EngineError
from engine.runtime.gguf_header import shown
from engine.updates.manifest import Manifest, Package, platform_here

_PACKED_BY = {"linux": ".deb", "darwin": ".dmg", "win32": ".exe"}  # what installs a program, on each system


def offered(found: Manifest) -> list[Package]:
    """The files for this computer, the one that suits first."""
    suffix = suffix_here()
    return sorted(found.packages_here(), key=lambda package: not package.name.endswith(suffix))


def chosen(found: Manifest, name: str = "") -> Package:
    """The file of this name, or the one that suits. Raises EngineError `update_not_for_here`, `update_no_such_file`."""
    packages = offered(found)
    if not packages:
        raise EngineError("update_not_for_here", version=found.version, platform=platform_here())
    for package in packages:
        if package.name == (name or package.name):
            return package
    raise EngineError("update_no_such_file", file=shown(name), names=", ".join(each.name for each in packages))


def suffix_here() -> str:
    """How the name of the file ends that would take this program's place."""
    if os.environ.get("APPIMAGE"):
        return ".AppImage"
    installed = Path(sys.executable).is_relative_to("/usr") or Path(sys.executable).is_relative_to("/opt")
    if sys.platform == "linux" and not installed:
        return ".tar.gz"
    return _PACKED_BY.get(sys.platform, "")
