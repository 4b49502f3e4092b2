"""The value of every key that a person leaves out, and why it has it. Pure, so that a form can show both.

`resolve` fills in what follows from the machine, the parent and the method, `resolve_data` what follows from the data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.gpt.config import GPTConfig, parameters
from engine.phrases import Phrase, one_or_many, phrase
from engine.training import dial
from engine.training import recipe as recipes
from engine.training.recipe import ARCHITECTURE, Recipe


@dataclass(frozen=True)
class Facts:
    """What `resolve` looks at besides the recipe.

    size_bytes: of the data, unpacked.
    parent: the configuration of the parent model.
    opening: the first words of the text.
    threads, bf16, device, compiler: of this machine.
    """

    size_bytes: int
    parent: GPTConfig | None = None
    opening: str = ""
    threads: int = 1
    bf16: bool = False
    device: str = "cpu"
    compiler: bool = False


@dataclass(frozen=True)
class DataFacts:
    """What `resolve_data` looks at.

    items: windows, conversations, texts or pairs to train on. classes: how many texts each class has.
    """

    items: int
    classes: tuple[int, ...] = ()


# Below this width casting weights to bf16 costs more than the faster products save (measured on Zen 4, two threads).
_BF16_WIDTH = 128
# A class this many times as frequent as another would be learnt at its cost.
_SKEWED = 2
# Up to this many parameters all of them are trained, where nothing else is said: with their optimizer they take under
# 1 GB.
SMALL = 50_000_000

VALIDATION_SHARE = 0.05


@dataclass(frozen=True)
class _Habits:
    """What a method usually wants. rate: its peak learning rate, as a share of pretraining's, with the reason."""

    rate: float
    rate_reason: Phrase
    weight_decay: float = 0.01
    prompt: str | None = "Hello!"
    samples: bool = True


_HABITS = {
    "pretrain": _Habits(1.0, phrase("fresh weights have far to go"), weight_decay=0.1, prompt=None),
    "continue": _Habits(0.3, phrase("higher rates undo what the parent has learnt"), weight_decay=0.1, prompt=None),
    "full": _Habits(0.15, phrase("finetuning changes a model only a little")),
    "lora": _Habits(1.0, phrase("adapters stand about ten times the rate of whole models")),
    "classify": _Habits(0.15, phrase("finetuning changes a model only a little"), samples=False),
    "dpo": _Habits(0.01, phrase("preferences are learnt before the replies fall apart only at low rates")),
}


class _Filling:
    """Keys being filled in, each with its reason; those that are given stay."""

    def __init__(self, recipe: Recipe) -> None:
        self.values, self.reasons = recipe.given(), dict(recipe.reasons)

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def default(self, key: str, value: Any, because: Phrase) -> None:
        if key not in self.values:
            self.values[key], self.reasons[key] = value, because

    def recipe(self) -> Recipe:
        return recipes.make(self.values, self.reasons)


def resolve(recipe: Recipe, facts: Facts) -> Recipe:
    """The recipe with every default filled in but those that follow from the data (`resolve_data`).

    Raises EngineError `recipe_conflict` where a key contradicts the parent model.
    """
    method, filling = recipe.method, _Filling(recipe)
    default = filling.default
    if facts.parent is None:
        _sizes(filling, facts.size_bytes)
    else:
        _sizes_of_parent(filling, facts.parent)
    _of_method(filling, method, facts.parent)
    pretrain, habits = method == "pretrain", _HABITS[method]
    default("batch_size", 16, phrase("it is large enough for steady steps and small enough for most machines"))
    default("accumulation", 1, phrase("a step then needs no more than one micro-batch"))
    default("stride", filling["max_length"], phrase("windows then do not overlap"))
    if "evaluation" in filling.values:
        default("validation_share", 0.0, phrase("what is evaluated on has files of its own"))
    default("validation_share", VALIDATION_SHARE, phrase("a twentieth tells how well the rest is learnt"))
    if pretrain:
        default("optimizer", "muon", phrase("fresh matrices learn faster with it (arXiv:2502.16982)"))
        default("schedule", "wsd", phrase("a run can be prolonged from before its decay (arXiv:2404.06395)"))
    else:
        default("optimizer", "adamw", phrase("the parent's weights are changed more gently by it"))
        default("schedule", "cosine", phrase("the rate falls gently from the start"))
    peak = min(3e-3, 3e-3 * 256 / filling["width"])  # falls with the width (Yang et al. 2022, arXiv:2203.03466)
    because = phrase(
        "a width of {width} stands {rate} in pretraining, and {more}",
        width=filling["width"],
        rate=f"{peak:.1e}",
        more=habits.rate_reason,
    )
    adapter = 10 if filling.values.get("dpo.train") == "lora" else 1
    default("learning_rate", round(peak * habits.rate * adapter, 8), because)
    if filling["optimizer"] == "muon":
        if pretrain:
            default("adamw_rate", 5.0, phrase("embeddings learn faster in larger steps"))
        else:
            default("adamw_rate", 1.0, phrase("the parent's have learnt already"))
    default("min_learning_rate", 0.05, phrase("the last steps settle at a small rate"))
    default("decay", 0.4, phrase("long decays suit small models"))
    default("weight_decay", habits.weight_decay, phrase("it is what others take here"))
    default("beta2", 0.95, phrase("it is what others take for language models"))
    default("clip", 1.0, phrase("a single odd batch then cannot spoil the weights"))
    if recipe.steps:
        default("patience", 0, phrase("the steps were given"))
    else:
        default("patience", 5, phrase("the run ends when it learns no more"))
    default("evaluate_batches", 32, phrase("so many say enough and cost little"))
    if habits.prompt is None:
        default("sample_prompt", facts.opening, phrase("it is how the text begins"))
    else:
        default("sample_prompt", habits.prompt, phrase("it is a short greeting"))
    if not habits.samples:
        default("sample_every", 0, phrase("a classifier writes no text"))
    default("keep", "best", phrase("later steps may learn the data by heart"))
    default("parallel", "replicate", phrase("where the whole model fits, sending only gradients about is faster"))
    default("compile", "no", phrase("the first step of a compiled run takes a minute or more"))
    default("threads", facts.threads, phrase("these are the cores that training can use"))
    default("seed", 0, phrase("any number will do"))
    default("name", f"{filling['shape']}-{method}", phrase("no name was given"))
    _of_machine(filling, facts)
    return filling.recipe()


def resolve_data(recipe: Recipe, facts: DataFacts) -> Recipe:
    """The resolved recipe with its steps and all that depends on their number and on the data."""
    filling = _Filling(recipe)
    default, items = filling.default, facts.items
    per_step = filling["batch_size"] * filling["accumulation"]
    epochs = filling.values.pop("epochs", None)
    if "steps" not in filling.values:
        passes = 3 if epochs is None else epochs
        needed, least = math.ceil(items * passes / per_step), 200 if epochs is None else 1
        because = one_or_many(
            passes,
            "{passes} pass over {items:,} items, {per_step} a step, takes {needed:,}",
            "{passes} passes over {items:,} items, {per_step} a step, take {needed:,}",
            passes=f"{passes:g}",
            items=items,
            per_step=per_step,
            needed=needed,
        )
        if needed < least:
            because = phrase("{passes}, and fewer than {least} teach little", passes=because, least=least)
        default("steps", max(needed, least), because)
    steps = filling["steps"]
    default("warmup", min(100, steps // 20), phrase("a twentieth of the steps, at most 100, lets the optimizer settle"))
    default(
        "evaluate_every",
        max(1, min(250, steps // 10)),
        phrase("ten evaluations, or more in long runs, show the course"),
    )
    default("checkpoint_every", filling["evaluate_every"], phrase("no more is lost than lies between two evaluations"))
    default("sample_every", filling["evaluate_every"], phrase("samples stand beside evaluations"))
    if facts.classes:
        most, fewest = max(facts.classes), min(facts.classes)
        because = phrase(
            "the most frequent class has {most:,} texts and the rarest {fewest:,}", most=most, fewest=fewest
        )
        default("classify.weights", "balanced" if most >= _SKEWED * fewest else "none", because)
    default("log_every", 1 if steps <= 1000 else 10, phrase("a curve needs no more points"))
    return filling.recipe()


def _sizes(filling: _Filling, size_bytes: int) -> None:
    """Of a model that starts from nothing."""
    default = filling.default
    size = dial.for_text(size_bytes)
    because = phrase("it suits {size_bytes:,} bytes of text", size_bytes=size_bytes)
    default("shape", "qwen3", phrase("it learns more per step than gpt2 and runs everywhere"))
    default("layers", size.layers, because)
    default("width", size.width, because)
    default("vocabulary", size.vocabulary, because)
    default("dropout", 0.0, phrase("text that is seen a few times needs none"))
    default("context", max(filling.values.get("max_length", size.context), 2), because)
    default("qkv_bias", False, phrase("newer models do without"))
    default("tied", True, phrase("small models spend fewer weights on tokens so"))
    default("heads", dial.heads(filling["width"]), phrase("fast attention kernels like heads of 64"))
    default("max_length", filling["context"], phrase("the whole context is trained"))


def _sizes_of_parent(filling: _Filling, parent: GPTConfig) -> None:
    for name in ARCHITECTURE:
        parents = getattr(parent, name)
        filling.default(name, parents, phrase("the parent model has it"))
        if filling[name] != parents:
            reason = phrase(
                "({value}) cannot differ from the parent model's ({parents}): leave it out",
                value=filling[name],
                parents=parents,
            )
            raise EngineError("recipe_conflict", key=name, reason=reason)
    filling.default("dropout", parent.dropout, phrase("the parent model has it"))
    filling.default("max_length", parent.context, phrase("it is the parent model's context"))
    if filling["max_length"] > parent.context:
        reason = phrase(
            "({length}) is above the parent model's context ({context})",
            length=filling["max_length"],
            context=parent.context,
        )
        raise EngineError("recipe_conflict", key="max_length", reason=reason)


def _of_method(filling: _Filling, method: str, parent: GPTConfig | None) -> None:
    """The keys that only some methods know."""
    default = filling.default
    if method == "continue" and "replay" in filling.values:
        default("replay_share", 0.1, phrase("a tenth keeps most of what was known (arXiv:2403.08763)"))
    if method in ("full", "lora"):
        default("train_on", "replies", phrase("what others say need not be learnt"))
    if method == "classify":
        third = max(1, filling["layers"] // 3)
        default("classify.layers", third, phrase("the last third of the blocks learns nearly all of it"))
    if method == "dpo":
        default("dpo.loss", "sigmoid", phrase("it is the one in widest use"))
        loss = filling["dpo.loss"]
        usual = phrase("it is what others take with {loss}", loss=loss)
        default("dpo.beta", 5.0 if loss == "normalised" else 0.1, usual)
        size = parameters(parent) if parent is not None else 0
        if any(name.startswith("lora.") for name in filling.values):
            default("dpo.train", "lora", phrase("keys of an adapter are given"))
        elif size <= SMALL:
            because = phrase("a model of {size:,} parameters is small enough to be trained whole", size=size)
            default("dpo.train", "full", because)
        else:
            because = phrase("a model of {size:,} parameters takes less memory with an adapter", size=size)
            default("dpo.train", "lora", because)
    if method == "lora" or filling.values.get("dpo.train") == "lora":
        default("lora.rank", 16, phrase("it is enough for most data"))
        default("lora.alpha", 2.0 * filling["lora.rank"], phrase("twice the rank is what others take"))
        default("lora.dropout", 0.0, phrase("adapters have few weights to learn by heart with"))
        default("lora.targets", ("all-linear",), phrase("all linear layers together learn most (arXiv:2305.14314)"))
        default("lora.rslora", False, phrase("it only matters at ranks above 32"))
        default("lora.merge", False, phrase("the adapter is small and opens together with its model"))


def _of_machine(filling: _Filling, facts: Facts) -> None:
    """`auto` gives way to what it comes to here, so that a resumed run cannot choose otherwise."""
    if filling.values.get("device", "auto") == "auto":
        filling.values["device"], filling.reasons["device"] = facts.device, phrase("it is the fastest here")
    if filling["compile"] == "auto":
        compiles = facts.compiler and filling["parallel"] == "replicate"
        filling.values["compile"] = "yes" if compiles else "no"
        if compiles:
            filling.reasons["compile"] = phrase("a C++ compiler is found here")
        elif facts.compiler:
            filling.reasons["compile"] = phrase("a model in parts is not compiled")
        else:
            filling.reasons["compile"] = phrase("no C++ compiler is found here")
    elif filling["compile"] == "yes" and not facts.compiler:
        raise no_compiler()
    if filling.values.get("precision", "auto") == "auto":
        fast = facts.bf16 and (filling["width"] >= _BF16_WIDTH or filling["device"] != "cpu")
        filling.values["precision"] = "bf16" if fast else "float32"
        filling.reasons["precision"] = (
            phrase("bf16 is faster for this model on this machine")
            if fast
            else phrase("bf16 is no faster for this model on this machine")
        )


def no_compiler() -> EngineError:
    reason = phrase("(yes) needs a C++ compiler, and none is found here: install one or leave it out")
    return EngineError("recipe_conflict", key="compile", reason=reason)


def explained(recipe: Recipe, reasons: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    """Every key that was filled in: its value and the reason."""
    return {name: (value, reasons[name]) for name, value in recipe.given().items() if reasons.get(name)}
