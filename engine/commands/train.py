"""`seedling train`: from a recipe, or from a method and a data file, to a model."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import hardware
from engine.errors import EngineError
from engine.events import Event, Finished, Fit, Log, Metric, Progress, Sample, Started
from engine.training import jobs
from engine.training.markdown import duration_text
from engine.training.recipe import METHODS, help_lines, parse_setting

HELP = "train a model from a recipe"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "keys of a recipe:\n" + "\n".join(f"  {name:22}{text}" for name, text in help_lines())
    parser.add_argument("recipe", nargs="?", type=Path, metavar="RECIPE.toml", help="the recipe file")
    parser.add_argument("--method", choices=METHODS, help="what is learnt, and from what")
    parser.add_argument("--data", action="append", metavar="FILE", help="text or conversations; repeatable")
    parser.add_argument("--model", metavar="M", help="the model to start from")
    parser.add_argument("--out", metavar="DIR", help="the run folder (default: under the home)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a key of the recipe")
    parser.add_argument("--explain", action="store_true", help="say of every default why it is what it is")
    parser.add_argument("--fit", action="store_true", help="say what memory, disk and time it would take, and stop")
    parser.add_argument("--resume", action="store_true", help="go on with the run in the run folder")


def run(args: argparse.Namespace) -> Iterator[Event]:
    """Raises EngineError."""
    params: dict[str, Any] = dict(parse_setting(setting) for setting in args.set)
    for name in ("method", "data", "model", "out"):
        if (value := getattr(args, name)) is not None:
            params[name] = value
    if args.recipe is not None:
        params["recipe"] = str(args.recipe)
    elif args.resume and not params.get("out") and not params.get("name"):
        raise EngineError("usage", reason="--resume needs the run to go on with: --out DIR")
    elif not args.resume and "method" not in params:
        raise EngineError("usage", reason="Name a recipe file, or --method and --data")
    if args.fit and args.resume:
        raise EngineError("usage", reason="--fit is for a run that has not begun: leave --resume out")
    for event in jobs.train({**params, "resume": args.resume, "fit": args.fit}, args.context):
        yield event
        if args.explain and isinstance(event, Started):
            for name, (value, because) in event.data["defaults"].items():
                yield Log("info", f"{name} = {value}: {because}.")


def show(event: Event) -> None:
    match event:
        case Fit():
            show_fit(event)
        case Finished(reason="predicted"):
            pass
        case Started(data=data):
            sizes = f"{data['parameters']:,} parameters, {data['tokens']:,} tokens, {data['steps']:,} steps"
            print(f"{sizes}, {data['precision']}, {data['threads']} threads")
            print(f"Run: {data['run']}", flush=True)
        case Metric(step=step, values=values):
            print(f"step {step:6,}  {_figures(values)}", flush=True)
        case Sample(text=text):
            print(f"    | {text.replace(chr(10), chr(10) + '    | ')}", flush=True)
        case Progress(message=message, done=done) if done == 0 and message:
            print(f"{message} …", flush=True)
        case Log(level="info", text=text):
            print(text, flush=True)
        case Log(level=level, text=text):
            print(f"{level}: {text}", file=sys.stderr, flush=True)
        case Finished(reason=reason, stats=stats):
            best = stats.get("best_val_loss")
            print(f"Finished ({reason.replace('_', ' ')})" + (f", best held-back loss {best:.4f}" if best else ""))
            if stats.get("model"):
                print(f"Model: {stats['model']}")
            if reason in ("cancelled", "paused") and stats.get("run"):
                print(f"Go on with: seedling train --resume --out {stats['run']}")


def show_fit(fit: Fit) -> None:
    size = hardware.size_text
    parts = ", ".join(f"{name} {size(bytes_)}" for name, bytes_ in fit.parts.items() if bytes_)
    print(f"Memory: {size(fit.memory)} of {size(fit.available)} ({parts})")
    print(f"Disk: {size(fit.disk)} at most, {size(fit.disk_free)} free")
    print(f"Time: about {duration_text(fit.seconds)}, at {fit.tokens_per_second:,.0f} tokens/s", flush=True)
    for name, (value, because) in fit.chosen.items():
        if because:
            print(f"  {name} = {value}: {because}")


# What is shown of an evaluation, as far as the method measures it.
_HELD_BACK = {
    "val_loss": "held back {:.4f}",
    "perplexity": "perplexity {:.2f}",
    "balanced_accuracy": "balanced accuracy {:.1%}",
    "macro_f1": "macro F1 {:.3f}",
    "val_reward_accuracy": "preferred {:.1%}",
    "val_reward_margin": "margin {:.3f}",
}


def _figures(values: dict[str, Any]) -> str:
    shown = f"loss {values['loss']:.4f}  lr {values['lr']:.2e}  {values['tokens_per_second']:,.0f} tokens/s"
    return "  ".join([shown, *(text.format(values[name]) for name, text in _HELD_BACK.items() if name in values)])
