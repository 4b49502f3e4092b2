"""A model from nothing in two minutes: when its first curve point comes, and how many of its words are words.

    .venv/bin/python benchmarks/from_nothing.py [TEXT] [--minutes 2] [--set KEY=VALUE …] [--json FILE]

The dial turns the minutes into a recipe (the plan job, on a measurement of this machine), and the command line trains
by it: `seedling train RECIPE.toml --out DIR --json`. Seconds are counted from the start of that command. A word of a
sample is known where it stands in the text, written the same way. Without TEXT, the first megabyte of Shakespeare.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SHARED = Path(os.environ.get("SEEDLING_DATA", ROOT.parent / "shared" / "data"))
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
MEGABYTE = 1_000_000


def planned(text: Path, minutes: float, settings: dict[str, object]) -> str:
    """The recipe of the plan job, as a file."""
    from engine.jobs import JobContext, find, run

    params = {"answers": {"goal": "new", "time": minutes}, "data": [str(text)], **settings}
    last = list(run(find("plan"), params, JobContext()))[-1].to_json()
    if last["event"] != "Finished":
        raise SystemExit(last)
    return str(last["stats"]["toml"])


def share_known(sample: str, known: set[str]) -> float:
    words = WORD.findall(sample)
    return sum(word in known for word in words) / max(1, len(words))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", nargs="?", type=Path, default=SHARED / "raw-classics" / "tinyshakespeare.txt")
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    from engine.training.recipe import parse_setting

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        text = folder / "text.txt"
        text.write_bytes(args.text.read_bytes()[:MEGABYTE].decode("utf-8", "ignore").encode())
        known = set(WORD.findall(text.read_text("utf-8")))
        (folder / "recipe.toml").write_text(planned(text, args.minutes, dict(map(parse_setting, args.set))), "utf-8")
        command = [sys.executable, "-m", "engine", "train", str(folder / "recipe.toml"), "--out", str(folder / "run")]
        began, first, samples, last = time.perf_counter(), None, [], {}
        environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
        with subprocess.Popen(
            [*command, "--json"], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                event, seconds = json.loads(line), time.perf_counter() - began
                if event["event"] == "Metric":
                    first = first or seconds
                    last = {**last, **event["values"]}
                elif event["event"] == "Sample":
                    share = share_known(event["text"], known)
                    samples.append({"seconds": round(seconds, 1), "step": event["step"], "known": round(share, 3)})
                    print(f"{seconds:6.1f} s  step {event['step']:5}  words of the text {share:.2f}", flush=True)
        ended = time.perf_counter() - began
    assert first is not None
    found = {
        "first_point_seconds": round(first, 1),
        "first_sample_of_words_seconds": next((s["seconds"] for s in samples if s["known"] >= 0.8), None),
        "seconds": round(ended, 1),
        "bits_per_byte": round(last["bits_per_byte"], 3),
        "samples": samples,
    }
    print(
        f"first curve point after {first:.1f} s, first sample with at least 0.8 of its words in the text after "
        f"{found['first_sample_of_words_seconds']} s, all after {ended:.0f} s at {found['bits_per_byte']} bits per byte"
    )
    if args.json:
        args.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
