"""What guessing ahead brings: tokens/s with and without prompt lookup, side by side, on a model of 120M parameters.

    python benchmarks/speculation.py [--types f16 q8_0 ...] [--rounds 3] [--tokens 300] [--folder FOLDER] [--one-thread]

On a busy machine `--one-thread` counts the processor time of one thread instead of seconds.

The model copies (`copying_gpt.py`) and computes as any other of its size. Three texts:
- edit: the prompt holds a story, and the model writes it again with a name changed, where each guess goes wrong;
- quote: it writes the story again as it stands;
- noise: four likely tokens drawn at random, so that nearly every guess is wrong: what guessing costs at worst.
Promise: edit at least 1.5 times as fast as plain decoding; noise at most 3 percent slower; greedy texts are the same
up to where the two best logits lie closer than 0.1.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from copying_gpt import copying_gpt

from engine.gpt import gguf
from engine.gpt.config import parameters
from engine.gpt.tokenizer import Tokenizer
from engine.paths import resource
from engine.runtime import llama
from engine.runtime.base import Sampling, common_prefix
from engine.runtime.llama import LlamaRuntime

STORY = resource("check.txt")
QUOTED = 900  # tokens of it
NAME, OTHER = " Jack", " John"
CLOCK: dict[str, Any] = {"threads": None, "now": time.perf_counter}
GREEDY = Sampling(temperature=0)
NOISE = Sampling(temperature=1000, top_k=4, top_p=1, min_p=0, seed=1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--types", nargs="+", default=["f32", "f16", "q8_0", "q4_k_m"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=300)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--one-thread", action="store_true")
    options = parser.parse_args()
    if options.one_thread:
        CLOCK.update(threads=1, now=time.process_time)
        llama.perf_counter = time.process_time
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        print(f"{'type':8} {'text':6} {'plain':>7} {'lookup':>7} {'times':>6}  {'guessed':>7} {'right':>6}  same")
        for type in options.types:
            for text in ("edit", "quote", "noise"):
                compare(model_file(folder, type, edits=text == "edit"), type, text, options.rounds, options.tokens)


def model_file(folder: Path, type: str, edits: bool) -> Path:
    """120M parameters: 16 layers, width 768, the starter's vocabulary."""
    path = folder / f"{'edits' if edits else 'copies'}-{type}.gguf"
    if not path.exists():
        tokenizer = Tokenizer.load(resource("starter"))
        ids = [tokenizer.encode(name, False) for name in (NAME, OTHER)]
        assert [len(one) for one in ids] == [1, 1], "each name is one token"
        renamed = {ids[0][0]: ids[1][0]} if edits else {}
        model = copying_gpt(4096, layers=16, heads=6, renamed=renamed)
        assert parameters(model.config) > 108e6
        gguf.write_gguf(model, tokenizer, path, type)
    return path


def compare(path: Path, type: str, text: str, rounds: int, tokens: int) -> None:
    options = {"cache_type": "f32", "flash_attention": False} if type == "f32" else {}
    plain, lookup = (
        LlamaRuntime(path, context=4096, speculation=kind, threads=CLOCK["threads"], **options)
        for kind in ("none", "lookup")
    )
    story = plain.tokenize(STORY.read_text(encoding="utf-8"), special=False)[:QUOTED]
    prompt = [*story, *plain.tokenize("\n\nAgain:\n\n", special=False), *story[:8]]
    speeds: dict[LlamaRuntime, list[float]] = {plain: [], lookup: []}
    for number in range(rounds + 1):
        written = {}
        for runtime in speeds:  # in turn, so that what else runs meets both alike
            sampling = NOISE if text == "noise" else GREEDY
            ids, speed = write(runtime, prompt, sampling, min(tokens, QUOTED - 8))
            written[runtime] = ids
            speeds[runtime] += [speed] if number else []  # the first round warms up
    median = {runtime: statistics.median(found) for runtime, found in speeds.items()}
    print(
        f"{type:8} {text:6} {median[plain]:7.1f} {median[lookup]:7.1f} {median[lookup] / median[plain]:6.2f}  "
        f"{lookup.drafted:7} {lookup.accepted:6}  {sameness(plain, prompt, written[plain], written[lookup])}",
        flush=True,
    )
    plain.close()
    lookup.close()


def write(runtime: LlamaRuntime, prompt: list[int], sampling: Sampling, most: int) -> tuple[list[int], float]:
    """What follows the prompt, and how many tokens a second after the first."""
    runtime._vocabulary.is_end = lambda id: False  # type: ignore[method-assign]
    ids: list[int] = []
    started = CLOCK["now"]()
    for token in runtime.generate(prompt, sampling):
        ids.append(token.id)
        if len(ids) == 1:
            started = CLOCK["now"]()
        if len(ids) == most:
            break
    return ids, (len(ids) - 1) / (CLOCK["now"]() - started)


def sameness(plain: LlamaRuntime, prompt: list[int], one: list[int], other: list[int]) -> str:
    """Whether both texts are the same, or how far apart the two best logits lie where they part."""
    same = common_prefix(one, other)
    if same == len(one):
        return f"all {same}"
    best, second = np.sort(plain.evaluate(prompt + one[:same])[0])[[-1, -2]]
    return f"{same}, then {best - second:.3f} apart"


if __name__ == "__main__":
    main()
