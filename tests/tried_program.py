"""Which program the journeys are about: the one from source, or a frozen one that `SEEDLING_PROGRAM` names.

    SEEDLING_PROGRAM=dist/seedling/seedling .venv/bin/python -m pytest tests/journeys

The window of a journey is from source always, its tests look into it; the workers and commands are the program's.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

FROZEN = os.environ.get("SEEDLING_PROGRAM", "")
COMMAND = [str(Path(FROZEN).resolve())] if FROZEN else [sys.executable, "-m", "engine"]


def helper_command(kind: str) -> list[str]:
    """How the frozen program starts a helper of its own."""
    return [*COMMAND, f"--{kind}"]
