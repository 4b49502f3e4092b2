"""From four answers in plain words to the keys of a recipe, each with its reason. Pure.

What a person means, be it how long or how careful, is turned into the few keys that mean it; all others keep the
defaults of `defaults.py`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.training import defaults, dial
from engine.training.markdown import duration_text

GOALS = ("style", "text", "label", "preference", "new")
TIMES = ("short", "medium", "long")
KINDS = {"style": "conversation", "text": "text", "label": "labelled", "preference": "preference", "new": "text"}

_METHODS = {
    "text": ("continue", "it reads on, with all its weights, from where its training ended"),
    "label": ("classify", "a head for labels learns, with the last blocks"),
    "preference": ("dpo", "it learns from pairs of a better and a worse reply"),
    "new": ("pretrain", "it begins from nothing, with a tokenizer of its own"),
}
# Passes over the data for each time, by method, and the steps below which little is taught. One to three are what
# others take (InstructGPT, TRL, the textbook's chapter 7; labels: Devlin et al. 2018, arXiv:1810.04805, and chapter 6).
_PASSES = {"full": (1, 3, 6), "lora": (1, 3, 6), "continue": (1, 2, 4), "classify": (3, 5, 10), "dpo": (1, 2, 3)}
_LEAST_STEPS = {"short": 60, "medium": 200, "long": 400}
_MOST_PASSES = 30
_SECONDS = {"short": 120, "medium": 1200, "long": 7200}  # for a model from nothing
_ROWS = 16
_FEWEST_HELD_BACK = 20


@dataclass(frozen=True)
class Care:
    """How careful. rate: share of the usual learning rate. held_back: share of the data, None for the usual one.

    patience: evaluations without a better one before the run ends. why: in words.
    """

    rate: float
    held_back: float | None
    patience: int
    why: str


CARES = {
    "gentle": Care(1 / 3, 0.1, 3, "gentle: a third of the usual rate changes the model less, and it stops sooner"),
    "usual": Care(1.0, None, 5, "the usual care"),
    "bold": Care(2.0, None, 10, "bold: twice the usual rate learns faster and forgets more, and bad spells are borne"),
}


@dataclass(frozen=True)
class Situation:
    """What the answers meet. rows: conversations, texts or pairs; 0 where that is not known. size_bytes: of the data.

    tokens: in the data. parameters: of the parent. adaptable: whether an adapter can be trained beside it.
    operations: of a token of the parent that is trained on. flops: operations a second of this machine.
    """

    rows: int
    size_bytes: int
    tokens: float
    parameters: int = 0
    adaptable: bool = True
    operations: float = 0.0
    flops: float = 1.0


Keys = tuple[dict[str, Any], dict[str, str]]


def keys_of(answers: Mapping[str, Any], now: Situation) -> Keys:
    """Keys of a recipe but for its data and its learning rate, and the reason of each.

    answers: `goal` (of GOALS), `model` (all but `new` need one), `time` (of TIMES, or minutes), `care` (of CARES), and
    for `new` perhaps `parameters` instead of a time. Raises EngineError `recipe_value` or `recipe_missing`.
    """
    care = care_of(answers)
    method, why = method_of(answers, now)
    if method == "pretrain":
        keys, reasons = dialled(answers, now)
    else:
        if not answers.get("model"):
            raise EngineError("recipe_missing", key="model", wanted="the model to start from")
        passes, long = _passes(method, _time(answers), now)
        keys, reasons = {"model": answers["model"], "epochs": passes}, {"epochs": long}
    if method == "pretrain" or care.patience != CARES["usual"].patience:
        keys["patience"], reasons["patience"] = care.patience, care.why
    share = care.held_back or 0.05
    if method != "pretrain" and now.rows and now.rows * share < _FEWEST_HELD_BACK:
        share = min(0.2, round(_FEWEST_HELD_BACK / now.rows, 3))
        keys["validation_share"] = share
        reasons["validation_share"] = "of so few rows a larger share is held back, so that it says something"
    elif care.held_back:
        keys["validation_share"], reasons["validation_share"] = share, "more is held back to tell when to stop"
    return {"method": method, **keys}, {"method": why, **reasons}


def method_of(answers: Mapping[str, Any], now: Situation) -> tuple[str, str]:
    """The method that a goal means, and why. Raises EngineError `recipe_value`."""
    goal = _one_of("goal", answers.get("goal"), GOALS)
    if goal != "style":
        return _METHODS[goal]
    if now.parameters <= defaults.SMALL:
        return "full", f"a model of {now.parameters:,} parameters is small enough to be trained whole"
    if not now.adaptable:
        return "full", "an adapter needs a model folder under it, and this is none"
    return "lora", f"an adapter to a model of {now.parameters:,} parameters takes less memory and forgets less"


def care_of(answers: Mapping[str, Any]) -> Care:
    """Raises EngineError `recipe_value`."""
    return CARES[_one_of("care", answers.get("care", "usual"), CARES)]


def dialled(answers: Mapping[str, Any], now: Situation) -> Keys:
    """Of a model from nothing, by its size or by the time there is. Raises EngineError `recipe_value`."""
    wanted = answers.get("parameters")
    if wanted is not None:
        if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1e5 <= wanted <= 1e11:
            raise _refused("parameters", "must be a number from 100,000 to 100,000,000,000", wanted)
        setting = dial.for_parameters(wanted, now.size_bytes)
    else:
        time = _time(answers)
        setting = dial.for_seconds(_SECONDS[time] if isinstance(time, str) else 60 * time, now.flops, now.size_bytes)
    return setting.keys, setting.reasons


def _passes(method: str, time: str | float, now: Situation) -> tuple[float, str]:
    """Over the data, and why."""
    usual = _PASSES[method]
    if not isinstance(time, str):
        work = max(1.0, now.tokens) * now.operations
        possible = 60 * time * now.flops * dial.STEPPING / work
        passes = min(max(0.1, possible), float(usual[-1]))
        because = f"in {duration_text(60 * time)} this machine reads the data about {possible:.1f} times"
        heart = f", and what is read over {usual[-1]} times is learnt by heart"
        return round(passes, 2), because + heart * (passes < possible)
    passes, least = usual[TIMES.index(time)], _LEAST_STEPS[time]
    needed = least * _ROWS / now.rows if now.rows else 0.0
    if needed > passes:
        return min(_MOST_PASSES, math.ceil(needed)), f"fewer than {least} steps teach little, and the data is small"
    return float(passes), f"{passes} passes over the data are {_WORDS[time]}"


_WORDS = {
    "short": "a first impression",
    "medium": "what most data needs",
    "long": "as far as it goes before it repeats",
}


def _time(answers: Mapping[str, Any]) -> str | float:
    """A word of TIMES, or minutes. Raises EngineError `recipe_value`."""
    time = answers.get("time", "medium")
    if isinstance(time, (int, float)) and not isinstance(time, bool) and 0 < time <= 60 * 24 * 365:
        return float(time)
    return _one_of("time", time, TIMES, " or a number of minutes")


def _one_of(name: str, value: Any, known: Collection[str], more: str = "") -> str:
    if not isinstance(value, str) or value not in known:
        raise _refused(name, f"must be one of {', '.join(known)}{more}", value)
    return value


def _refused(name: str, reason: str, found: Any) -> EngineError:
    return EngineError("recipe_value", key=name, reason=reason, found=repr(found)[:60])
