"""How many threads a small model wants: tokens/s of the starter, on both runtimes, with one thread and more.

    python benchmarks/threads.py [MODEL]

Run it beside another busy program to see why `hardware.threads_for_model` gives a small model one thread.
"""

from __future__ import annotations

import statistics
import sys
import time

from engine import hardware
from engine.runtime.base import Runtime, Sampling, open_runtime

ROUNDS = 5
PROMPT = "<|im_start|>user\nTell me a story.<|im_end|>\n<|im_start|>assistant\n"


def main(model: str) -> None:
    print(f"{'runtime':8} {'threads':>7} {'median':>8} {'slowest':>8}  tokens/s, {ROUNDS} rounds in turn")
    for backend in ("llama", "gpt"):
        counts = sorted({1, hardware.threads_for("chat")})
        speeds: dict[int, list[float]] = {count: [] for count in counts}
        for _ in range(ROUNDS):  # in turn, so that what else runs meets all alike
            for count in counts:
                runtime = open_runtime(model, backend, threads=count)
                speeds[count].append(speed(runtime))
                runtime.close()
        for count in counts:
            median, slowest = statistics.median(speeds[count]), min(speeds[count])
            print(f"{backend:8} {count:7} {median:8.0f} {slowest:8.0f}")


def speed(runtime: Runtime) -> float:
    """Tokens/s of a second reply; the first one warms up."""
    ids = runtime.tokenize(PROMPT, special=True)
    list(runtime.generate(ids, Sampling(seed=1)))
    started = time.perf_counter()
    written = sum(1 for _ in runtime.generate(ids, Sampling(seed=1)))
    return written / (time.perf_counter() - started)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "starter")
