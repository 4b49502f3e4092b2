"""`seedling bench`: how fast this machine chats, trains and starts Seedling, beside what it is compared with."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from engine.benchmarks.shapes import SHAPES
from engine.events import Event, Finished, Log, Measured, Progress, Started

HELP = "measure how fast this machine chats, trains and starts Seedling"

_TYPES = ("q8_0", "q4_k_m", "q4_0", "f16")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="WHAT", required=True, title="what")
    text = "decoding, prompt and first token, beside a bare loop and llama-cpp-python's class on the same file"
    chat = kinds.add_parser("chat", help=text, description=f"Measure {text}.")
    chat.add_argument("-m", "--model", metavar="MODEL", help="a name, GGUF file or model folder; without it, starter")
    chat.add_argument("--backend", choices=("llama", "gpt"), help="llama.cpp, or Seedling's own GPT")
    synthetic = "instead a model of 110 million parameters, made on the spot: of this GGUF type, q8_0 without TYPE"
    chat.add_argument("--synthetic", metavar="TYPE", nargs="?", const="q8_0", choices=_TYPES, help=synthetic)
    chat.add_argument("--tokens", metavar="N", type=_count, help="of a reply, at most; without it 256")
    text = "tokens/s of the training loop, and its share of a matrix product in the same run"
    train = kinds.add_parser("train", help=text, description=f"Measure {text}.")
    shapes = "without it, 4M and 12M; may be given several times"
    train.add_argument("--shape", dest="shapes", choices=tuple(SHAPES), action="append", help=shapes)
    train.add_argument("--compile", action="store_true", help="train with compiled functions")
    for leaf in (chat, train):
        leaf.add_argument("--threads", metavar="N", type=_count, help="of the processor; without it automatic")
    text = "the time until a key can be typed into the window, beside an empty window, and that of the command line"
    start = kinds.add_parser("start", help=text, description=f"Measure {text}.")
    start.add_argument("--offscreen", action="store_true", help="without a display, though there is one")
    for leaf in (chat, train, start):
        leaf.add_argument("--rounds", metavar="N", type=_count, help="in turn, after one to warm up; without it 7")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("a number of at least 1 is wanted")
    return number


def run(args: argparse.Namespace) -> Iterator[Event]:
    """The events of one benchmark: a Measured for every figure, and Finished, which says whether it was quiet."""
    params: dict[str, Any] = vars(args)
    if args.kind == "chat":
        from engine.benchmarks.chat import measure
    elif args.kind == "train":
        from engine.benchmarks.training import measure
    else:
        from engine.benchmarks.start import measure
    return measure(params, args.context)


def show(event: Event) -> None:
    match event:
        case Started(data=data):
            print(", ".join(f"{name} {value}" for name, value in data.items() if name != "who"))
        case Progress() if sys.stderr.isatty():
            print(f"\r\x1b[K{event.done} of {event.total} {event.unit} {event.message}", end="", file=sys.stderr)
        case Measured():
            print(row(event))
        case Log(text=text):
            print(f"warning: {text}", file=sys.stderr)
        case Finished(reason="done", stats=stats):
            if sys.stderr.isatty():
                print(file=sys.stderr)
            used, processors = stats["others_used"], stats["processors"]
            quiet = "quiet" if stats["quiet"] else "not quiet"
            print(f"The machine was {quiet}: other programs used {used:.1f} of {processors} processors.")


def row(event: Measured) -> str:
    """A figure on one line: what, who, median with its unit, spread, and ratios to others."""
    ratios = ", ".join(f"{ratio:.2f} of {other}" for other, ratio in event.ratios.items())
    spread = f"± {event.spread:.0%}"
    return f"{event.what:12} {event.who:18} {number(event.median):>10} {event.unit:19} {spread:>6}  {ratios}".rstrip()


def number(value: float) -> str:
    """Four figures, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
