"""The window's workers, each of which follows a script."""

from __future__ import annotations

import sys
from pathlib import Path

from app.engine_client import EngineClient
from app.workers import Workers

_HERE = Path(__file__).parent


def scripted(name: str, **options: int) -> EngineClient:
    """A client of tests/scripted_NAME.py."""
    return EngineClient([sys.executable, str(_HERE / f"scripted_{name}.py")], **options)


def workers() -> Workers:
    return Workers(
        chat=scripted("worker"),
        remote=scripted("worker", patient=True),
        talks=(scripted("worker"), scripted("worker")),
        data=scripted("trainer"),
        training=scripted("trainer", grace_ms=10_000),
        library=scripted("library"),
        files=scripted("library"),
        hub=scripted("hub"),
        servers=scripted("servers"),
        updates=scripted("updates"),
        fetching=lambda: scripted("hub"),
    )
