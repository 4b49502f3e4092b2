"""Preparing the same data twice: `python benchmarks/preparing.py [ROWS]` (default 100,000 conversations).

The second run takes the tokens of the first from the cache. Each is a process of its own with the same home; seconds
are of preparing alone, from the recipe to the run folder, libraries loaded and the parent not yet opened. What does not
depend on the number of rows, such as opening the parent and predicting the memory, is in both.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROWS = 100_000
WORDS = "the a cat dog tree house sun little old ran sat sang saw said big and then but under over".split()

PREPARE = """
import sys, threading, time
from pathlib import Path
from engine.training import recipe
from engine.training.prepare import prepare
data, model, out = sys.argv[1:]
asked = recipe.make({"method": "full", "data": data, "model": model, "steps": 10, "max_length": 256})
began = time.perf_counter()
for _ in prepare(asked, Path(out), threading.Event()):
    pass
print(time.perf_counter() - began)
"""


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data, home = Path(folder, "talks.jsonl"), Path(folder, "home")
        write(data, rows)
        print(f"{rows:,} conversations, {data.stat().st_size / 1e6:.0f} MB; the starter's tokenizer")
        for name in ("first", "second"):
            out = Path(folder, name)
            command = [sys.executable, "-c", PREPARE, str(data), str(ROOT / "resources" / "starter"), str(out)]
            environment = {"PYTHONPATH": str(ROOT), "SEEDLING_HOME": str(home), "OMP_NUM_THREADS": "1"}
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
            tokens = json.loads((out / "run.json").read_text())["data"]["tokens"]
            print(f"{name:7} {float(done.stdout):7.2f} s, {tokens:,} tokens")


def write(path: Path, rows: int) -> None:
    """Conversations of two to six turns; always the same."""
    chance = random.Random(1)
    with open(path, "w", encoding="utf-8") as file:
        for number in range(rows):
            turns = [
                {"role": role, "content": " ".join(chance.choices(WORDS, k=chance.randint(4, 24))) + f" {number}."}
                for _ in range(chance.randint(1, 3))
                for role in ("user", "assistant")
            ]
            file.write(json.dumps({"messages": turns}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
