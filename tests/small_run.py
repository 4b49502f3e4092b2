"""A text and a recipe small enough to be trained within a second, for the tests beside this file."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

_WORDS = "the a cat dog tree house sun little old ran sat sang saw said big and then but under over".split()


def write_text(path: Path, sentences: int = 400) -> Path:
    """Sentences of a tiny language, with a document end now and then; always the same."""
    chance = random.Random(7)
    lines = [" ".join(chance.choices(_WORDS, k=chance.randint(4, 9))).capitalize() + "." for _ in range(sentences)]
    documents = [" ".join(lines[start : start + 10]) for start in range(0, sentences, 10)]
    path.write_text("\n<|endoftext|>\n".join(documents), "utf-8")
    return path


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
