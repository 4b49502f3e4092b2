"""How far the memory predicted before a training lies from the most its process then took.

    python benchmarks/fit.py [NAME ...]        # all configurations, or those whose name holds one of these

Each runs as a person would start it, `seedling train`, in a process of its own. Prints the table of docs/fit.md.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from engine.gpt import hf
from engine.gpt.config import default_config
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer

WORDS = 1000
FEW = {"validation_share": 0, "sample_every": 0, "steps": 2}
PRETRAIN = FEW | {"method": "pretrain", "vocabulary": 1024, "layers": 6, "width": 128}
TUNE = FEW | {"steps": 6}
GPT2 = {"shape": "gpt2"}

# What is trained, and the parent of those that have one: (shape, layers, width, heads, context).
RUNS: dict[str, tuple[dict[str, Any], tuple[str, int, int, int, int] | None]] = {
    "qwen3": (PRETRAIN | {"max_length": 512}, None),
    "qwen3, float32": (PRETRAIN | {"max_length": 512, "precision": "float32"}, None),
    "qwen3, long": (PRETRAIN | {"max_length": 2048, "batch_size": 2, "layers": 10}, None),
    "qwen3, wide": (PRETRAIN | {"max_length": 128, "batch_size": 8, "layers": 12, "width": 512}, None),
    "qwen3, recomputing": (PRETRAIN | {"max_length": 512, "layers": 12, "recompute": True}, None),
    "qwen3, accumulating": (PRETRAIN | {"max_length": 256, "accumulation": 2, "width": 256}, None),
    "gpt2": (PRETRAIN | GPT2 | {"max_length": 512, "layers": 8}, None),
    "gpt2, float32": (PRETRAIN | GPT2 | {"max_length": 512, "precision": "float32"}, None),
    "gpt2, wide": (PRETRAIN | GPT2 | {"max_length": 128, "batch_size": 4, "layers": 12, "width": 768}, None),
    "gpt2, dropout": (PRETRAIN | GPT2 | {"max_length": 256, "dropout": 0.1, "layers": 4}, None),
    "full": (TUNE | {"method": "full"}, ("qwen3", 6, 128, 2, 512)),
    "full, 300 steps": (TUNE | {"method": "full", "steps": 300}, ("qwen3", 6, 128, 2, 512)),
    "full, gpt2": (TUNE | {"method": "full", "precision": "float32", "batch_size": 8}, ("gpt2", 6, 128, 2, 512)),
    "lora": (TUNE | {"method": "lora", "batch_size": 8}, ("qwen3", 12, 256, 4, 512)),
    "lora, 4 bits, recomputing": (
        TUNE | {"method": "lora", "batch_size": 4, "lora.bits": 4, "recompute": True},
        ("qwen3", 12, 512, 8, 512),
    ),
}


def main(names: list[str]) -> None:
    print("| run | keys | predicted | measured | predicted / measured |\n|---|---|---|---|---|")
    ratios = []
    for name, (keys, parent) in RUNS.items():
        if names and not any(part in name for part in names):
            continue
        predicted, measured, told = measure(keys, parent)
        ratios.append(predicted / measured)
        print(f"| {name} | {told} | {_mb(predicted)} | {_mb(measured)} | {predicted / measured:.2f} |", flush=True)
    print(f"\nFurthest: {max(ratios, key=lambda ratio: abs(ratio - 1)):.2f}, over {len(ratios)} runs.")


def measure(keys: dict[str, Any], parent: tuple[str, int, int, int, int] | None) -> tuple[int, int, str]:
    """(bytes predicted, most bytes the process held, what was trained)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data.txt").write_text("\n".join(_sentences(6000)))
        keys = {"data": "data.txt", "threads": 1, "out": str(folder / "run"), **keys}
        told = {key: keys[key] for key in ("layers", "width", "max_length", "batch_size", "precision") if key in keys}
        if parent is not None:
            shape, layers, width, heads, context = parent
            tokenizer = Tokenizer.train(_sentences(2000), 1024)
            config = default_config(shape, tokenizer.vocabulary, context, layers, width, heads)
            hf.save(GPT(config, 0), tokenizer, folder / "parent")
            _write_conversations(folder / "data.jsonl")
            keys |= {"model": "parent", "data": "data.jsonl"}
            told = {"layers": layers, "width": width, "max_length": context} | told
        text = "\n".join(f"{key} = {json.dumps(value)}" for key, value in keys.items())
        (folder / "recipe.toml").write_text(text)
        predicted, measured = run(folder / "recipe.toml")
    return predicted, measured, ", ".join(f"{key} {value}" for key, value in told.items())


def run(recipe: Path) -> tuple[int, int]:
    """Train by this recipe in a process of its own: (bytes it predicted, the most bytes it held)."""
    out = recipe.with_suffix(".jsonl")
    with open(out, "wb") as file:
        command = [sys.executable, "-m", "engine", "train", str(recipe), "--json"]
        process = os.posix_spawn(
            sys.executable, command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, file.fileno(), 1)]
        )
        _, status, usage = os.wait4(process, 0)
    events = [json.loads(line) for line in out.read_text().splitlines()]
    if status:
        raise SystemExit(f"{recipe}: {events[-1:]}")
    fit = next(event for event in events if event["event"] == "Fit")
    if "--parts" in sys.argv:
        print({name: _mb(size) for name, size in fit["parts"].items()})
    return fit["memory"], usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _sentences(count: int) -> list[str]:
    chance = random.Random(3)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(WORDS)]
    return [" ".join(chance.choices(words, k=chance.randint(5, 12))) + "." for _ in range(count)]


def _write_conversations(path: Path) -> None:
    """Most short, some as long as anything that fits."""
    chance = random.Random(4)
    sentences = _sentences(1000)
    with open(path, "w") as file:
        for _ in range(150):
            reply = " ".join(chance.choices(sentences, k=min(60, int(chance.lognormvariate(1.6, 0.9)) + 1)))
            messages = [{"role": "user", "content": chance.choice(sentences)}, {"role": "assistant", "content": reply}]
            file.write(json.dumps({"messages": messages}) + "\n")


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


if __name__ == "__main__":
    main([name for name in sys.argv[1:] if not name.startswith("--")])
