"""How fast this machine trains, in floating-point operations a second: measured once, and kept under the home.

A small model makes a few real steps; one that is much larger or smaller comes to about the same figure (GPTs of 3.4M
and 124M parameters to 280 and 230 GFLOP/s, in bf16 on two Zen 4 threads). So it turns a time into a size and a size
into a time, within a third. The exact time is the train job's to say, from the model itself (`fit.dry_run`).
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import torch

from engine import files, hardware, paths
from engine.gpt.model import GPT
from engine.training import dial, machine
from engine.training.machine import Compute

_SIZE = dial.Size(layers=4, width=256, vocabulary=1024, context=256)
_ROWS = 8
_MOST_STEPS, _MOST_SECONDS = 4, 1.0


def known() -> float:
    """Operations a second, from the last measurement on this machine, else measured now (about a second)."""
    path = paths.home() / "speed.json"
    about: dict[str, Any] = {
        "device": machine.device(),
        "threads": hardware.threads_for("training"),
        "torch": torch.__version__,
    }
    with suppress(OSError, ValueError, KeyError, TypeError):
        stored = json.loads(path.read_bytes())
        if stored["about"] == about and stored["operations"] > 0:
            return float(stored["operations"])
    # Beside another busy program, threads that wait for one another are slower than one: that is not the machine.
    found = max(measure(about["device"], threads) for threads in {1, about["threads"]})
    with suppress(OSError):  # a home that cannot be written to is measured again next time
        files.write_json(path, {"operations": round(found), "about": about})
    return found


def measure(device: str, threads: int) -> float:
    """Operations a second of training steps of a model of four blocks: of the fastest, since others disturb."""
    compute = Compute(torch.device(device), "bf16" if machine.has_bf16(device) else "float32")
    before, seconds, began = torch.get_num_threads(), list[float](), time.perf_counter()
    torch.set_num_threads(threads)
    try:
        model = GPT(_SIZE.config, seed=0).to(compute.device)
        ids = torch.arange(_ROWS * _SIZE.context, device=compute.device).reshape(_ROWS, -1) % _SIZE.vocabulary
        while len(seconds) < 2 or (len(seconds) < _MOST_STEPS and time.perf_counter() - began < _MOST_SECONDS):
            start = time.perf_counter()
            with compute.autocast():
                logits = model(ids)
            model.zero_grad()
            torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), ids.flatten()).backward()  # type: ignore[no-untyped-call]
            float(next(p.grad.sum() for p in model.parameters() if p.grad is not None))  # waits for a device
            seconds.append(time.perf_counter() - start)
    finally:
        torch.set_num_threads(before)
    return _ROWS * _SIZE.context * dial.operations(_SIZE.config) / min(seconds[1:])
