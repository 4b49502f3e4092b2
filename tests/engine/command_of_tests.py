"""Test equipment: the real command line, with one more command whose behaviour is its argument."""

from __future__ import annotations

import argparse
import ctypes
import os
import sys
import time
import types
from collections.abc import Iterator

from engine import __main__ as command_line
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Progress, TextDelta

HELP = "do as told"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what")


def run(args: argparse.Namespace) -> Iterator[Event]:
    yield TextDelta("begun 🌱 \ud800")
    match args.what:
        case "fine":
            yield Finished("done", {"loss": float("nan")})
        case "engine-error":
            raise EngineError("not_found", place="/nowhere")
        case "failed":
            yield Failed("disk_full", {"place": "/full"}, "detail")
        case "bug":
            raise RuntimeError("inside\nsix\nlines\nor\nmore\nof\nit\nhere")
        case "system-error":
            open("/no/such/file")  # noqa: SIM115
        case "print":
            print("a library prints")
            os.write(1, b"and C\n")
            yield Finished("done")
        case "wait":
            while not args.context.cancelled.wait(0.01):
                pass
            yield Finished("cancelled")
        case "deaf":
            lock = ctypes.create_string_buffer(256)  # all zero: a mutex; the second lock waits, whatever signal comes
            ctypes.CDLL(None).pthread_mutex_lock(lock)
            ctypes.CDLL(None).pthread_mutex_lock(lock)
        case "endless":
            while True:
                yield Progress(1, 0)
                time.sleep(0.001)


def show(event: Event) -> None:
    if isinstance(event, TextDelta):
        print(event.text, flush=True)
    if isinstance(event, Progress):
        print("on", flush=True)


if __name__ == "__main__":
    module = types.ModuleType("engine.commands.obey")
    module.__dict__.update(HELP=HELP, add_arguments=add_arguments, run=run, show=show)
    sys.modules["engine.commands.obey"] = module
    command_line.COMMANDS["obey"] = HELP
    sys.exit(command_line.main())
