"""Points of a curve: kept in arrays that grow, smoothed as they come, and thinned to what a screen can show.

Loads numpy, so the window imports it together with the first plot.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_BLOCK = 256  # points that are smoothed by one product of matrices


class Series:
    """Values over steps, in the order of the steps. Points that are not finite are left out."""

    def __init__(self) -> None:
        self._steps, self._values, self.count = np.empty(0), np.empty(0), 0
        self._smooth: dict[float, _Smoothing] = {}

    @property
    def steps(self) -> Numbers:
        return self._steps[: self.count]

    @property
    def values(self) -> Numbers:
        return self._values[: self.count]

    def append(self, steps: Numbers, values: Numbers) -> None:
        """Further points, (N,) each. Those from the first of their steps on are replaced: a resumed run does so."""
        known = np.isfinite(values) & np.isfinite(steps)
        steps, values = steps[known], values[known]
        if not len(steps):
            return
        if self.count and steps[0] <= self._steps[self.count - 1]:
            self.count = int(np.searchsorted(self.steps, steps[0]))
            self._smooth.clear()
        total = self.count + len(steps)
        if total > len(self._steps):
            room = max(1024, 2 * total)
            self._steps, self._values = (np.concatenate([old, np.empty(room - len(old))]) for old in self._arrays())
        self._steps[self.count : total], self._values[self.count : total] = steps, values
        self.count = total

    def smoothed(self, weight: float) -> Numbers:
        """The values as an exponential moving average that forgets by `weight` a point, (count,).

        The average is divided by the weights it has seen, as in Kingma and Ba (2014), section 3, so that the first
        points are not pulled to zero. Only points that came since the last call are computed.
        """
        if not weight:
            return self.values
        if weight not in self._smooth:
            self._smooth[weight] = _Smoothing(weight)
        return self._smooth[weight].upto(self.values)

    def at(self, step: float) -> tuple[float, float] | None:
        """The point nearest to a step: (step, value)."""
        number = self.nearest(step)
        return None if number is None else (float(self._steps[number]), float(self._values[number]))

    def nearest(self, step: float) -> int | None:
        """The number of the point nearest to a step."""
        if not self.count:
            return None
        after = int(np.searchsorted(self.steps, step))
        if after == self.count or (after and step - self._steps[after - 1] < self._steps[after] - step):
            after -= 1
        return after

    def _arrays(self) -> tuple[Numbers, Numbers]:
        return self._steps, self._values


class _Smoothing:
    """One average, continued from where it stood."""

    def __init__(self, weight: float) -> None:
        self._weight, self._count, self._last = weight, 0, 0.0
        self._done = np.empty(0)
        # row i: what the points 0..i of a block add to the average at i
        powers = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
        self._share = np.where(powers >= 0, (1 - weight) * weight ** np.maximum(powers, 0), 0.0)
        self._decay = weight ** np.arange(1, _BLOCK + 1)

    def upto(self, values: Numbers) -> Numbers:
        if len(values) > len(self._done):
            self._done = np.concatenate([self._done, np.empty(max(1024, 2 * len(values)) - len(self._done))])
        while self._count < len(values):
            block = values[self._count : self._count + _BLOCK]
            size = len(block)
            average = self._share[:size, :size] @ block + self._decay[:size] * self._last
            self._last = float(average[-1])
            seen = 1 - self._weight ** np.arange(self._count + 1, self._count + size + 1)
            self._done[self._count : self._count + size] = average / seen
            self._count += size
        return self._done[: self._count]


def thinned(steps: Numbers, values: Numbers, left: float, right: float, columns: int) -> tuple[Numbers, Numbers]:
    """The points that show from `left` to `right` in so many columns of pixels, and one beyond each side.

    Where a column has more than two points, its lowest and its highest stand for all: the picture stays the same.
    """
    start = max(0, int(np.searchsorted(steps, left)) - 1)
    stop = min(len(steps), int(np.searchsorted(steps, right, "right")) + 1)
    steps, values = steps[start:stop], values[start:stop]
    if len(steps) <= 4 * columns or not right > left:
        return steps, values
    column = np.floor((steps - left) * (columns / (right - left)))
    first = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
    shown = np.empty(2 * len(first))
    shown[0::2], shown[1::2] = np.minimum.reduceat(values, first), np.maximum.reduceat(values, first)
    return np.repeat(steps[first], 2), shown


def span(values: list[Numbers], logarithmic: bool) -> tuple[float, float] | None:
    """The lowest and the highest of all values, with a little room; as powers of ten where `logarithmic`."""
    known = [part for part in values if len(part)]
    if not known:
        return None
    low, high = min(float(part.min()) for part in known), max(float(part.max()) for part in known)
    room = 0.04 * (high - low) or 0.04 * abs(high) or (0.1 if logarithmic else 1.0)
    return low - room, high + room


def logarithms(steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    """The points above zero, their values as powers of ten."""
    above = values > 0
    return steps[above], np.log10(values[above])


def columns(rows: list[dict[str, object]]) -> dict[str, tuple[Numbers, Numbers]]:
    """Rows of a journal, each with its `step`, as one pair of arrays for each name that has numbers."""
    found: dict[str, tuple[list[float], list[float]]] = {}
    for row in rows:
        step = row["step"]
        if not isinstance(step, int):
            continue
        for name, value in row.items():
            if isinstance(value, int | float) and math.isfinite(value) and name != "step":
                steps, values = found.setdefault(name, ([], []))
                steps.append(step)
                values.append(value)
    return {name: (np.array(steps, float), np.array(values, float)) for name, (steps, values) in found.items()}
