"""How far this machine lies from the prediction, learned from every model that was loaded here.

Weights and cache are counted exactly; what differs between machines, builds and allocators is the rest. So what is
learned is one number: by how much that rest was larger or smaller than predicted, the median of the last loads.
"""

from __future__ import annotations

import json
import logging
import statistics
from dataclasses import replace
from pathlib import Path

from engine import files, paths
from engine.library.memory_fit import Need

_FORMAT = 1
_KEPT = 50  # of the last loads
_FEWEST = 3  # loads before anything is corrected
_BOUNDS = (0.5, 2.0)  # of the correction
_BELIEVABLE = (0.2, 5.0)  # beyond these something else was measured: pages taken back, another model in the process

_log = logging.getLogger(__name__)


def corrected(need: Need) -> Need:
    """The same need as this machine is likely to show it."""
    ratios = _ratios()
    if len(ratios) < _FEWEST:
        return need
    ratio = min(max(statistics.median(ratios), _BOUNDS[0]), _BOUNDS[1])
    return replace(need, compute=round(need.compute * ratio), overhead=round(need.overhead * ratio))


def record(need: Need, measured: int) -> None:
    """Remember a load: what was predicted, uncorrected, and the bytes that were measured."""
    rest = need.compute + need.overhead
    ratio = (measured - need.weights - need.cache) / rest if rest else 0.0
    if not _BELIEVABLE[0] <= ratio <= _BELIEVABLE[1]:
        return
    ratios = [*_ratios(), round(ratio, 4)][-_KEPT:]
    try:
        files.write_json(_place(), {"format": _FORMAT, "ratios": ratios})
    except OSError as error:  # a full disk must not keep a loaded model from answering
        _log.warning("what was learned of memory is not kept: %s", error)


def _place() -> Path:
    return paths.home() / "memory_fit.json"


def _ratios() -> list[float]:
    """None, where the file is absent, damaged or of another format: it begins again."""
    try:
        data = json.loads(_place().read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    if not isinstance(data, dict) or data.get("format") != _FORMAT or not isinstance(data.get("ratios"), list):
        return []
    ratios = [ratio for ratio in data["ratios"] if isinstance(ratio, int | float) and not isinstance(ratio, bool)]
    return [float(ratio) for ratio in ratios if _BELIEVABLE[0] <= ratio <= _BELIEVABLE[1]][-_KEPT:]
