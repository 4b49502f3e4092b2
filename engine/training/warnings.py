"""What the figures of a run tell that a person should know: pure functions of the rows of `metrics.jsonl`.

Each takes all rows so far and gives one `Advice` or None. None of them speaks before there is enough to see, and none
trusts a single row: figures are compared as medians or means of several, against the noise of the curve itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.advice import Advice

Row = Mapping[str, Any]
Numbers = NDArray[np.float64]

_WINDOW = 5  # rows of which the median counts, so that an odd batch or two say nothing
_PERSISTS, _PERSISTS_SHARE = 10, 0.05  # windows in a row, and of all rows, before a rise is called lasting
_ENOUGH = 40  # rows before a flat curve is called flat
_ENDS = 10  # rows at the beginning and the end of a curve that are compared


def warnings(rows: Sequence[Row]) -> list[Advice]:
    """All that can be said of these rows, the gravest first."""
    return [advice for look in LOOKS if (advice := look(rows)) is not None]


def empty_mask(rows: Sequence[Row]) -> Advice | None:
    """The loss and the gradient have been exactly zero in the last three rows.

    A loss of words is zero only where no token counts: all labels are -100. It is what a chat template without marks of
    generation does to every row (transformers issue 34172, trl issue 4879).
    """
    zero = 0
    for row in reversed(rows):
        if row.get("loss") != 0 or row.get("grad_norm", 0.0) != 0:
            break
        zero += 1
    return None if zero < 3 else Advice("empty_mask", rows[-1]["step"], {"first": rows[-zero]["step"]})


def learning_rate_high(rows: Sequence[Row]) -> Advice | None:
    """After the warm-up the loss jumped, or the gradient exploded, and stayed so for long.

    Jumped: the median of 5 rows stands above the first row or the lowest such median before it by more than a quarter
    of it, 0.3 and six times the noise. Exploded: the median gradient norm of 5 rows is over ten times the geometric
    mean of all before, while the loss is above its lowest by over three times the noise. Long: one of
    them holds in 10 windows in a row, and in a twentieth of all rows so far, because a spike from which a run recovers
    is usual (Chowdhery et al., below, had some 20 of them and trained to the end).
    That both go together with too high a rate: Wortsman et al. 2023, arXiv:2309.14322; on spikes Chowdhery et al. 2022,
    arXiv:2204.02311, section 5.1. The numbers are ours: `tests/engine/training/curves`.
    """
    steps, loss = _column(rows, "loss")
    _, norm = _column(rows, "grad_norm")
    _, rate = _column(rows, "lr")
    if len(loss) < 3 * _WINDOW or not len(rate) == len(norm) == len(loss):
        return None
    medians, noise = _medians(loss), _noise(loss)
    # Of the first row, before which nothing was learnt, and of windows that share no row with the later one.
    lowest = np.minimum(np.minimum.accumulate(medians)[:-_WINDOW], loss[0])
    now = medians[_WINDOW:]
    warm = np.arange(len(now)) + 2 * _WINDOW - 1 > int(np.argmax(rate >= 0.999 * rate.max()))
    jumped = warm & (now > lowest + np.maximum(0.25 * np.abs(lowest), max(0.3, 6 * noise)))
    usual = np.exp(np.cumsum(np.log(np.maximum(norm, 1e-12))) / np.arange(1, len(norm) + 1))[_WINDOW - 1 : -_WINDOW]
    exploded = warm & (_medians(norm)[_WINDOW:] > 10 * usual) & (now > lowest + 3 * noise)
    for code, found in (("learning_rate_high", jumped), ("gradient_exploded", exploded)):
        begins, lasts = _longest(found)
        if lasts >= max(_PERSISTS, _PERSISTS_SHARE * len(loss)):
            step = int(steps[begins + 2 * _WINDOW - 1])
            return Advice(code, step, {"rate": f"{rate.max() / 3:.1e}"})
    return None


def _longest(found: NDArray[np.bool_]) -> tuple[int, int]:
    """Where the longest stretch of true values begins, and how many there are in it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], found.astype(np.int8), [0]])))
    begins, lengths = edges[::2], edges[1::2] - edges[::2]
    return (int(begins[np.argmax(lengths)]), int(lengths.max())) if len(lengths) else (0, 0)


def memorising(rows: Sequence[Row]) -> Advice | None:
    """The last two evaluations are over 2 percent worse than the best one, while the training loss fell since then.

    The first is Prechelt's generalisation loss (1998, "Early stopping - but when?", GL with alpha 2), seen twice,
    because evaluations are noisy; the second, by more than twice the error of the means of 10 rows, tells learning by
    heart from a run that falls apart.
    """
    steps, held = _column(rows, "val_loss")
    best = int(np.argmin(held)) if len(held) else 0
    if len(held) - best < 3 or min(held[-2:]) <= held[best] + 0.02 * abs(held[best]):
        return None
    at, loss = _column(rows, "loss")
    before, since = loss[at <= steps[best]][-_ENDS:], loss[at > steps[best]][-_ENDS:]
    if len(before) == 0 or len(since) == 0:
        return None
    fell = float(before.mean() - since.mean())
    if fell <= 2 * _error(loss, min(len(before), len(since))):
        return None
    rose = float(held[-1] - held[best])
    figures = {"best": int(steps[best]), "fell": float(fell), "rose": float(rose)}
    return Advice("memorising", int(steps[-1]), figures)


def nothing_learnt(rows: Sequence[Row]) -> Advice | None:
    """After 40 rows, and twice the warm-up, neither the training loss nor the held-back loss has fallen.

    The means of the first and last 10 rows differ by less than twice their error or half a percent, and the best
    held-back loss is not half a percent below the first. Smith 2018, arXiv:1803.09820, section 3, names the flat curve
    as the sign of too low a rate; the numbers are ours. Of preferences `margin_flat` says it better.
    """
    steps, loss = _column(rows, "loss")
    _, rate = _column(rows, "lr")
    if len(loss) < _ENOUGH or len(rate) != len(loss) or not loss.any() or "reward_margin" in rows[-1]:
        return None
    if len(loss) < 2 * int(np.argmax(rate >= 0.999 * rate.max())):
        return None
    first, last = float(loss[:_ENDS].mean()), float(loss[-_ENDS:].mean())
    least = max(2 * _error(loss, _ENDS), 0.005 * abs(first))
    _, held = _column(rows, "val_loss")
    if abs(first - last) > least or (len(held) > 1 and held.min() < held[0] - 0.005 * abs(held[0])):
        return None
    return Advice("nothing_learnt", int(steps[-1]), {"loss": float(last), "first": int(steps[0])})


def margin_flat(rows: Sequence[Row]) -> Advice | None:
    """Preferences: after 40 rows the mean reward margin of the last 10 is not above that of the first 10 by three times
    its error and by 0.02, which moves a loss of 0.693 by one hundredth.

    Margins should rise from the start (Rafailov et al. 2023, arXiv:2305.18290; TRL's logged metrics).
    """
    steps, margin = _column(rows, "reward_margin")
    if len(margin) < _ENOUGH:
        return None
    first, last = margin[:_ENDS], margin[-_ENDS:]
    error = math.sqrt((first.var(ddof=1) + last.var(ddof=1)) / _ENDS)
    return None if last.mean() - first.mean() > max(3 * error, 0.02) else Advice("margin_flat", int(steps[-1]))


def accuracy_at_chance(rows: Sequence[Row]) -> Advice | None:
    """Preferences: after 40 rows, the mean accuracy on held-back pairs of the last three evaluations is not above 0.55,
    and neither is the best of them above 0.6.

    One half is what a coin comes to (arXiv:2305.18290). Pairs that were learnt say nothing: they can be known by heart.
    """
    steps, right = _column(rows, "val_reward_accuracy")
    if len(rows) < _ENOUGH or len(right) < 3 or right[-3:].mean() > 0.55 or right[-3:].max() > 0.6:
        return None
    return Advice("accuracy_at_chance", int(steps[-1]), {"percent": round(100 * float(right[-3:].mean()))})


def rewards_fall(rows: Sequence[Row]) -> Advice | None:
    """Preferences: after 30 rows the reward of the better replies is below -1 by over twice its error, and that of the
    worse ones is below zero as well.

    With beta 0.1 such a reply has become 20,000 times less likely as a whole. The margin may rise all the same: Pal et
    al. 2024, arXiv:2402.13228; Razin et al. 2024, arXiv:2410.08847. The number is ours.
    """
    steps, chosen = _column(rows, "chosen_reward")
    _, rejected = _column(rows, "rejected_reward")
    if len(chosen) < 3 * _ENDS or len(rejected) != len(chosen):
        return None
    last = chosen[-_ENDS:]
    mean, error = float(last.mean()), float(last.std(ddof=1)) / math.sqrt(_ENDS)
    if mean + 2 * error > -1 or rejected[-_ENDS:].mean() > 0:
        return None
    return Advice("rewards_fall", int(steps[-1]), {"reward": float(mean)})


def one_class(rows: Sequence[Row]) -> Advice | None:
    """Labels: at the last two evaluations every text was taken for the same class, though they are of several.

    Accuracy then is the share of the most frequent class, which looks like success (He and Garcia 2009, "Learning from
    imbalanced data", section 4). `label` is the number of the class, from 1.
    """
    found = [(row["step"], row["confusion"]) for row in rows if row.get("confusion")]
    if len(found) < 2:
        return None
    taken = []
    for _, table in found[-2:]:
        matrix = np.asarray(table, np.int64)
        columns = np.flatnonzero(matrix.sum(0))
        if len(columns) != 1 or (matrix.sum(1) > 0).sum() < 2:
            return None
        taken.append(int(columns[0]))
    return Advice("one_class", found[-1][0], {"label": taken[-1] + 1}) if taken[0] == taken[1] else None


Look = Callable[[Sequence[Row]], Advice | None]
LOOKS: tuple[Look, ...] = (
    empty_mask,
    learning_rate_high,
    nothing_learnt,
    one_class,
    accuracy_at_chance,
    margin_flat,
    rewards_fall,
    memorising,
)


def _column(rows: Sequence[Row], name: str) -> tuple[NDArray[np.int64], Numbers]:
    """Steps and values of the rows that have a finite number of this name."""
    found = [
        (row["step"], value)
        for row in rows
        if isinstance(value := row.get(name), (int, float)) and math.isfinite(value)
    ]
    return np.array([step for step, _ in found], np.int64), np.array([value for _, value in found], np.float64)


def _medians(values: Numbers) -> Numbers:
    """Of each window; (values - _WINDOW + 1,)."""
    return np.median(np.lib.stride_tricks.sliding_window_view(values, _WINDOW), axis=1)


def _noise(values: Numbers) -> float:
    """The standard deviation of a row about the curve: from what neighbours differ by, robustly."""
    steps = np.diff(values)
    return 1.4826 * float(np.median(np.abs(steps - np.median(steps)))) / math.sqrt(2)


def _error(values: Numbers, rows: int) -> float:
    """Of the difference of two means of so many rows."""
    return _noise(values) * math.sqrt(2 / rows)
