"""`seedling data inspect`: what a dataset holds, and what became of every row of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from engine.data.columns import KINDS, ROLES
from engine.data.encode import TRAIN_ON
from engine.data.inspection import inspect
from engine.data.samples import Segment, marked
from engine.errors import EngineError
from engine.events import Event, Finished, Progress, Sample, Started, TokenSample

HELP = "look at a dataset: what it holds, and which rows cannot be read"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    look = actions.add_parser("inspect", help="find out the format of a file, check every row, count duplicates")
    look.add_argument("data", nargs="+", metavar="FILE", help="a file, or a folder of files")
    roles = ", ".join(ROLES)
    look.add_argument(
        "--map", action="append", default=[], metavar="ROLE=COLUMN", help=f"read a column as this; roles: {roles}"
    )
    look.add_argument("--as", dest="kind", choices=KINDS, help="what it is to be read as, where it asks")
    look.add_argument(
        "--evaluation", action="append", metavar="FILE", help="data whose rows must not stand in this one"
    )
    look.add_argument(
        "--held-back", type=_share, metavar="SHARE", help="the share of the last rows that is to be evaluated on"
    )
    look.add_argument("-m", "--model", help="show what this model would learn, and count its tokens")
    look.add_argument("--train-on", choices=TRAIN_ON, default="replies", help="what of a conversation is learnt")
    look.add_argument("--max-length", type=int, metavar="TOKENS", help="how many rows are longer than this?")
    look.add_argument("--all", action="store_true", help="count the tokens of all rows, not of some drawn evenly")


def run(args: argparse.Namespace) -> Iterator[Event]:
    """Raises EngineError."""
    params: dict[str, Any] = {"data": args.data, "kind": args.kind, "evaluation": args.evaluation}
    params |= {"held_back": args.held_back}
    params |= {"model": args.model, "train_on": args.train_on, "max_length": args.max_length, "all": args.all}
    yield from inspect({**params, "columns": dict(map(_column, args.map))}, args.context)


def show(event: Event) -> None:
    match event:
        case Progress(done=done, total=total, unit=unit) if sys.stderr.isatty():
            of = f" of {total:,}" if total else ""
            print(f"\r\x1b[K{event.message or f'{done:,}{of} {unit}'}", end="", file=sys.stderr, flush=True)
        case Started(data=data):
            _clear()
            print("\n".join(_found(data)))
        case Sample(step=number, text=text):
            print(f"\nRow {number}\n    {text.replace(chr(10), chr(10) + '    ')}")
        case TokenSample(row=number, name=name, refused=refused):
            _clear()
            counts = (
                f"cannot be trained on: {refused}" if refused else f"{event.trained} of {event.tokens} tokens learnt"
            )
            print(f"\nRow {number}{', ' * bool(name)}{name}: {counts}")
            print(marked((Segment(**part) for part in event.segments), colour=sys.stdout.isatty()))
        case Finished(reason="asked", stats=stats):
            _clear()
            print("\n" + "\n".join(stats["detected"]["questions"]))
            print("Answer with --as KIND or --map ROLE=COLUMN.")
        case Finished(reason="done", stats=stats):
            _clear()
            print("\n" + "\n".join(_counted(stats)))


def _found(data: dict[str, Any]) -> Iterator[str]:
    detected = data["detected"]
    more = data["file_count"] - 1
    yield f"{'File':12}{data['files'][0]}" + (f" and {more:,} more" if more else "")
    yield f"{'Format':12}{detected['format'] or 'not known'}" + (f" ({data['kind']})" if data["kind"] else "")
    yield f"{'Confidence':12}{detected['confidence']:.0%}: {detected['reason']}"
    for role, column in detected["columns"].items():
        yield f"{'  ' + role:12}{column if isinstance(column, str) else ', '.join(column)}"
    if data["kind"] and detected["unused"]:
        yield f"{'Not read':12}{', '.join(detected['unused'])}"


def _counted(stats: dict[str, Any]) -> Iterator[str]:
    report = stats["report"]
    yield f"{'Rows':12}{report['rows']:,}: {report['read']:,} read, {report['rejected']:,} rejected"
    yield f"{'Duplicates':12}{report['duplicates']:,}"
    if report["labels"]:
        labels = list(report["labels"].items())
        more = f" and {len(labels) - 8} more" if len(labels) > 8 else ""
        yield f"{'Labels':12}{', '.join(f'{name} {count:,}' for name, count in labels[:8])}{more}"
    for reason, count in list(report["reasons"].items())[:8]:
        yield f"{'Rejected':12}{count:,}: {reason}"
    if "lengths" in stats:
        yield from _lengths(stats["lengths"])
    yield from stats["sentences"]


def _lengths(found: dict[str, Any]) -> Iterator[str]:
    about = "" if found["exact"] else "about "
    least, half, most_of, nearly_all, most = found["quantiles"]
    yield f"{'Tokens':12}{about}{found['total']:,}, of which {found['trained_share']:.0%} are learnt"
    shares = f"half up to {half:,}, 90% up to {most_of:,}, 99% up to {nearly_all:,}"
    yield f"{'Lengths':12}{least:,} to {most:,} tokens; {shares}"
    if not found["exact"]:
        yield f"{'Counted':12}{found['measured']:,} rows drawn evenly; --all counts every one"
    if found["too_long"] is not None:
        yield f"{'Too long':12}{about}{found['too_long']:.1%} of the rows"
    if found["refused"]:
        yield f"{'Refused':12}{found['refused']:,} of the {found['measured']:,} rows counted cannot be trained on"


def _column(setting: str) -> tuple[str, str]:
    role, equals, column = setting.partition("=")
    if not equals or not role or not column:
        raise EngineError("usage", reason=f"{setting} names no column: write ROLE=COLUMN")
    return role.strip(), column.strip()


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError("between 0 and 1")
    return share


def _clear() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
