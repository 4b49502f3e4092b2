"""`seedling models download`: a model from the hub, onto this computer and onto the list of models."""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from engine.events import Event, Finished, Progress, Waiting
from engine.hardware import size_text as _size
from engine.runtime.gguf_header import shown

_SHOW_S = 0.2  # so the speed is that of the last five seconds


def add_arguments(actions: Any) -> None:
    """Add `download` to the subparsers of `seedling models`."""
    download: argparse.ArgumentParser = actions.add_parser("download", help="fetch a model from the Hugging Face Hub")
    download.add_argument(
        "repo",
        metavar="REPO[:FILE]",
        help="organisation/name; FILE is a file of it, or a quantization such as Q4_K_M; without it, all that it takes",
    )
    download.add_argument("--revision", default="main", metavar="R", help="a branch, tag or commit (main)")
    download.add_argument("--again", action="store_true", help="read what is here, and fetch anew what is broken")


def run(args: argparse.Namespace) -> Iterator[Event]:
    """The events of the job; the same command goes on with a download that was interrupted."""
    from engine.library.download import job  # which loads the network

    repo, _, file = args.repo.partition(":")
    files = [file] if file else []
    return job.download({"repo": repo, "files": files, "revision": args.revision, "again": args.again}, args.context)


class Shown:
    """Prints a download for people: one line that is written over, and what came of it."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque(maxlen=25)  # moments, and the bytes that were here then

    def __call__(self, event: Event) -> None:
        match event:
            case Progress():
                self._progress(event)
            case Waiting() if sys.stdout.isatty():
                print("  waiting, nothing has come for some seconds", end="", flush=True)
            case Finished("done", {"paths": paths, **stats}):
                self._clear()
                print(*paths, sep="\n")
                if "model" in stats:
                    print(f"On the list as {stats['model']}.")
                elif "problem" in stats:
                    print(f"Not on the list: {stats['problem']}")
            case Finished("cancelled"):
                self._clear()
                print("Paused. The same command goes on with it.")

    def _progress(self, event: Progress) -> None:
        now = time.monotonic()
        if not sys.stdout.isatty() or (self._marks and now - self._marks[-1][0] < _SHOW_S):
            return
        self._marks.append((now, event.done))
        (since, before), parts = self._marks[0], [f"{_size(event.done)} of {_size(event.total)}"]
        if event.done > before:
            speed = (event.done - before) / (now - since)
            parts += [f"{_size(int(speed))}/s", f"{_duration((event.total - event.done) / speed)} left"]
        print(f"\r\033[K{', '.join(parts)}  {shown(event.message, 40)}", end="", flush=True)

    def _clear(self) -> None:
        if sys.stdout.isatty():
            print("\r\033[K", end="")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
