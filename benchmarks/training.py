"""Training from scratch beside peers: tokens/s of transformers' Trainer, LitGPT and Seedling, one step each in turn.

    make peers                                        # the peers' environment, once
    .venv/bin/python benchmarks/training.py [12M|124M] [--rounds 12] [--only NAME ...] [--json FILE]

All are trained at once, each in a process of its own, and every round each makes one step while the others wait. So
whatever else runs meets all alike, and the medians may be compared even on a busy machine. Same shape (Qwen3, tied),
batch, context, bf16, AdamW; the first steps, in which some compile, are left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks" / "peers"))
from turns import SHAPES  # noqa: E402

OURS, PEERS = sys.executable, str(ROOT / ".venv-peers" / "bin" / "python")
CONTENDERS = {
    "transformers Trainer": (PEERS, "transformers_trainer.py"),
    "LitGPT": (PEERS, "litgpt_pretrain.py"),
    "LitGPT, not compiled": (PEERS, "litgpt_pretrain.py", "eager"),
    "Seedling": (OURS, "seedling_train.py"),
    "Seedling, compiled": (OURS, "seedling_train.py", "compile"),
}
WARM_UP = 3


class Contender:
    """One process that trains; `step` lets it make one step."""

    def __init__(self, name: str, shape: str, log: Path) -> None:
        python, script, *options = CONTENDERS[name]
        command = [python, str(ROOT / "benchmarks" / "peers" / script), shape, *options]
        self.name, self._log, self.seconds = name, log, list[float]()
        with open(log, "w") as file:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": file, "text": True}
            self._process = subprocess.Popen(command, **pipes, bufsize=1, cwd=ROOT)
        self._read()

    def step(self) -> float:
        self._process.stdin.write("\n")
        return self._read()["seconds"]

    def _read(self) -> dict[str, float]:
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended. The last of what it said:\n{self._log.read_text()[-2000:]}")
        return json.loads(line)

    def end(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", nargs="?", choices=SHAPES, default="12M")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    tokens = SHAPES[args.shape].tokens
    with tempfile.TemporaryDirectory() as logs:
        contenders = [Contender(name, args.shape, Path(logs) / f"{name}.log") for name in args.only]
        for number in range(WARM_UP + args.rounds):
            for contender in contenders:
                seconds = contender.step()
                if number >= WARM_UP:
                    contender.seconds.append(seconds)
        for contender in contenders:
            contender.end()
    best = min(statistics.median(contender.seconds) for contender in contenders)
    print(f"{args.shape}: {tokens} tokens a step, {args.rounds} rounds in turn, {time.strftime('%Y-%m-%d')}")
    print(f"{'':24} {'median':>9} {'fastest':>9} {'of the best':>12}   tokens/s")
    for contender in contenders:
        median, fastest = statistics.median(contender.seconds), min(contender.seconds)
        print(f"{contender.name:24} {tokens / median:9.0f} {tokens / fastest:9.0f} {best / median:12.2f}")
    if args.json:
        figures = {contender.name: contender.seconds for contender in contenders}
        args.json.write_text(json.dumps({"shape": args.shape, "tokens": tokens, "seconds": figures}, indent=1))


if __name__ == "__main__":
    main()
