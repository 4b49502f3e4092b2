"""Databases of chats as windows leave them, and what stands in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.chat.store import Store

ROOT = Path(__file__).resolve().parent.parent


def leave_in_log(database: Path, title: str) -> None:
    """A chat made by a window that is killed at once."""
    code = (
        "import os, sys; from engine.chat.store import Store; store = Store(sys.argv[1]);"
        "store.create_chat(sys.argv[2]).result(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(database), title], check=False, cwd=ROOT)
    assert database.with_name("seedling.db-wal").stat().st_size > 0


def titles(database: Path) -> list[str]:
    store = Store(database)
    found = sorted(chat.title for chat in store.chats())
    store.close()
    return found
