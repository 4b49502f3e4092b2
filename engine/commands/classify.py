"""`seedling classify`: label one text, or all texts of a file, with a classifier that was trained here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from engine import jobs
from engine.errors import EngineError
from engine.events import Event, Finished, Log, Progress

HELP = "label texts with a classifier"
_SHOWN = 10  # labels of one text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a classifier's folder, or the run that made it")
    parser.add_argument("--text", help="the text to label")
    parser.add_argument("--data", metavar="FILE", help="a file of texts: CSV, JSON lines, Parquet, text, ...")
    parser.add_argument("--column", metavar="NAME", help="the column that holds the texts, where it cannot be told")
    parser.add_argument("--csv", metavar="FILE.csv", help="with --data: the table to write, a line for each text")


def run(args: argparse.Namespace) -> Iterator[Event]:
    """The events of the job `classify`."""
    if (args.text is None) == (args.data is None):
        raise EngineError("usage", reason="Name either --text TEXT or --data FILE")
    params = {name: getattr(args, name) for name in ("model", "text", "data", "csv")}
    params["columns"] = {"text": args.column} if args.column else None
    return jobs.find("classify")(params, args.context)


def show(event: Event) -> None:
    match event:
        case Log(text=text):
            print(text, file=sys.stderr)
        case Progress(done=done) if sys.stderr.isatty():
            print(f"\r\x1b[K{done:,} texts", end="", file=sys.stderr, flush=True)
        case Finished(stats={"probabilities": found}):
            for label, share in sorted(found.items(), key=lambda item: -item[1])[:_SHOWN]:
                print(f"{share:7.2%}  {label}")
        case Finished(stats={"counts": counts, "csv": out}):
            for label, count in sorted(counts.items(), key=lambda item: -item[1]):
                print(f"{count:9,}  {label}")
            print(f"{out} is written.")
