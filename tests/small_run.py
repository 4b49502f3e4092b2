"""Data, parents and recipes small enough to be trained within a second, for the tests beside this file."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from random_gpt import english_tokenizer, random_gpt

from engine.gpt import hf

_WORDS = "the a cat dog tree house sun little old ran sat sang saw said big and then but under over".split()


# Every method, and whatever else a checkpoint must hold or a step depends on: both optimizers, dropout, several
# micro-batches a step, overlapping windows, replay, a base in few bits that is computed again backward, parents that
# are read again, a reference, and when to give up.
KINDS: dict[str, dict[str, Any]] = {
    "muon": {"method": "pretrain", "optimizer": "muon", "accumulation": 2, "stride": 8},
    "dropout": {"method": "pretrain", "optimizer": "adamw", "shape": "gpt2", "dropout": 0.2, "precision": "bf16"},
    "early-stopping": {
        "method": "pretrain", "sentences": 40, "steps": 400, "patience": 9, "validation_share": 0.3,
        "learning_rate": 0.006, "schedule": "constant",
    },
    "continue": {"method": "continue", "replay_share": 0.25},
    "full": {"method": "full", "accumulation": 2},
    "lora-float32": {"method": "lora", "lora.rank": 2, "lora.dropout": 0.2, "precision": "float32"},
    "lora-bf16": {"method": "lora", "lora.rank": 2, "lora.rslora": True, "precision": "bf16"},
    "lora-8-bits": {"method": "lora", "lora.rank": 2, "lora.bits": 8, "precision": "bf16"},
    "lora-4-bits": {
        "method": "lora", "lora.rank": 4, "lora.dropout": 0.2, "lora.bits": 4, "recompute": True,
        "precision": "float32",
    },
    "classify": {"method": "classify", "dropout": 0.1},
    "classify-all": {"method": "classify", "classify.layers": "all", "accumulation": 2},
    "dpo": {"method": "dpo", "dpo.train": "full"},
    "dpo-lora": {
        "method": "dpo", "dpo.train": "lora", "dpo.loss": "normalised", "lora.rank": 2, "lora.dropout": 0.1,
    },
}  # fmt: skip


def write_text(path: Path, sentences: int = 400, seed: int = 7) -> Path:
    """Sentences of a tiny language, with a document end now and then; the same for the same seed."""
    chance = random.Random(seed)
    lines = [" ".join(chance.choices(_WORDS, k=chance.randint(4, 9))).capitalize() + "." for _ in range(sentences)]
    documents = [" ".join(lines[start : start + 10]) for start in range(0, sentences, 10)]
    path.write_text("\n<|endoftext|>\n".join(documents), "utf-8")
    return path


def write_talks(path: Path, count: int = 40) -> Path:
    """Conversations in which the reply is the question with an article."""
    rows = []
    for number in range(count):
        word = ("dog", "cat", "sun", "tree")[number % 4]
        question, answer = {"role": "user", "content": word}, {"role": "assistant", "content": f"the {word}"}
        rows.append({"messages": [question, answer]})
    return _write_rows(path, rows)


def write_labelled(path: Path, count: int = 60) -> Path:
    """Texts of which two in three speak of a dog and are called so, the others of a cat."""
    chance = random.Random(3)
    rows = []
    for number in range(count):
        label = "cat" if number % 3 == 0 else "dog"
        words = [*chance.choices([word for word in _WORDS if word not in ("dog", "cat")], k=4), label]
        rows.append({"text": " ".join(chance.sample(words, 5)), "label": label})
    return _write_rows(path, rows)


def write_pairs(path: Path, count: int = 40) -> Path:
    """Pairs of replies of which the shorter one is chosen."""
    chance = random.Random(4)
    rows = []
    for _ in range(count):
        words = chance.choices(_WORDS, k=8)
        rows.append({"prompt": words[0], "chosen": " ".join(words[:2]), "rejected": " ".join(words[2:])})
    return _write_rows(path, rows)


def _write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def write_parent(folder: Path, shape: str = "qwen3") -> Path:
    """A model of random weights and a tokenizer that knows the marks of chats."""
    hf.save(random_gpt(shape, width=32, heads=2), english_tokenizer(), folder)
    return folder


def recipe(data: Path, **more: Any) -> dict[str, Any]:
    """Keys of a recipe for a model of about 20,000 parameters."""
    return {
        "method": "pretrain",
        "data": str(data),
        "layers": 2,
        "width": 32,
        "heads": 2,
        "vocabulary": 300,
        "max_length": 16,
        "batch_size": 2,
        "steps": 12,
        "evaluate_every": 4,
        "evaluate_batches": 4,
        "sample_every": 6,
        "checkpoint_every": 3,
        "threads": 1,
        "seed": 5,
        **more,
    }


def finetuning(method: str, data: Path, parent: Path, **more: Any) -> dict[str, Any]:
    """Keys of a recipe that starts from `parent`."""
    sizes = ("layers", "width", "heads", "vocabulary")
    keys = {name: value for name, value in recipe(data).items() if name not in sizes}
    return keys | {"method": method, "model": str(parent), "max_length": 48, **more}


def of_method(method: str, folder: Path, **more: Any) -> dict[str, Any]:
    """Keys of a recipe of any method; its data, its replay and its parent are written into `folder`."""
    if method == "pretrain":
        return recipe(write_text(folder / "text.txt", more.pop("sentences", 400)), **more)
    if "replay_share" in more:
        more |= {"replay": str(write_text(folder / "general.txt", seed=8))}
    write = {"continue": write_text, "classify": write_labelled, "dpo": write_pairs}.get(method, write_talks)
    data = write(folder / ("data.txt" if method == "continue" else "data.jsonl"))
    return finetuning(method, data, write_parent(folder / "parent"), **more)
