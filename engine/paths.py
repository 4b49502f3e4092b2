"""Where things lie: everything Seedling writes is under one home, everything it ships under resources."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def home() -> Path:
    """The folder of all that Seedling writes: `SEEDLING_HOME`, else the platform's place."""
    chosen = os.environ.get("SEEDLING_HOME")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("Seedling", appauthor=False))


def database() -> Path:
    return home() / "seedling.db"


def models() -> Path:
    return home() / "models"


def runs() -> Path:
    return home() / "runs"


def logs() -> Path:
    return home() / "logs"


def resource(name: str) -> Path:
    """A shipped file or folder, in source, wheel and frozen program alike."""
    frozen = getattr(sys, "_MEIPASS", None)
    base = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    return base / "resources" / name
