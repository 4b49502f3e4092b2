"""Learning rate schedules: pure functions from a step to the share of the peak rate it uses.

Steps count from 0. All schedules rise linearly over `warmup` steps, the first step already moving a little.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[int], float]


def constant(step: int, warmup: int) -> float:
    """Warm up, then stay at the peak."""
    return min(1.0, (step + 1) / (warmup + 1))


def cosine(step: int, steps: int, warmup: int, least: float) -> float:
    """Half a cosine from the peak down to `least` (Loshchilov and Hutter 2017, arXiv:1608.03983)."""
    if step < warmup:
        return constant(step, warmup)
    done = (step - warmup) / max(1, steps - 1 - warmup)
    return least + (1 - least) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def wsd(step: int, steps: int, warmup: int, decay: float, least: float) -> float:
    """Warm-up, stable, decay: at the peak until the last share `decay` of the steps, then linearly to `least`.

    Hu et al. 2024, arXiv:2404.06395.
    """
    falling = min(round(decay * steps), steps - warmup)
    left = steps - step  # steps still to be made, this one included
    if step < warmup or left > falling:
        return constant(step, warmup)
    return least + (1 - least) * (left - 1) / falling


def make_schedule(name: str, steps: int, warmup: int, decay: float, least: float) -> Schedule:
    """The schedule of that name: `constant`, `cosine` or `wsd`."""
    if name == "constant":
        return lambda step: constant(step, warmup)
    if name == "cosine":
        return lambda step: cosine(step, steps, warmup, least)
    return lambda step: wsd(step, steps, warmup, decay, least)
