"""The frozen program's speed and memory beside the same code from source, in turn within one run.

    python tools/frozen_speed.py [dist/seedling/seedling] [--rounds N] [--only "chat, in-house"]

What must hold: chat and training at 0.97 of source or more, the start at 1.3 times source or less, and the window's
process at 180 MB or less while no model is loaded. Beside other programs the figures mean little.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SLOWEST, LONGEST_START, MOST_MEMORY = 0.97, 1.3, 180
SETTLED_S = 20

# What is measured: the command, whose figures, and which of them; a lower one is better for seconds.
BENCHES = {
    "chat": (["chat", "--synthetic", "--threads", "2", "--rounds", "3"], "Seedling", ("decode", "prompt")),
    "chat, in-house": (["chat", "--backend", "gpt", "--threads", "2", "--rounds", "3"], "Seedling", ("decode",)),
    "train": (["train", "--shape", "4M", "--threads", "2", "--rounds", "3"], "4M", ("speed",)),
    "start": (["start", "--rounds", "7"], "Seedling's window", ("usable",)),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", type=Path, default=ROOT / "dist" / "seedling" / "seedling")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=BENCHES, help="one of what is measured, without the memory")
    args = parser.parse_args()
    commands = {"frozen": [str(args.program)], "source": [sys.executable, "-P", "-m", "engine"]}
    found: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for turn in range(args.rounds):
        for bench in [args.only] if args.only else BENCHES:
            for who in sorted(commands, reverse=bool(turn % 2)):
                for what, value in measured(bench, commands[who], who).items():
                    found[bench, what][who].append(value)
    held = [compare(*key, values) for key, values in found.items()]
    return 0 if all([*held, args.only or memory(args.program)]) else 1


def measured(bench: str, command: list[str], who: str) -> dict[str, float]:
    """What -> figure, of one run."""
    arguments, name, wanted = BENCHES[bench]
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [*command, "bench", *arguments, "--json"], env=environment(home, who), stdout=subprocess.PIPE, check=True
        )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    rows = [event for event in events if event["event"] == "Measured" and event["who"] == name]
    return {row["what"]: row["median"] for row in rows if row["what"].startswith(wanted)}


def compare(bench: str, what: str, values: dict[str, list[float]]) -> bool:
    frozen, source = statistics.median(values["frozen"]), statistics.median(values["source"])
    ratio, seconds = frozen / source, bench == "start"
    holds = ratio <= LONGEST_START if seconds else ratio >= SLOWEST
    print(
        f"{bench:15} {what:10} frozen {frozen:10.4g}  source {source:10.4g}  {ratio:.3f}  {'' if holds else 'NOT SO'}"
    )
    for who, each in values.items():
        print(f"{'':15} {'':10} {who} {' '.join(f'{value:.4g}' for value in each)}")
    return holds


def memory(program: Path) -> bool:
    """Of the window's process alone; PSS counts a page that two processes share as half a page of each."""
    with tempfile.TemporaryDirectory() as home:
        env = environment(home, "frozen") | {"QT_QPA_PLATFORM": "offscreen"}
        window = subprocess.Popen([str(program), "--safe"], env=env, stderr=subprocess.DEVNULL)
        try:
            time.sleep(SETTLED_S)
            lines = Path(f"/proc/{window.pid}/smaps_rollup").read_text().splitlines()[1:]
        finally:
            window.terminate()
            window.wait(30)
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines}
    print(f"window, nothing loaded: RSS {sizes['Rss']:.0f} MB, PSS {sizes['Pss']:.0f} MB")
    return sizes["Rss"] <= MOST_MEMORY


def environment(home: str, who: str) -> dict[str, str]:
    found = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return found | {"SEEDLING_HOME": home} | ({"PYTHONPATH": str(ROOT)} if who == "source" else {})


if __name__ == "__main__":
    sys.exit(main())
