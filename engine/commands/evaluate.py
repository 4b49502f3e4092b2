"""`seedling evaluate`: how well a model answers, or foresees a text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import files
from engine.evaluation.jobs import BACKENDS, TASKS
from engine.events import Event, Finished, Log, Progress

HELP = "measure how well a model answers, foresees or classifies"

_SEEDS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    model_help = "a name from `seedling models list`, or the path of a GGUF file or model folder"
    parser.add_argument("model", metavar="MODEL", help=model_help)
    task_help = (
        "card: 60 prompts and what a good reply holds; perplexity: how well it foresees the text of --data; "
        "classify: how well a classifier finds the labels of --data"
    )
    parser.add_argument("--task", choices=TASKS, required=True, help=task_help)
    data_help = (
        "perplexity: the text file; classify: texts with labels; card: the folder of text.txt and held-out.txt, "
        "without it build/starter"
    )
    parser.add_argument("--data", metavar="PATH", help=data_help)
    backend_help = "llama.cpp, Seedling's own GPT, or both; without it, those that open the model"
    parser.add_argument("--backend", choices=(*BACKENDS, "both"), help=backend_help)
    seeds_help = f"card: ask every prompt with N seeds; without it {_SEEDS}"
    parser.add_argument("--seeds", metavar="N", type=_at_least_one, default=_SEEDS, help=seeds_help)
    csv_help = "classify: write every text there with its label, the class found and the probabilities"
    parser.add_argument("--csv", metavar="FILE.csv", help=csv_help)
    parser.add_argument("--out", metavar="FILE.json", type=Path, help="write all figures and replies there")


def run(args: argparse.Namespace) -> Iterator[Event]:
    """The events of the task; its figures are written before its last event."""
    params = {name: getattr(args, name) for name in ("model", "data", "backend", "seeds", "csv")}
    for event in TASKS[args.task](params, args.context):
        if args.out is not None and isinstance(event, Finished) and event.reason == "done":
            files.write_json(args.out, event.stats)
        yield event


def show(event: Event) -> None:
    match event:
        case Progress(done=done, total=total, unit=unit) if sys.stderr.isatty():
            print(f"\r\x1b[K{event.message or f'{done:,} of {total:,} {unit}'}", end="", file=sys.stderr, flush=True)
        case Log(level=level, text=text):
            print(f"{level}: {text}", file=sys.stderr)
        case Finished(stats=stats) if stats:
            if sys.stderr.isatty():
                print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            shown = _card if "kinds" in stats else _classes if "confusion" in stats else _perplexity
            print("\n".join(shown(stats)))


def _card(stats: dict[str, Any]) -> Iterator[str]:
    """The shares of each kind beside their limits, then the bits per byte."""
    backends = list(dict.fromkeys(reply["backend"] for reply in stats["replies"]))
    yield "".join([f"{'':10}{'share':>8}{'limit':>8}{'':8}", *(f"{name:>8}" for name in backends)])
    for kind, found in stats["kinds"].items():
        verdict = "met" if found["met"] else "missed"
        parts = (f"{found['backends'][name]:8.3f}" for name in backends)
        yield "".join([f"{kind:10}{found['share']:8.3f}{found['limit']:8.2f}{verdict:>8}", *parts])
    failed = sum(not reply["passed"] for reply in stats["replies"])
    seeds = ", ".join(map(str, stats["seeds"]))
    yield f"{failed:,} of {len(stats['replies']):,} replies failed (temperature {stats['temperature']}, seeds {seeds})."
    bits = stats["bits_per_byte"]
    if bits is not None:
        order = "below" if bits["model"] < bits["ngram"] else "not below"
        yield (
            f"Held out: {bits['model']:.4f} bits per byte, {order} the {bits['ngram']:.4f} of a 5-gram model "
            f"({bits['documents']:,} documents, {bits['bytes']:,} bytes)."
        )


def _perplexity(stats: dict[str, Any]) -> Iterator[str]:
    yield f"{'':8}{'bits per byte':>14}{'perplexity':>12}{'tokens':>12}{'bytes':>14}"
    for name, found in stats["backends"].items():
        figures = f"{found['bits_per_byte']:14.4f}{found['perplexity']:12.3f}"
        yield f"{name:8}{figures}{found['tokens']:12,}{found['bytes']:14,}"


def _classes(stats: dict[str, Any]) -> Iterator[str]:
    """The figures, then the confusion matrix: a row for what texts are, a column for what they were taken for."""
    yield f"{stats['texts']:,} texts, accuracy {stats['accuracy']:.4f}"
    labels = [label[:20] for label in stats["labels"]]
    wide = max(12, *map(len, labels)) + 2
    yield f"{'is, taken for':{wide}}" + "".join(f"{label:>{wide}}" for label in labels) + f"{'F1':>{wide}}"
    for label, row, score in zip(labels, stats["confusion"], stats["f1"], strict=True):
        yield f"{label:{wide}}" + "".join(f"{count:{wide},}" for count in row) + f"{score:{wide}.4f}"
    yield f"balanced accuracy {stats['balanced_accuracy']:.4f}, macro F1 {stats['macro_f1']:.4f}"


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
