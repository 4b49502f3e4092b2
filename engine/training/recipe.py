"""A recipe says everything about a training run. One dataclass; the form, the command line and TOML files fill it.

Keys that only some methods know lie in tables (`[lora]`, `[dpo]`, `[classify]`) and are written `lora.rank`. A key
left out is `None` and gets its value in `defaults.py`, the one place where defaults depend on other values.
"""

from __future__ import annotations

import difflib
import json
import math
import os
import tomllib
import types
import typing
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

from engine import paths
from engine.errors import EngineError
from engine.gpt.config import FRESH_SHAPES, SHAPES
from engine.phrases import Phrase, phrase

METHODS = ("pretrain", "continue", "full", "lora", "classify", "dpo")
OPTIMIZERS = ("adamw", "muon")
SCHEDULES = ("cosine", "wsd", "constant")
COMPILES = ("no", "yes", "auto")
PARALLELS = ("replicate", "shard")
PRECISIONS = ("auto", "float32", "bf16")
KEEPS = ("best", "last")
TRAIN_ON = ("replies", "last", "all")
DPO_LOSSES = ("sigmoid", "ipo", "normalised")
ARCHITECTURE = (
    "shape", "layers", "width", "heads", "kv_heads", "feed_forward", "vocabulary", "context", "qkv_bias", "tied",
)  # fmt: skip


def _key(
    help: str,
    *,
    choices: tuple[str | int, ...] = (),
    words: tuple[str, ...] = (),
    least: float | None = None,
    most: float | None = None,
    methods: tuple[str, ...] = METHODS,
) -> Any:
    """words: texts that a key of numbers takes as well. methods: those in which the key means something."""
    limits = {"choices": choices, "words": words, "least": least, "most": most}
    return field(default=None, metadata={"help": help, "methods": methods, **limits})


@dataclass(frozen=True)
class Lora:
    """Of an adapter (Hu et al. 2021, arXiv:2106.09685)."""

    rank: int = _key("rank of the adapter's matrices (default 16)", least=1)
    alpha: float = _key("the adapter counts alpha / rank times (default twice the rank)", least=0)
    dropout: float = _key("share of an adapter's input dropped in training (default 0)", least=0, most=0.95)
    targets: tuple[str, ...] = _key("layers with an adapter, by the ends of their names (default all-linear)")
    rslora: bool = _key("count alpha / sqrt(rank) times instead: steadier at high ranks (default no)")
    bits: int | None = _key("keep the frozen model in 8 or 4 bits, which saves memory (default no)", choices=(8, 4))
    merge: bool = _key("also write the whole model with the adapter merged in, as merged/ (default no)")


@dataclass(frozen=True)
class Dpo:
    """Of learning from preferences (Rafailov et al. 2023, arXiv:2305.18290)."""

    loss: str = _key("sigmoid (default), ipo, or normalised by the lengths of the replies", choices=DPO_LOSSES)
    beta: float = _key("how dear it is to leave the reference (default 0.1, normalised 5)", least=0)
    train: str = _key("full, or lora: an adapter; by default chosen by the model's size", choices=("full", "lora"))


@dataclass(frozen=True)
class Classify:
    """Of learning to tell classes apart."""

    layers: int | str = _key(
        "blocks trained with the final norm and the head: all, or so many last ones (default a third)",
        words=("all",),
        least=0,
    )
    weights: str = _key(
        "balanced: rare classes count more, none: rows count alike; by default chosen by the labels",
        choices=("balanced", "none"),
    )


@dataclass(frozen=True)
class Recipe:
    """The keys of a recipe, checked by `make`, the one way to get one.

    The types are those of a resolved recipe: before, any key but `method` and `data` may be None.
    reasons: for each key that `defaults.py` has filled in, why it has this value.
    """

    # what
    method: str = _key(
        "raw text: pretrain, continue; conversations: full, lora; labelled texts: classify; pairs: dpo", choices=METHODS
    )
    data: tuple[str, ...] = _key("file or list of files; relative to the recipe file; $SEEDLING_DATA is filled in")
    columns: tuple[str, ...] | None = _key("which column holds what, where it cannot be told: text=body, label=kind")
    exclude_rows: tuple[str, ...] | None = _key(
        "rows that are left out, by their numbers from 1 among those that can be read: 17, 200-250"
    )
    evaluation: tuple[str, ...] | None = _key("files to evaluate on, instead of a share of the data")
    data_sha256: tuple[str, ...] | None = _key("sha256 of each data file; another content is refused")
    model: str | None = _key(
        "the parent, in all but pretrain: a model folder, a GGUF file, a run, or a name in the library",
        methods=METHODS[1:],
    )
    out: str | None = _key("the run folder; by default named after `name` under the home")
    name: str = _key("what the model is called")
    licence: str | None = _key("licence of the trained model, for its card; by default the parent's or the data's")
    data_licence: str | None = _key("licence of the data, for the model card")
    credits: str | None = _key("whom the model card thanks: authors and licences of the data")
    replay: tuple[str, ...] | None = _key("general text that is mixed in, so that it is kept", methods=("continue",))
    replay_share: float = _key(
        "share of the windows that come from replay (default 0.1)", least=0, most=0.9, methods=("continue",)
    )
    train_on: str = _key(
        "what of a conversation is learnt: all replies (default), the last one, or what everyone says",
        choices=TRAIN_ON,
        methods=("full", "lora"),
    )
    # the model
    shape: str = _key(
        "what the layers are like; a new model is qwen3 (default), llama, or gpt2, the textbook model", choices=SHAPES
    )
    layers: int = _key("transformer blocks; by default chosen by the size of the text", least=1)
    width: int = _key("size of the residual stream; by default chosen by the size of the text", least=1)
    heads: int = _key("attention heads; by default one for each 64 of the width", least=1)
    kv_heads: int | None = _key("heads of keys and values, which the others share; by default half the heads", least=1)
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
    accumulation: int = _key("micro-batches of a step; by default as many as memory makes needed", least=1)
    steps: int = _key("optimizer steps; by default as many as `epochs` takes", least=1)
    epochs: float | None = _key("passes over the data, instead of steps (default 3, and at least 200 steps)", least=0)
    validation_share: float = _key("share held back for evaluation (default 0.05)", least=0, most=0.5)
    # optimization
    optimizer: str = _key("muon (default of pretrain) or adamw", choices=OPTIMIZERS)
    learning_rate: float = _key("peak learning rate; by default chosen by method and size", least=0)
    adamw_rate: float | None = _key(
        "rate of what muon leaves to AdamW (embedding, head, norms, biases), as a multiple of learning_rate (default 5 "
        "in pretrain, else 1)",
        least=0,
    )
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
    recompute: bool = _key(
        "compute blocks again backward: far less memory, a third more time (gradient checkpointing; by default where "
        "nothing else fits)"
    )
    device: str = _key("auto, cpu, cuda or mps (default auto)", choices=("auto", "cpu", "cuda", "mps"))
    compile: str = _key("no (default), yes, or auto: compile the steps where a C++ compiler is found", choices=COMPILES)
    parallel: str = _key(
        "of several processes (torchrun), each holds the whole model: replicate (default), or a part of it, its "
        "gradients and its optimizer: shard (FSDP2)",
        choices=PARALLELS,
    )
    threads: int = _key("threads of the processor; by default all cores", least=1)
    seed: int = _key("fixes weights, data order and dropout (default 0)", least=0, most=2**53)

    # of some methods
    lora: Lora = field(default_factory=Lora, metadata={"methods": ("lora", "dpo")})
    dpo: Dpo = field(default_factory=Dpo, metadata={"methods": ("dpo",)})
    classify: Classify = field(default_factory=Classify, metadata={"methods": ("classify",)})
    reasons: Mapping[str, str] = field(default_factory=dict, compare=False)

    def given(self) -> dict[str, Any]:
        """The keys that have a value, those of tables as `table.key`."""
        return {name: value for name in KEYS if (value := self.value(name)) is not None}

    def value(self, key: str) -> Any:
        """The value of a key, which may be `table.key`."""
        table, dot, name = key.rpartition(".")
        return getattr(getattr(self, table) if dot else self, name)


@dataclass(frozen=True)
class Key:
    """One key of a recipe. name: as it is written. kind: its plain type: int, float, bool, str or tuple (of str)."""

    name: str
    kind: type
    help: str
    choices: tuple[str | int, ...]
    words: tuple[str, ...]
    least: float | None
    most: float | None
    methods: tuple[str, ...]


def _keys(cls: type) -> Iterator[Key]:
    hints = typing.get_type_hints(cls)
    for f in fields(cls):
        hint, metadata = hints[f.name], dict(f.metadata)
        if is_dataclass(hint):
            for key in _keys(hint):  # type: ignore[arg-type]
                yield replace(key, name=f"{f.name}.{key.name}", methods=metadata["methods"])
        elif metadata:
            options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
            yield Key(f.name, typing.get_origin(options[0]) or options[0], **metadata)


KEYS = {key.name: key for key in _keys(Recipe)}


# --- making ----------------------------------------------------------------------------------------------------------


def make(values: Mapping[str, Any], reasons: Mapping[str, str] | None = None) -> Recipe:
    """The recipe of these keys; tables may be nested or written as `table.key`.

    Raises EngineError `recipe_unknown_key`, `recipe_missing`, `recipe_type`, `recipe_value` or `recipe_conflict`, which
    name the key; an unknown one also the nearest known one.
    """
    values = {name: value for name, value in flat(values).items() if value is not None}
    for name in values:
        if name not in KEYS:
            near = difflib.get_close_matches(name, KEYS, 1, 0.5)
            hint = (
                phrase("Did you mean {name}?", name=near[0])
                if near
                else phrase("The keys are {names}.", names=", ".join(KEYS))
            )
            raise EngineError("recipe_unknown_key", key=name, hint=hint)
    for name, wanted in (("method", ", ".join(METHODS)), ("data", phrase("a file"))):
        if name not in values:
            raise EngineError("recipe_missing", key=name, wanted=wanted)
    checked = {name: _checked(KEYS[name], value) for name, value in values.items()}
    _check_conflicts(checked)
    own = {name: value for name, value in checked.items() if "." not in name}
    tables: dict[str, Any] = {}
    for table, kind in (("lora", Lora), ("dpo", Dpo), ("classify", Classify)):
        inside = f"{table}."
        tables[table] = kind(**{n.removeprefix(inside): v for n, v in checked.items() if n.startswith(inside)})
    return Recipe(**own, **tables, reasons=dict(reasons or {}))


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Nested tables as `table.key`."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            found[name] = value
    return found


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
    """The values, flat, with the relative paths of files, `model` and `out` made absolute from `folder`.

    A `model` that is no path there stays as it is: a name in the library.
    """
    values = flat(values)
    for name in ("data", "evaluation", "replay"):
        paths_of = values.get(name)
        if isinstance(paths_of, str):
            values[name] = _absolute(paths_of, folder)
        elif isinstance(paths_of, (list, tuple)):
            values[name] = tuple(_absolute(item, folder) if isinstance(item, str) else item for item in paths_of)
    if isinstance(out := values.get("out"), str):
        values["out"] = _absolute(out, folder)
    if isinstance(model := values.get("model"), str) and Path(there := _absolute(model, folder)).exists():
        values["model"] = there
    return values


def _absolute(path: str, folder: Path) -> str:
    shared = os.environ.get("SEEDLING_DATA") or str(paths.resource("").parent.parent / "shared" / "data")
    return str(folder / Path(path.replace("$SEEDLING_DATA", shared)).expanduser())


def parse_setting(setting: str) -> tuple[str, Any]:
    """`key=value` of the command line as a key and its typed value. Raises EngineError."""
    name, equals, text = setting.partition("=")
    name, text = name.strip(), text.strip()
    if not equals or not name:
        raise EngineError("recipe_setting", setting=setting)
    key = KEYS.get(name)
    if key is None or key.kind is str:
        return name, text
    if key.kind is tuple:
        return name, tuple(part.strip() for part in text.split(","))
    try:
        return name, tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return name, text


def help_lines() -> list[tuple[str, str]]:
    """Every key with its line of help."""
    return [(key.name, key.help) for key in KEYS.values()]


def to_toml(recipe: Recipe, without: Collection[str] = ()) -> str:
    """The recipe as TOML, each key under its line of help and the reason of its default, but for those in `without`."""
    lines: list[str] = []
    table = ""
    for name, value in recipe.given().items():
        if name in without:
            continue
        inside, _, last = name.rpartition(".")
        if inside != table:
            lines, table = [*lines, f"[{inside}]"], inside
        why = f"; here because {recipe.reasons[name]}" if name in recipe.reasons else ""
        lines += [f"# {KEYS[name].help}{why}", f"{last} = {_toml(value)}", ""]
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
    int: phrase("a whole number"),
    float: phrase("a number"),
    bool: phrase("true or false"),
    str: phrase("text"),
    tuple: phrase("text or a list of texts"),
}


def _checked(key: Key, value: Any) -> Any:
    """The value in the type of its key and within its limits. Raises EngineError `recipe_type` or `recipe_value`."""
    if value in key.words and isinstance(value, str):
        return value
    value = _coerced(key, value)
    if key.choices and value not in key.choices:
        reason = phrase("must be one of {known}", known=", ".join(map(str, key.choices)))
    elif key.least is not None and value < key.least:
        reason = phrase("must be at least {least}", least=key.least)
    elif key.most is not None and value > key.most:
        reason = phrase("must be at most {most}", most=key.most)
    else:
        return value
    raise EngineError("recipe_value", key=key.name, reason=reason, found=_toml_or_repr(value))


def _coerced(key: Key, value: Any) -> Any:
    """A whole number will do for a number, a text for a list of texts."""
    if key.kind is tuple and isinstance(value, (str, list, tuple)):
        items = (value,) if isinstance(value, str) else tuple(value)
        if items and all(isinstance(item, str) for item in items):
            return items
    elif key.kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        if math.isfinite(value):
            return float(value)
    elif type(value) is key.kind:
        return value
    wanted = _either([_WANTED[key.kind], *key.words])
    raise EngineError("recipe_type", key=key.name, wanted=wanted, found=_toml_or_repr(value))


def _either(parts: Sequence[str]) -> str:
    """`a or b`."""
    return reduce(lambda first, last: phrase("{first} or {last}", first=first, last=last), parts)


def _toml_or_repr(value: Any) -> str:
    return (_toml(value) if isinstance(value, (bool, str)) else repr(value))[:60]


def _check_conflicts(given: Mapping[str, Any]) -> None:
    """Raises EngineError `recipe_conflict` or `recipe_missing` where the keys contradict each other."""
    method = given["method"]

    def conflict(key: str, reason: Phrase) -> EngineError:
        return EngineError("recipe_conflict", key=key, reason=reason)

    def above(key: str, limit: str) -> bool:
        return key in given and limit in given and bool(given[key] > given[limit])

    for name in given:
        if method not in (known := KEYS[name].methods):
            if name == "model":
                reason = phrase("has no meaning in pretrain, which starts from nothing: use continue, or leave it out")
            else:
                reason = phrase(
                    "has no meaning in {method}: leave it out, or use {methods}", method=method, methods=_either(known)
                )
            raise conflict(name, reason)
    if method == "pretrain" and given.get("shape", FRESH_SHAPES[0]) not in FRESH_SHAPES:
        fresh = ", ".join(FRESH_SHAPES)
        reason = phrase("({shape}) cannot begin from nothing: {fresh} can", shape=given["shape"], fresh=fresh)
        raise conflict("shape", reason)
    if method != "pretrain" and "model" not in given:
        raise EngineError("recipe_missing", key="model", wanted=phrase("the model to start from"))
    if given.get("dpo.train") == "full" and (names := [name for name in given if name.startswith("lora.")]):
        raise conflict(names[0], phrase('needs an adapter: set dpo.train = "lora", or leave it out'))
    if wrong := [pair for pair in given.get("columns", ()) if "=" not in pair]:
        reason = phrase("names no role for {name}: write what it holds before it, as in text={name}", name=wrong[0])
        raise conflict("columns", reason)
    if given.get("optimizer") == "adamw" and "adamw_rate" in given:
        reason = phrase("is for what muon leaves to AdamW: leave it out, or set optimizer to muon")
        raise conflict("adamw_rate", reason)
    if given.get("parallel") == "shard":
        if given.get("compile") == "yes":
            reason = phrase("(shard) cannot be compiled: leave compile out, or set parallel to replicate")
            raise conflict("parallel", reason)
        if "lora.bits" in given:
            reason = phrase(
                "(shard) cannot part a model in few bits: leave lora.bits out, or set parallel to replicate"
            )
            raise conflict("parallel", reason)
    if "exclude_rows" in given:
        from engine.data.row_numbers import RowNumbers  # numpy, which the window does without until it is needed

        try:
            RowNumbers.read(given["exclude_rows"])
        except ValueError as error:
            reason = phrase("holds {text}, which is no row: write 17 or 200-250", text=str(error)[:60])
            raise conflict("exclude_rows", reason) from error
    if "evaluation" in given and given.get("validation_share"):
        raise conflict("validation_share", phrase("and evaluation say both what is evaluated on: leave one out"))
    if "replay_share" in given and "replay" not in given:
        raise conflict("replay_share", phrase("needs replay, the text to mix in"))
    if "steps" in given and "epochs" in given:
        raise conflict("epochs", phrase("and steps say the same thing twice: leave one out"))
    if given.get("epochs") == 0:
        raise conflict("epochs", phrase("is 0: there would be nothing to do"))
    for key, limit in (("max_length", "context"), ("stride", "max_length"), ("stride", "context"), ("warmup", "steps")):
        if above(key, limit):
            values = {"value": given[key], "limit": limit, "most": given[limit]}
            reason = (
                phrase("({value}) is above {limit} ({most}): text would be skipped", **values)
                if key == "stride"
                else phrase("({value}) is above {limit} ({most})", **values)
            )
            raise conflict(key, reason)
    for key, whole in (("heads", "width"), ("kv_heads", "heads")):
        if key in given and whole in given and given[whole] % given[key]:
            values = {"value": given[key], "whole": whole, "size": given[whole]}
            raise conflict(key, phrase("({value}) must divide {whole} ({size})", **values))
    if "data_sha256" in given and len(given["data_sha256"]) != len(given["data"]):
        found, files = len(given["data_sha256"]), len(given["data"])
        reason = phrase("has {found} entries for {files} data files", found=found, files=files)
        raise conflict("data_sha256", reason)
