"""Our recipe beside nanoGPT's: how soon ours is as good as theirs is after half an hour on this machine.

    .venv/bin/python benchmarks/recipes.py --measure                  # alone on the machine: seconds of a step
    .venv/bin/python benchmarks/recipes.py [--who nanogpt ours] [--seeds 1 2 3]       # trains, or goes on with it
    .venv/bin/python benchmarks/recipes.py --report

*ours* is what `method = "pretrain"` comes to by itself, planned for half of the time. *nanogpt* is that program's
recipe in our engine: GPT-2's shape (learned positions, LayerNorm, GELU), AdamW (0.9, 0.95, decay 0.1), a cosine down to
a tenth of the peak at the end of the time (github.com/karpathy/nanoGPT, train.py). Same text, tokenizer, batch and
number of parameters (within 2 percent). The figure: when ours first has the best held-out bits per byte that nanogpt
has in its time, as a share of that time. Where runs of nanogpt with a name are whole, too, the best of all counts.

A run gives the same bits whatever runs beside it, so time is counted in steps: `--measure` lets both make steps in
turn, and the medians turn minutes into steps, and steps back into minutes. All of it lies in `--folder`, and what was
stopped goes on from its last checkpoint. `--minutes` makes everything shorter; `--set KEY=VALUE` (of `--who`) and
`--name` try other values beside.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine import hardware  # noqa: E402
from engine.benchmarks import turns  # noqa: E402
from engine.benchmarks.quiet import Others  # noqa: E402
from engine.events import Failed, Finished, Metric, Progress, Started  # noqa: E402
from engine.jobs import JobContext, find  # noqa: E402
from engine.jobs import run as run_job  # noqa: E402

DATA = Path(os.environ.get("SEEDLING_DATA", ROOT.parent / "shared" / "data"))
BOOKS = ("classic-novels", "childrens-books")
HELD_BACK = 25  # one book in so many
OURS, NANOGPT = "ours", "nanogpt"
PLANNED = {OURS: 0.5, NANOGPT: 1.0}  # shares of the time
EVALUATIONS = 30
ROUNDS, WARM_UP = 40, 5

_BOTH: dict[str, Any] = {
    "method": "pretrain",
    "layers": 4,
    "width": 256,
    "heads": 4,
    "vocabulary": 4096,
    "max_length": 512,
    "batch_size": 16,
    "precision": "bf16",
    "evaluate_batches": 16,
    "sample_every": 0,
    "log_every": 10,
    "keep": "last",
    "licence": "Apache-2.0",
}
# Ours: all else by default, but for a feed-forward network as much wider as makes up for GPT-2's table of positions.
# nanoGPT: the learning rate that a small copy learns best with (docs/benchmarks.md); warm-up is our default for both.
RECIPES: dict[str, dict[str, Any]] = {
    OURS: {**_BOTH, "feed_forward": 800},
    NANOGPT: {
        **_BOTH,
        "shape": "gpt2",
        "optimizer": "adamw",
        "beta2": 0.95,
        "weight_decay": 0.1,
        "clip": 1.0,
        "schedule": "cosine",
        "learning_rate": 2e-3,
        "min_learning_rate": 0.1,
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "recipes")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--who", nargs="+", choices=RECIPES, default=[NANOGPT, OURS])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--name", default="", help="keeps runs with other values apart")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--report", action="store_true")
    args = parser.parse_args()
    from engine.training.recipe import parse_setting

    folder = args.folder.resolve()
    budget = folder / f"{args.minutes:g}-minutes"
    if args.report:
        print(table(found := report(folder, budget)))
        (budget / "report.json").write_text(json.dumps(found, indent=1))
        return
    os.environ["SEEDLING_HOME"] = str(folder / "home")  # what preparing makes is kept here
    hardware.choose_idle_threads()
    texts = write_texts(DATA, folder)
    if args.measure:
        measure(texts, folder, args.rounds)
        return
    more = dict(map(parse_setting, args.set))
    for seed in args.seeds:
        for who in args.who:
            keys = {**RECIPES[who], **texts, "seed": seed, **more}
            train(
                keys,
                steps_of(who, folder, budget, args.minutes),
                budget / f"{'-'.join(filter(None, (who, args.name)))}-{seed}",
            )


def write_texts(data: Path, folder: Path) -> dict[str, str]:
    """The books as two files of text; the keys of a recipe that name them. Books with slurs are left out."""
    books = []
    for name in BOOKS:
        with lzma.open(data / name / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
            books += [row["text"] for row in map(json.loads, lines) if not row["slur_count"]]
    folder.mkdir(parents=True, exist_ok=True)
    parts = {
        "data": [book for number, book in enumerate(books) if number % HELD_BACK],
        "evaluation": [book for number, book in enumerate(books) if not number % HELD_BACK],
    }
    places = {key: folder / f"{key}.txt" for key in parts}
    for key, place in places.items():
        if not place.exists():
            part = place.with_suffix(".partial")
            part.write_text("\n<|endoftext|>\n".join(parts[key]), "utf-8")
            part.rename(place)
    return {key: str(place) for key, place in places.items()}


# --- seconds of a step -----------------------------------------------------------------------------------------------


class Steps:
    """A training by a recipe that makes its next step when it is asked to."""

    def __init__(self, keys: Mapping[str, Any], folder: Path) -> None:
        forever = {"steps": 10**6, "log_every": 1, "evaluate_every": 10**6, "checkpoint_every": 10**6}
        events = find("train")({**keys, **forever, "out": str(folder)}, JobContext(threading.Event()))
        self._metrics = (event for event in events if isinstance(event, Metric))
        self._tokens = keys["batch_size"] * keys["max_length"] * keys.get("accumulation", 1)

    def turn(self) -> Mapping[str, float]:
        return {"seconds": self._tokens / float(next(self._metrics).values["tokens_per_second"])}


def measure(texts: Mapping[str, str], folder: Path, rounds: int) -> None:
    """Write `steps.json`: the median seconds of a step of each recipe, and how quiet the machine was meanwhile."""
    with tempfile.TemporaryDirectory(prefix="steps-", dir=folder) as place:
        runs = {who: Steps({**keys, **texts, "seed": 1}, Path(place) / who) for who, keys in RECIPES.items()}
        asked = turns.in_turn({who: run.turn for who, run in runs.items()}, rounds, threading.Event(), WARM_UP)
        others = Others()
        figures = _returned(asked)
        used = others.used()
    seconds = {who: found["seconds"] for who, found in figures.items()}
    known = {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "rounds": rounds,
        "seconds": {who: statistics.median(found) for who, found in seconds.items()},
        "spread": {who: turns.spread(found) for who, found in seconds.items()},
        "others_used": round(used, 2),
        "quiet": used <= others.allowed,
    }
    (folder / "steps.json").write_text(json.dumps(known, indent=1))
    print(json.dumps(known, indent=1))


def _returned(asked: Iterator[Progress]) -> turns.Figures:
    while True:
        try:
            next(asked)
        except StopIteration as end:
            figures: turns.Figures = end.value
            return figures


def seconds_of_steps(folder: Path) -> dict[str, float]:
    try:
        found: dict[str, float] = json.loads((folder / "steps.json").read_text())["seconds"]
    except FileNotFoundError:
        sys.exit("How long a step takes is not known yet. Close what else runs, and start this with --measure.")
    return found


def steps_of(who: str, folder: Path, budget: Path, minutes: float) -> int:
    """So many make up the time; decided when the first run begins, so that all seeds have equally many."""
    plan = budget / "plan.json"
    if not plan.exists():
        seconds = seconds_of_steps(folder)
        steps = {name: round(60 * minutes * PLANNED[name] / seconds[name]) for name in RECIPES}
        budget.mkdir(parents=True, exist_ok=True)
        plan.write_text(json.dumps({"minutes": minutes, "steps": steps}, indent=1))
    return int(json.loads(plan.read_text())["steps"][who])


# --- training --------------------------------------------------------------------------------------------------------


def train(keys: Mapping[str, Any], steps: int, folder: Path) -> None:
    """All steps that are left; a whole run is not begun again."""
    from engine.training import run

    if run.exists(folder):
        if run.Run.open(folder).info["state"] == "done":
            return
        params: dict[str, Any] = {"out": str(folder), "resume": True}
    else:
        params = {"steps": steps, "evaluate_every": max(1, steps // EVALUATIONS), **keys, "out": str(folder)}
    for event in run_job(find("train"), params, JobContext()):
        if isinstance(event, Started):
            print(f"{folder.name}: {event.data['parameters']:,} parameters, step {event.data['from_step']} of {steps}")
        elif isinstance(event, Metric) and "bits_per_byte" in event.values:
            print(f"{folder.name}: step {event.step}  {event.values['bits_per_byte']:.4f} bits per byte", flush=True)
        elif isinstance(event, Failed):
            sys.exit(str(event))
        elif isinstance(event, Finished) and event.reason != "done":
            sys.exit(f"{folder.name} has ended: {event.reason}")


# --- what came of it -------------------------------------------------------------------------------------------------


def curve(folder: Path, seconds: float) -> list[tuple[float, float]]:
    """(minutes, held-out bits per byte) of each evaluation of a run, by its steps at so many seconds each."""
    from engine.training.run import read_journal

    lines = [line for line in read_journal(folder / "metrics.jsonl") if "bits_per_byte" in line]
    return [(line["step"] * seconds / 60, line["bits_per_byte"]) for line in lines]


def report(folder: Path, budget: Path) -> dict[str, Any]:
    """Of every whole run of ours: when it was as good as the best of nanogpt, and what share of its time that is.

    Where it never was, `reached` and `share` are None. Runs of ours with a name are told as well, against the same runs
    of nanogpt, but do not count in `worst_share`.
    """
    seconds = seconds_of_steps(folder)
    measured = json.loads((folder / "steps.json").read_text())
    pairs = []
    for ours in sorted(budget.glob(f"{OURS}*-*")):
        name, _, seed = ours.name.rpartition("-")
        theirs = [path for path in sorted(budget.glob(f"{NANOGPT}*-{seed}")) if _done(path)]
        if not (_done(ours) and theirs):
            continue
        mine, goals = curve(ours, seconds[OURS]), {path.name: curve(path, seconds[NANOGPT]) for path in theirs}
        target = min(bits for goal in goals.values() for _, bits in goal)
        minutes = max(goal[-1][0] for goal in goals.values())
        reached = first_at(mine, target)
        pairs.append({
            "name": name,
            "seed": int(seed),
            "target": target,
            "minutes": minutes,
            "reached": reached,
            "share": None if reached is None else reached / minutes,
            "last": mine[-1],
            "curves": {ours.name: mine, **goals},
        })  # fmt: skip
    shares = [pair["share"] for pair in pairs if pair["name"] == OURS]
    worst = max(shares) if shares and None not in shares else None
    return {"measured": measured, "pairs": pairs, "worst_share": worst}


def first_at(found: list[tuple[float, float]], target: float) -> float | None:
    """The minutes of the first evaluation that is at least as good; None where there is none."""
    return next((minutes for minutes, bits in found if bits <= target), None)


def _done(folder: Path) -> bool:
    from engine.training import run

    return run.exists(folder) and run.Run.open(folder).info["state"] == "done"


def table(found: Mapping[str, Any]) -> str:
    measured = found["measured"]
    each = ", ".join(f"{who} {1000 * seconds:.0f} ms" for who, seconds in measured["seconds"].items())
    quiet = "the machine quiet" if measured["quiet"] else "OTHER PROGRAMS COMPUTED BESIDE IT: measure again"
    lines = [f"a step takes: {each} ({measured['date']}, {quiet})"]
    lines.append(
        f"{'':12} {'seed':>4} {'nanogpt comes to':>24} {'ours is there after':>20} {'share':>6}   ours ends at"
    )
    for pair in found["pairs"]:
        end = f"{pair['target']:.4f} in {pair['minutes']:.1f} min"
        reached = "never" if pair["reached"] is None else f"{pair['reached']:.1f} min"
        share = "" if pair["share"] is None else f"{pair['share']:.2f}"
        at, bits = pair["last"]
        last = f"{bits:.4f} in {at:.1f} min"
        lines.append(f"{pair['name']:12} {pair['seed']:4} {end:>24} {reached:>20} {share:>6}   {last}")
    return "\n".join(lines if found["pairs"] else [*lines, "No pair of runs is whole yet."])


if __name__ == "__main__":
    main()
