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
from engine.phrases import Phrase, one_or_many, phrase
from engine.training import defaults, dial
from engine.training.markdown import duration_text

GOALS = ("style", "text", "label", "preference", "new")
TIMES = ("short", "medium", "long")
KINDS = {"style": "conversation", "text": "text", "label": "labelled", "preference": "preference", "new": "text"}

_METHODS = {
    "text": ("continue", phrase("it reads on, with all its weights, from where its training ended")),
    "label": ("classify", phrase("a head for labels learns, with the last blocks")),
    "preference": ("dpo", phrase("it learns from pairs of a better and a worse reply")),
    "new": ("pretrain", phrase("it begins from nothing, with a tokenizer of its own")),
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
    why: Phrase


CARES = {
    "gentle": Care(
        1 / 3, 0.1, 3, phrase("gentle: a third of the usual rate changes the model less, and it stops sooner")
    ),
    "usual": Care(1.0, None, 5, phrase("the usual care")),
    "bold": Care(
        2.0, None, 10, phrase("bold: twice the usual rate learns faster and forgets more, and bad spells are borne")
    ),
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


Keys = tuple[dict[str, Any], dict[str, Phrase]]


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
            raise EngineError("recipe_missing", key="model", wanted=phrase("the model to start from"))
        passes, long = _passes(method, _time(answers), now)
        keys, reasons = {"model": answers["model"], "epochs": passes}, {"epochs": long}
    if method == "pretrain" or care.patience != CARES["usual"].patience:
        keys["patience"], reasons["patience"] = care.patience, care.why
    share = care.held_back or 0.05
    if method != "pretrain" and now.rows and now.rows * share < _FEWEST_HELD_BACK:
        share = min(0.2, round(_FEWEST_HELD_BACK / now.rows, 3))
        keys["validation_share"] = share
        reasons["validation_share"] = phrase("of so few rows a larger share is held back, so that it says something")
    elif care.held_back:
        keys["validation_share"] = share
        reasons["validation_share"] = phrase("more is held back to tell when to stop")
    return {"method": method, **keys}, {"method": why, **reasons}


def method_of(answers: Mapping[str, Any], now: Situation) -> tuple[str, Phrase]:
    """The method that a goal means, and why. Raises EngineError `recipe_value`."""
    goal = _one_of("goal", answers.get("goal"), GOALS)
    if goal != "style":
        return _METHODS[goal]
    if now.parameters <= defaults.SMALL:
        return "full", phrase("a model of {size:,} parameters is small enough to be trained whole", size=now.parameters)
    if not now.adaptable:
        return "full", phrase("an adapter needs a model folder under it, and this is none")
    return "lora", phrase(
        "an adapter to a model of {size:,} parameters takes less memory and forgets less", size=now.parameters
    )


def care_of(answers: Mapping[str, Any]) -> Care:
    """Raises EngineError `recipe_value`."""
    return CARES[_one_of("care", answers.get("care", "usual"), CARES)]


def dialled(answers: Mapping[str, Any], now: Situation) -> Keys:
    """Of a model from nothing, by its size or by the time there is. Raises EngineError `recipe_value`."""
    wanted = answers.get("parameters")
    if wanted is not None:
        if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1e5 <= wanted <= 1e11:
            raise _refused("parameters", phrase("must be a number from 100,000 to 100,000,000,000"), wanted)
        setting = dial.for_parameters(wanted, now.size_bytes)
    else:
        time = _time(answers)
        setting = dial.for_seconds(_SECONDS[time] if isinstance(time, str) else 60 * time, now.flops, now.size_bytes)
    return setting.keys, setting.reasons


def _passes(method: str, time: str | float, now: Situation) -> tuple[float, Phrase]:
    """Over the data, and why."""
    usual = _PASSES[method]
    if not isinstance(time, str):
        work = max(1.0, now.tokens) * now.operations
        possible = 60 * time * now.flops * dial.STEPPING / work
        passes = min(max(0.1, possible), float(usual[-1]))
        because = phrase(
            "in {duration} this machine reads the data about {times} times",
            duration=duration_text(60 * time),
            times=f"{possible:.1f}",
        )
        if passes < possible:
            because = phrase(
                "{reads}, and what is read over {most} times is learnt by heart", reads=because, most=usual[-1]
            )
        return round(passes, 2), because
    passes, least = usual[TIMES.index(time)], _LEAST_STEPS[time]
    needed = least * _ROWS / now.rows if now.rows else 0.0
    if needed > passes:
        because = phrase("fewer than {least} steps teach little, and the data is small", least=least)
        return min(_MOST_PASSES, math.ceil(needed)), because
    return float(passes), one_or_many(
        passes, "{count} pass over the data is {what}", "{count} passes over the data are {what}", what=_WORDS[time]
    )


_WORDS = {
    "short": phrase("a first impression"),
    "medium": phrase("what most data needs"),
    "long": phrase("as far as it goes before it repeats"),
}


def _time(answers: Mapping[str, Any]) -> str | float:
    """A word of TIMES, or minutes. Raises EngineError `recipe_value`."""
    time = answers.get("time", "medium")
    if isinstance(time, (int, float)) and not isinstance(time, bool) and 0 < time <= 60 * 24 * 365:
        return float(time)
    if not isinstance(time, str) or time not in TIMES:
        raise _refused("time", phrase("must be one of {known} or a number of minutes", known=", ".join(TIMES)), time)
    return time


def _one_of(name: str, value: Any, known: Collection[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise _refused(name, phrase("must be one of {known}", known=", ".join(known)), value)
    return value


def _refused(name: str, reason: Phrase, found: Any) -> EngineError:
    return EngineError("recipe_value", key=name, reason=reason, found=repr(found)[:60])
