"""A recipe says everything about a training run. One dataclass; the form, the command line and TOML files fill it.

A key left out is `None` and gets its value in `resolve`, the one place where defaults depend on other values.
"""

from __future__ import annotations

import difflib
import json
import math
import os
import tomllib
import types
import typing
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from engine import paths
from engine.errors import EngineError
from engine.gpt.config import FRESH_SHAPES, SHAPES, GPTConfig

METHODS = ("pretrain", "continue", "full")
OPTIMIZERS = ("adamw", "muon")
SCHEDULES = ("cosine", "wsd", "constant")
PRECISIONS = ("auto", "float32", "bf16")
KEEPS = ("best", "last")
ARCHITECTURE = (
    "shape", "layers", "width", "heads", "kv_heads", "feed_forward", "vocabulary", "context", "qkv_bias", "tied",
)  # fmt: skip


def _key(help: str, *, choices: tuple[str, ...] = (), least: float | None = None, most: float | None = None) -> Any:
    return field(default=None, metadata={"help": help, "choices": choices, "least": least, "most": most})


@dataclass(frozen=True)
class Recipe:
    """The keys of a recipe. Raises EngineError `recipe_type`, `recipe_value` or `recipe_conflict`, naming the key.

    The types are those of a resolved recipe: before, any key but `method` and `data` may be None.
    """

    # what
    method: str = _key("pretrain, continue (both on raw text) or full (finetuning on conversations)", choices=METHODS)
    data: tuple[str, ...] = _key("file or list of files; relative to the recipe file; $SEEDLING_DATA is filled in")
    data_sha256: tuple[str, ...] | None = _key("sha256 of each data file; another content is refused")
    model: str | None = _key("the parent of continue and full: a model folder, a run, or a name in the library")
    out: str | None = _key("the run folder; by default named after `name` under the home")
    name: str = _key("what the model is called")
    licence: str | None = _key("licence of the trained model, for its card")
    credits: str | None = _key("whom the model card thanks: authors and licences of the data")
    # the model
    shape: str = _key("qwen3 (default), llama, or gpt2, the textbook model", choices=SHAPES)
    layers: int = _key("transformer blocks; by default chosen by the size of the text", least=1)
    width: int = _key("size of the residual stream; by default chosen by the size of the text", least=1)
    heads: int = _key("attention heads; by default one for each 64 of the width", least=1)
    kv_heads: int | None = _key("heads that share keys and values; by default half the heads", least=1)
    feed_forward: int | None = _key("inner size of the feed-forward network; by default 8/3 or 4 widths", least=1)
    vocabulary: int = _key("tokens of the tokenizer; by default chosen by the size of the text", least=260)
    context: int = _key("positions the model can see; by default max_length, else 256 or 512", least=2)
    dropout: float = _key("share of activations dropped in training (default 0)", least=0, most=0.95)
    qkv_bias: bool = _key("biases on queries, keys and values (gpt2; default no)")
    tied: bool = _key("the output layer is the embedding (default yes)")
    # batches
    max_length: int = _key("tokens of a training window; by default the context", least=1)
    stride: int = _key("tokens from one window to the next; by default max_length: no overlap", least=1)
    batch_size: int = _key("windows or conversations of a micro-batch (default 16)", least=1)
    accumulation: int = _key("micro-batches of a step (default 1)", least=1)
    steps: int = _key("optimizer steps; by default as many as `epochs` takes", least=1)
    epochs: float | None = _key("passes over the data, instead of steps (default 3, and at least 200 steps)", least=0)
    validation_share: float = _key("share held back for evaluation (default 0.05)", least=0, most=0.5)
    # optimization
    optimizer: str = _key("muon (default of pretrain) or adamw", choices=OPTIMIZERS)
    learning_rate: float = _key("peak learning rate; by default chosen by method and size", least=0)
    schedule: str = _key("wsd (default of pretrain), cosine or constant", choices=SCHEDULES)
    warmup: int = _key("steps from 0 to the peak; by default a twentieth, at most 100", least=0)
    decay: float = _key("share of the steps that lead down at the end of wsd (default 0.4)", least=0, most=1)
    min_learning_rate: float = _key("where schedules end, as a share of the peak (default 0.05)", least=0, most=1)
    weight_decay: float = _key("decay of matrices; by default 0.1 in pretraining, 0.01 after", least=0)
    beta2: float = _key("AdamW's second beta (default 0.95)", least=0, most=0.9999)
    clip: float = _key("largest gradient norm; 0 does not clip (default 1)", least=0)
    # along the way
    evaluate_every: int = _key("steps between evaluations (default a tenth, at most 250)", least=1)
    evaluate_batches: int = _key("micro-batches of an evaluation, spread evenly (default 32)", least=1)
    patience: int = _key(
        "stop after so many evaluations without a better one; 0 never (default 5, or 0 where steps are given)", least=0
    )
    keep: str = _key("which weights are the model: best (default; lowest held-back loss) or last", choices=KEEPS)
    checkpoint_every: int = _key("steps between checkpoints; by default evaluate_every", least=1)
    log_every: int = _key("steps between lines of metrics (default 1, with over 1000 steps 10)", least=1)
    sample_every: int = _key("steps between samples; 0 writes none (default evaluate_every)", least=0)
    sample_prompt: str = _key("what samples begin with (default: as the text does); in full, what the user says")
    # the machine
    precision: str = _key("auto, float32 or bf16 (default auto: bf16 where it is faster)", choices=PRECISIONS)
    device: str = _key("auto, cpu, cuda or mps (default auto)", choices=("auto", "cpu", "cuda", "mps"))
    threads: int = _key("threads of the processor; by default all cores", least=1)
    seed: int = _key("fixes weights, data order and dropout (default 0)", least=0, most=2**53)

    def __post_init__(self) -> None:
        for f in fields(self):
            value = _coerce(f.name, getattr(self, f.name))
            object.__setattr__(self, f.name, value)
            if value is not None:
                _check_range(f.name, value, f.metadata)
        _check_conflicts(self)

    def given(self) -> dict[str, Any]:
        """The keys that have a value."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}


@dataclass(frozen=True)
class Facts:
    """What `resolve` looks at besides the recipe.

    size_bytes: of the data, unpacked.
    parent: the configuration of the parent model.
    opening: the first words of the text.
    threads, bf16, device: of this machine.
    """

    size_bytes: int
    parent: GPTConfig | None = None
    opening: str = ""
    threads: int = 1
    bf16: bool = False
    device: str = "cpu"


# From so many bytes of text on: (layers, width, vocabulary, context). Widths divide by 256, so that K-quants fit.
_SIZES = (
    (0, (2, 256, 512, 256)),
    (200_000, (4, 256, 1024, 256)),
    (2_000_000, (4, 256, 2048, 512)),
    (10_000_000, (6, 256, 4096, 512)),
    (50_000_000, (8, 512, 8192, 512)),
)
# Below this width casting weights to bf16 costs more than the faster products save (measured on Zen 4, two threads).
_BF16_WIDTH = 128


def resolve(recipe: Recipe, facts: Facts) -> Recipe:
    """The recipe with every default filled in, except `steps` where they follow from the data (`resolve_steps`)."""
    pretrain = recipe.method == "pretrain"
    values = recipe.given()

    def default(**more: Any) -> None:
        for name, value in more.items():
            values.setdefault(name, value)

    if facts.parent is not None:
        for name in ARCHITECTURE:
            parents = getattr(facts.parent, name)
            if values.setdefault(name, parents) != parents:
                reason = f"({values[name]}) cannot differ from the parent model's ({parents}): leave it out"
                raise EngineError("recipe_conflict", key=name, reason=reason)
        default(dropout=facts.parent.dropout, max_length=facts.parent.context)
        if values["max_length"] > facts.parent.context:
            reason = f"({values['max_length']}) is above the parent model's context ({facts.parent.context})"
            raise EngineError("recipe_conflict", key="max_length", reason=reason)
    else:
        layers, width, vocabulary, context = next(size for least, size in reversed(_SIZES) if facts.size_bytes >= least)
        default(shape="qwen3", layers=layers, width=width, vocabulary=vocabulary, dropout=0.0)
        default(context=max(values.get("max_length", context), 2), qkv_bias=False, tied=True)
        default(heads=_heads(values["width"]), max_length=values["context"])
    default(batch_size=16, accumulation=1, stride=values["max_length"], validation_share=0.05)
    default(optimizer="muon" if pretrain else "adamw", schedule="wsd" if pretrain else "cosine")
    default(learning_rate=_learning_rate(recipe.method, values["width"]), min_learning_rate=0.05, decay=0.4)
    default(weight_decay=0.1 if recipe.method != "full" else 0.01, beta2=0.95, clip=1.0)
    default(
        patience=0 if recipe.steps else 5,
        evaluate_batches=32,
        sample_prompt="Hello!" if recipe.method == "full" else facts.opening,
    )
    default(keep="best", device="auto", precision="auto", threads=facts.threads, seed=0)
    default(name=f"{values['shape']}-{recipe.method}")
    if values["device"] == "auto":
        values["device"] = facts.device
    if values["precision"] == "auto":
        fast = facts.bf16 and (values["width"] >= _BF16_WIDTH or values["device"] != "cpu")
        values["precision"] = "bf16" if fast else "float32"
    return Recipe(**values)


def resolve_steps(recipe: Recipe, items: int) -> Recipe:
    """The resolved recipe with its steps and all that depends on their number, for `items` windows or conversations."""
    values = recipe.given()
    per_step = values["batch_size"] * values["accumulation"]
    epochs = values.pop("epochs", None)
    if "steps" not in values:
        steps = math.ceil(items * (3 if epochs is None else epochs) / per_step)
        values["steps"] = max(steps, 200 if epochs is None else 1)
    steps = values["steps"]
    values.setdefault("warmup", min(100, steps // 20))
    values.setdefault("evaluate_every", max(1, min(250, steps // 10)))
    values.setdefault("checkpoint_every", values["evaluate_every"])
    values.setdefault("sample_every", values["evaluate_every"])
    values.setdefault("log_every", 1 if steps <= 1000 else 10)
    return Recipe(**values)


def _heads(width: int) -> int:
    """Heads of 64, the size fast attention kernels like; narrow models get two or one."""
    if width % 64 == 0 and width >= 128:
        return width // 64
    return 2 if width % 4 == 0 else 1


def _learning_rate(method: str, width: int) -> float:
    """Narrow models stand higher rates: the peak falls with the width (Yang et al. 2022, arXiv:2203.03466)."""
    peak = min(3e-3, 3e-3 * 256 / width)
    return round(peak * {"pretrain": 1.0, "continue": 0.3, "full": 0.15}[method], 8)


# --- reading and writing ---------------------------------------------------------------------------------------------


def read(path: Path) -> dict[str, Any]:
    """The keys of a recipe file, its relative paths made absolute. Raises EngineError."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise EngineError("cannot_read", place=str(path), reason=error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EngineError("recipe_syntax", place=str(path), reason=str(error)) from error
    return absolute(values, path.resolve().parent)


def absolute(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The values with relative paths of `data`, `model` and `out` made absolute from `folder`.

    A `model` that is no path there stays as it is: a name in the library.
    """
    values = dict(values)
    data = values.get("data")
    if isinstance(data, str):
        values["data"] = _absolute(data, folder)
    elif isinstance(data, (list, tuple)):
        values["data"] = tuple(_absolute(item, folder) if isinstance(item, str) else item for item in data)
    if isinstance(out := values.get("out"), str):
        values["out"] = _absolute(out, folder)
    if isinstance(model := values.get("model"), str) and Path(there := _absolute(model, folder)).exists():
        values["model"] = there
    return values


def _absolute(path: str, folder: Path) -> str:
    shared = os.environ.get("SEEDLING_DATA") or str(paths.resource("").parent.parent / "shared" / "data")
    return str(folder / Path(path.replace("$SEEDLING_DATA", shared)).expanduser())


def make(values: Mapping[str, Any]) -> Recipe:
    """The recipe of these keys. Raises EngineError; an unknown key names the nearest known one."""
    known = [f.name for f in fields(Recipe)]
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.5)
            hint = f"Did you mean {near[0]}?" if near else f"The keys are {', '.join(known)}."
            raise EngineError("recipe_unknown_key", key=name, hint=hint)
    return Recipe(**values)


def parse_setting(setting: str) -> tuple[str, Any]:
    """`key=value` of the command line as a key and its typed value. Raises EngineError."""
    name, equals, text = setting.partition("=")
    name, text = name.strip(), text.strip()
    if not equals or not name:
        raise EngineError("recipe_setting", setting=setting)
    kind = _kinds().get(name)
    if kind is None or kind is str:
        return name, text
    if kind is tuple:
        return name, tuple(part.strip() for part in text.split(","))
    try:
        return name, tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return name, text


def help_lines() -> list[tuple[str, str]]:
    """Every key with its line of help."""
    return [(f.name, f.metadata["help"]) for f in fields(Recipe)]


def to_toml(recipe: Recipe, without: Collection[str] = ()) -> str:
    """The recipe as TOML, each key under its line of help, but for those in `without`."""
    lines = []
    for name, text in help_lines():
        value = getattr(recipe, name)
        if value is not None and name not in without:
            lines += [f"# {text}", f"{name} = {_toml(value)}", ""]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):  # TOML's basic strings are JSON's, except that DEL must be escaped as well
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return repr(value)


# --- checks ----------------------------------------------------------------------------------------------------------

_WANTED = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    tuple: "text or a list of texts",
}


@cache
def _kinds() -> dict[str, type]:
    """The plain type of each key: int, float, bool, str, or tuple (of str)."""
    kinds = {}
    for name, hint in typing.get_type_hints(Recipe).items():
        options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        first = options[0]
        kinds[name] = typing.get_origin(first) or first
    return kinds


def _coerce(name: str, value: Any) -> Any:
    """The value in the type of its key; a whole number will do for a number, a text for a list of texts."""
    kind = _kinds()[name]
    if value is None:
        if name in ("method", "data"):
            raise EngineError("recipe_missing", key=name, wanted=", ".join(METHODS) if name == "method" else "a file")
        return None
    if kind is tuple and isinstance(value, (str, list, tuple)):
        items = (value,) if isinstance(value, str) else tuple(value)
        if items and all(isinstance(item, str) for item in items):
            return items
    elif kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        if math.isfinite(value):
            return float(value)
    elif type(value) is kind:
        return value
    raise EngineError("recipe_type", key=name, wanted=_WANTED[kind], found=_toml_or_repr(value))


def _toml_or_repr(value: Any) -> str:
    return (_toml(value) if isinstance(value, (bool, str)) else repr(value))[:60]


def _check_range(name: str, value: Any, limits: Mapping[str, Any]) -> None:
    if limits["choices"] and value not in limits["choices"]:
        reason = f"must be one of {', '.join(limits['choices'])}"
    elif limits["least"] is not None and value < limits["least"]:
        reason = f"must be at least {limits['least']}"
    elif limits["most"] is not None and value > limits["most"]:
        reason = f"must be at most {limits['most']}"
    else:
        return
    raise EngineError("recipe_value", key=name, reason=reason, found=_toml_or_repr(value))


def _check_conflicts(recipe: Recipe) -> None:
    given = recipe.given()

    def conflict(key: str, reason: str) -> EngineError:
        return EngineError("recipe_conflict", key=key, reason=reason)

    def above(key: str, limit: str) -> bool:
        return key in given and limit in given and bool(given[key] > given[limit])

    if recipe.method == "pretrain" and "model" in given:
        raise conflict("model", "has no meaning in pretrain, which starts from nothing: use continue, or leave it out")
    if recipe.method == "pretrain" and given.get("shape", FRESH_SHAPES[0]) not in FRESH_SHAPES:
        raise conflict("shape", f"({given['shape']}) cannot begin from nothing: {', '.join(FRESH_SHAPES)} can")
    if recipe.method != "pretrain" and "model" not in given:
        raise EngineError("recipe_missing", key="model", wanted="the model to start from")
    if "steps" in given and "epochs" in given:
        raise conflict("epochs", "and steps say the same thing twice: leave one out")
    if given.get("epochs") == 0:
        raise conflict("epochs", "is 0: there would be nothing to do")
    for key, limit in (("max_length", "context"), ("stride", "max_length"), ("stride", "context"), ("warmup", "steps")):
        if above(key, limit):
            more = ": text would be skipped" if key == "stride" else ""
            raise conflict(key, f"({given[key]}) is above {limit} ({given[limit]}){more}")
    for key, whole in (("heads", "width"), ("kv_heads", "heads")):
        if key in given and whole in given and given[whole] % given[key]:
            raise conflict(key, f"({given[key]}) must divide {whole} ({given[whole]})")
    if recipe.data_sha256 is not None and len(recipe.data_sha256) != len(recipe.data):
        raise conflict("data_sha256", f"has {len(recipe.data_sha256)} entries for {len(recipe.data)} data files")
