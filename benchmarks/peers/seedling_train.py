"""Seedling, as `seedling train` runs it: a recipe, text, a run folder; with `compile` its steps are compiled.

.venv/bin/python benchmarks/peers/seedling_train.py 12M [compile]          (by benchmarks/training.py)
"""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

from turns import SHAPES, Turns

turns = Turns()
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from engine.benchmarks.training import recipe_of  # noqa: E402 (after our folder is on the path)
from engine.events import Metric  # noqa: E402
from engine.jobs import JobContext  # noqa: E402
from engine.training import jobs  # noqa: E402

with tempfile.TemporaryDirectory() as folder:
    recipe = recipe_of(SHAPES[sys.argv[1]], Path(folder)) | {"precision": "bf16"}
    if "compile" in sys.argv:
        recipe["compile"] = "yes"
    events = jobs.train(recipe, JobContext(threading.Event()))
    for event in events:
        if isinstance(event, Metric) or type(event).__name__ == "Started":
            turns.wait()
