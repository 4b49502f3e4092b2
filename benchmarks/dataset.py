"""One million JSON lines looked at whole, beside `datasets.load_dataset`: `python benchmarks/dataset.py [ROWS]`.

Ours finds the format, validates every row and counts exact duplicates over all of them; `index` also writes each row to
be scrolled to, searched and shown, and guesses languages; the peer's only reads. All run as processes of their own, in
turn, on the same generated file; medians of wall and processor seconds, from the
start of Python to its end and of the call alone, with its libraries loaded, and the most memory. The peer is in
`.venv-peers` (`make peers`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
ROWS, ROUNDS = 1_000_000, 3
PEER = ROOT / ".venv-peers" / "bin" / "python"

_MEASURE = """
import json, resource, sys, time
{imports}
called, used = time.perf_counter(), time.process_time()
{call}
print(json.dumps({{
    "rows": rows, "call_s": time.perf_counter() - called, "call_cpu_s": time.process_time() - used,
    "cpu_s": time.process_time(), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "torch": "torch" in sys.modules,
}}))
"""
OURS = _MEASURE.format(
    imports="import pyarrow.json\nfrom engine.data.dataset import open_dataset\nfrom engine.data.report import Report",
    call="report = Report()\nfor _ in open_dataset(sys.argv[1]).survey(report): pass\n"
    "rows = report.rows\nassert report.read == rows and report.duplicates == rows // 100, report",
)
INDEX = _MEASURE.format(
    imports="import pyarrow.json\nfrom engine.events import Finished\nfrom engine.jobs import JobContext, find, run",
    call="*_, last = run(find('index'), {'data': [sys.argv[1]], 'folder': sys.argv[2]}, JobContext())\n"
    "assert isinstance(last, Finished), last\nrows = last.stats['rows']",
)
READ = """
import json, resource, sys, time
from engine.data.index import RowIndex
index = RowIndex.open(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
for start in range(0, len(index), 50):
    index.rows(start, start + 50)
scrolled = time.perf_counter()
blocks = [scrolled]
for _ in index.find("PLUS ONE, SAID IN 7"):
    blocks.append(time.perf_counter())
print(json.dumps({
    "rows": len(index), "scroll_s": scrolled - began, "find_s": blocks[-1] - scrolled,
    "block_ms": 1000 * max(b - a for a, b in zip(blocks, blocks[1:])),
    "grown_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
}))
"""
THEIRS = _MEASURE.format(
    imports="import datasets",
    call="rows = len(datasets.load_dataset('json', data_files=sys.argv[1], cache_dir=sys.argv[2], split='train'))",
)


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows.jsonl")
        write(file, rows)
        print(f"{rows:,} rows, {file.stat().st_size / 1e6:.0f} MB; median of {ROUNDS} rounds, in turn")
        found: dict[str, list[dict[str, float]]] = {"ours": [], "index": [], "load_dataset": []}
        for number in range(ROUNDS):
            found["ours"].append(run(Path(sys.executable), OURS, file))
            found["index"].append(run(Path(sys.executable), INDEX, file, f"{folder}/index-{number}"))
            if PEER.exists():
                found["load_dataset"].append(run(PEER, THEIRS, file, f"{folder}/cache-{number}"))
        for name, results in found.items():
            if not results:
                print(f"{name:14} is absent: make peers")
                continue
            figures = {key: median(result[key] for result in results) for key in results[0]}
            print(
                f"{name:14} call {figures['call_s']:6.2f} s ({figures['call_cpu_s']:.2f} s of processor)   "
                f"process {figures['wall_s']:6.2f} s ({figures['cpu_s']:.2f})   peak {figures['peak_mb']:4.0f} MB   "
                f"torch {'imported' if figures['torch'] else 'not imported'}"
            )
        index = Path(folder, "index-0")
        size = sum(part.stat().st_size for part in index.iterdir())
        read = run(Path(sys.executable), READ, index)
        print(
            f"the index: {size / 1e6:.0f} MB; all rows scrolled through in {read['scroll_s']:.1f} s, searched in "
            f"{read['find_s']:.1f} s (no block longer than {read['block_ms']:.0f} ms), memory grown by "
            f"{read['grown_mb']:.0f} MB"
        )


def write(file: Path, rows: int) -> None:
    """Instructions of ordinary length; one in a hundred repeats the one before it."""
    with open(file, "w", encoding="utf-8") as lines:
        for number in range(rows):
            asked = number - (number % 100 == 99)
            row = {
                "instruction": f"What is the number {asked} plus one, said in words?",
                "input": "",
                "output": f"The answer to the question is {asked + 1}, my friend.",
            }
            lines.write(json.dumps(row) + "\n")


def run(python: Path, script: str, *arguments: str | Path) -> dict[str, float]:

    began = time.perf_counter()
    command = [str(python), "-c", script, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    wall_s = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stderr)
    return {**json.loads(done.stdout.splitlines()[-1]), "wall_s": wall_s}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
