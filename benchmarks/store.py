"""How long one message takes until it is safely on the disk: `python benchmarks/store.py [FOLDER]`.

The disk of FOLDER is measured (without it, that of temporary files), beside a bare flush of 2 KB to a file there.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import BinaryIO

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.chat.messages import Message
from engine.chat.store import Store

MESSAGES = 500
CONTENT = "All work and no play makes a dull message. " * 48  # about 2 KB


def main(folder: str | None) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        with open(Path(place) / "bare", "wb") as file:
            report("bare write and flush", lambda: bare(file))
        store = Store(Path(place) / "chats.db")
        chat = store.create_chat("benchmark").result()
        report("message in the store", lambda: store.add_message(chat, Message("user", CONTENT)).result())
        store.close()


def bare(file: BinaryIO) -> None:
    file.write(CONTENT.encode())
    file.flush()
    os.fsync(file.fileno())


def report(name: str, write: Callable[[], object]) -> None:
    times_ms = []
    for _ in range(MESSAGES):
        started = perf_counter()
        write()
        times_ms.append(1000 * (perf_counter() - started))
    print(f"{name}: median {median(times_ms):.2f} ms, 99th percentile {quantiles(times_ms, n=100)[-1]:.2f} ms")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
