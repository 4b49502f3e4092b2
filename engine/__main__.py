"""The command line: `seedling`, or `python -m engine` without Qt. One module a command, imported when it is called.

A command's module offers

    HELP: str                                           one line; the same as in COMMANDS
    add_arguments(parser) -> None
    run(args) -> Iterator[Event]                        ends like a job; `args.context` is its JobContext
    show(event) -> None                                 prints one event for people

and everything else is the same for all: `--json`, exit codes, errors in one sentence, Ctrl-C.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import io
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from engine import errors, processes, processor

if TYPE_CHECKING:  # loaded with a command; window, version and help need none of it
    from engine.events import Event
    from engine.jobs import JobContext

# Name -> what it does, here as well as in its module, so that `--help` need not import them.
COMMANDS = {
    "chat": "talk with a model",
    "models": "list, find, describe, keep and remove models",
    "data": "look at a dataset: what it holds, and which rows cannot be read",
    "train": "train a model from a recipe",
    "export": "write a model as GGUF, as a model folder or as LitGPT's",
    "evaluate": "measure how well a model answers, foresees or classifies",
    "classify": "label texts with a classifier",
    "bench": "measure how fast this machine chats, trains and starts Seedling",
    "update": "look for a newer version and fetch it; nothing is installed",
    "doctor": "what this machine has, what is missing, how to get it",
}

SUCCESS, FAILURE, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; without a command, open the window: with `--safe`, a safe one, with
    files or an address (`handed`) one that opens those.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if (problem := processor.problem()) is not None:
        return _complain(problem)
    helper = processes.HELPERS.get(arguments[0].removeprefix("--")) if arguments else None
    if helper and arguments[0].startswith("--"):  # the frozen program, started as a helper of itself
        ended: int = importlib.import_module(helper).main(arguments[1:])
        return ended
    if _wants_window(arguments):
        return open_window(arguments)
    module = None
    if arguments[0] in COMMANDS:
        try:
            module = importlib.import_module(f"engine.commands.{arguments[0]}")
        except ModuleNotFoundError as error:
            from engine import jobs

            return _exit_code(jobs.ending(error))
    args = build_parser(arguments[0], module).parse_args(arguments)
    assert module is not None  # the parser has refused any other command
    return run_command(module, args)


def _wants_window(arguments: list[str]) -> bool:
    if not arguments:
        return True
    from engine import handed

    return arguments[0] not in COMMANDS and handed.start_of(arguments) is not None


def build_parser(command: str, module: ModuleType | None) -> argparse.ArgumentParser:
    """A parser that knows all commands by name, and the arguments of the one that was called."""
    parser = _Parser(
        prog="seedling",
        description="Without a command, Seedling opens its window; with --safe, one that loads nothing by itself; "
        "with files (./model.gguf, talks.jsonl), one that opens them.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    for name, text in COMMANDS.items():
        subparser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if module is not None and name == command:
            from engine import log

            module.add_arguments(subparser)
            for leaf in _leaves(subparser):
                leaf.add_argument("--json", action="store_true", help="print events as JSON lines, and nothing else")
                leaf.add_argument("--log-level", choices=log.LEVELS, help="debug also logs contents")
    return parser


def _leaves(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """The parsers that read the last arguments: that of `models list`, not that of `models`."""
    nested = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return [leaf for action in nested for child in action.choices.values() for leaf in _leaves(child)] or [parser]


def run_command(module: ModuleType, args: argparse.Namespace) -> int:
    """All of a command: its events shown as they come, its end as an exit code."""
    from engine import jobs, log
    from engine.events import TERMINAL, Failed

    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # of libraries, about themselves
    os.environ["GGML_NO_BACKTRACE"] = "1"
    log.start("command", args.log_level)
    speak = _json_writer() if args.json else _printer(module)
    first = processes.rank_and_size()[0] == 0  # of those that torchrun started: it speaks for all
    args.context = jobs.JobContext()
    _watch_interrupts(args.context.cancelled)

    def job(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
        events: Iterator[Event] = module.run(args)
        return events

    try:
        for event in jobs.run(job, {}, args.context):
            if first or isinstance(event, Failed):
                speak(event)
            if isinstance(event, TERMINAL):
                return _exit_code(event)
    except BrokenPipeError:  # `seedling ... | head`: the reader has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # so that Python's own flush at the end is quiet
    return FAILURE


def open_window(arguments: list[str]) -> int:
    """The window, if Qt and a display are here; the engine knows it by name only."""
    from engine import desktop_libraries

    if importlib.util.find_spec("PySide6") is None or importlib.util.find_spec("app") is None:
        return _complain(errors.describe("no_window", {}))
    problem = desktop_libraries.problem()
    if problem is not None:
        return _complain(problem)
    code: int = importlib.import_module("app.__main__").main(arguments)
    return code


def _json_writer() -> Callable[[Event], None]:
    from engine.events import to_line

    events = processes.protect_stdout()

    def write(event: Event) -> None:
        events.write(to_line(event))
        events.flush()

    return write


def _printer(module: ModuleType) -> Callable[[Event], None]:
    for stream in (sys.stdout, sys.stderr):  # an old console cannot show every character
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    show: Callable[[Event], None] = module.show
    return show


def _exit_code(event: Event) -> int:
    from engine.events import Failed, Finished

    if isinstance(event, Failed):
        _complain(errors.describe(event.code, event.data))
        return USAGE if event.code == "usage" else FAILURE
    reason = event.reason if isinstance(event, Finished) else ""
    return {"cancelled": INTERRUPTED, "paused": FAILURE}.get(reason, SUCCESS)


def _complain(sentence: str) -> int:
    print(f"seedling: {sentence}", file=sys.stderr)
    return FAILURE


def _watch_interrupts(cancelled: threading.Event) -> None:
    """Ctrl-C asks the command to stop; once more, while it has not, ends the process.

    Python runs signal handlers between two of its own instructions, which may be long in coming while C computes.
    The wake-up descriptor is written in the signal itself, so a thread that reads it is there at once.
    """
    reader, writer = os.pipe()
    if sys.platform != "win32":
        os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, lambda *_: None)

    def watch() -> None:
        while os.read(reader, 1):
            if cancelled.is_set():
                os._exit(INTERRUPTED)
            cancelled.set()

    threading.Thread(target=watch, name="interrupts", daemon=True).start()


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; argparse would print every option before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}. `{self.prog} --help` says what it takes.\n")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"seedling {version('seedling')}")
        except PackageNotFoundError:
            print("seedling, not installed")
        parser.exit()


if __name__ == "__main__":
    processes.end(main())
