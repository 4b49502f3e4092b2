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


def write_text(path: Path, sentences: int = 400) -> Path:
    """Sentences of a tiny language, with a document end now and then; always the same."""
    chance = random.Random(7)
    lines = [" ".join(chance.choices(_WORDS, k=chance.randint(4, 9))).capitalize() + "." for _ in range(sentences)]
    documents = [" ".join(lines[start : start + 10]) for start in range(0, sentences, 10)]
    path.write_text("\n<|endoftext|>\n".join(documents), "utf-8")
    return path


def write_talks(path: Path, count: int = 40) -> Path:
    """Conversations in which the reply is the question with an article."""
    return _write_lines(path, ([("user", word), ("assistant", f"the {word}")] for word in _words(count)))


def _words(count: int) -> Iterable[str]:
    return (("dog", "cat", "sun", "tree")[number % 4] for number in range(count))


def _write_lines(path: Path, talks: Iterable[list[tuple[str, str]]]) -> Path:
    rows = ({"messages": [{"role": role, "content": content} for role, content in talk]} for talk in talks)
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
