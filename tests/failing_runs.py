"""A run on a disk that is full at its n-th write, and goes on when there is room. Started by test_resume.py.

LD_PRELOAD=failing_disk.so python failing_runs.py FOLDER PARAMS.json COUNT: for COUNT values of n, spread over all
calls of the run, prints one JSON line {"call": n, "reason": of the run, "same": bool}, whether its resumed end has the
weights of a run that never failed; and a last one {"calls": how many there are}.
"""

from __future__ import annotations

import ctypes
import errno
import json
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import torch

from engine.events import Finished, Started
from engine.training import loop, recipe

NEVER = 10**9


def train(params: dict[str, Any], out: Path, disk: Any, call: int) -> tuple[str, int]:
    """Train with a disk that fails at that call after the start: how the run ended, and how many calls were made."""
    reason, left = "", 0
    for event in loop.train(recipe.make(params), out, threading.Event(), resume=True):
        if isinstance(event, Started):
            disk.arm(call, errno.ENOSPC)
        elif isinstance(event, Finished):
            reason, left = event.reason, ctypes.c_int.in_dll(disk, "left").value
    disk.disarm()
    return reason, call - left


def main() -> None:
    folder, params, count = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), int(sys.argv[3])
    torch.set_num_threads(1)
    disk = ctypes.CDLL(sys.argv[4])
    _, calls = train(params, folder / "whole", disk, NEVER)
    wanted = (folder / "whole" / "model" / "model.safetensors").read_bytes()
    for trial in range(count):
        out, call = folder / "run", 1 + trial * calls // count
        reason, _ = train(params, out, disk, call)
        again, _ = train(params, out, disk, NEVER)
        same = again == "done" and (out / "model" / "model.safetensors").read_bytes() == wanted
        print(json.dumps({"call": call, "reason": reason, "same": same}), flush=True)
        shutil.rmtree(out)
    print(json.dumps({"calls": calls}))


if __name__ == "__main__":
    main()
