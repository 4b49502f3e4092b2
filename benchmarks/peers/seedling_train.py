"""Seedling, as `seedling train` runs it: a recipe, text, a run folder; with `compile` its steps are compiled.

.venv/bin/python benchmarks/peers/seedling_train.py 12M [compile]          (by benchmarks/training.py)
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
from pathlib import Path

from turns import SHAPES, Turns

turns = Turns()
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from engine.events import Metric  # noqa: E402 (after our folder is on the path)
from engine.jobs import JobContext  # noqa: E402
from engine.training import jobs  # noqa: E402

shape = SHAPES[sys.argv[1]]
random.seed(0)
letters = "abcdefghijklmnopqrstuvwxyz"
words = ["".join(random.choices(letters, k=random.randint(4, 12))) for _ in range(shape.vocabulary // 4)]
with tempfile.TemporaryDirectory() as folder:
    text = Path(folder) / "text.txt"
    text.write_text(" ".join(word for _ in range(8) for word in random.sample(words, len(words))))
    recipe = {
        "method": "pretrain",
        "data": str(text),
        "out": str(Path(folder) / "run"),
        "shape": "qwen3",
        "layers": shape.layers,
        "width": shape.width,
        "heads": shape.heads,
        "kv_heads": shape.heads,
        "feed_forward": shape.feed_forward,
        "vocabulary": shape.vocabulary,
        "context": shape.context,
        "batch_size": shape.batch,
        "stride": shape.context // 2,
        "optimizer": "adamw",
        "precision": "bf16",
        "steps": 1_000_000,
        "log_every": 1,
        "sample_every": 0,
        "evaluate_every": 1_000_000,
        "checkpoint_every": 1_000_000,
    }
    if "compile" in sys.argv:
        recipe["compile"] = "yes"
    events = jobs.train(recipe, JobContext(threading.Event()))
    for event in events:
        if isinstance(event, Metric) or type(event).__name__ == "Started":
            turns.wait()
