"""The `plan` job: from answers, or from keys of a recipe, to all of it, with reasons, risks and an estimate.

Nothing is made or begun, and no weights are read: it is asked again at every change of the form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from engine import hardware
from engine.data.dataset import open_dataset
from engine.data.examples import Document
from engine.data.report import Report
from engine.data.row_numbers import RowNumbers
from engine.errors import EngineError
from engine.events import Event, Finished, Progress
from engine.gpt.config import GPTConfig, default_config, parameters
from engine.jobs import JobContext
from engine.phrases import Phrase, joined, phrase
from engine.training import answers as answered
from engine.training import defaults, dial
from engine.training import recipe as recipes
from engine.training.answers import Situation
from engine.training.defaults import DataFacts
from engine.training.estimate import estimate
from engine.training.recipe import ARCHITECTURE, KEYS, METHODS, Recipe
from engine.training.risks import Facts, risks

_COUNTED_BYTES = 20_000_000  # data without a card is counted up to this size, in about a second
_OPENED_BYTES = 5_000_000  # and its first words are looked up to this one
_BYTES_A_TOKEN, _BYTES_A_ROW = 4.0, 400  # where nothing was counted
_OF_THE_MACHINE = ("device", "precision", "threads")


@dataclass(frozen=True)
class DataCard:
    """What is known of the data. kind: None where nobody looked. rows: that were read; 0 where they were not counted.

    mean: tokens of a row, 0 where unknown.
    """

    kind: str | None
    rows: int
    size_bytes: int
    duplicates: int = 0
    leaked: int = 0
    labels: tuple[tuple[str, int], ...] = ()
    mean: float = 0.0
    longest: tuple[int, ...] = ()
    opening: str = ""


@dataclass(frozen=True)
class ParentCard:
    """The parent's configuration, and whether an adapter can be trained beside it."""

    config: GPTConfig
    adaptable: bool


def plan(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: keys of a recipe as of the `train` job, and beside them `answers` (see `answers.keys_of`), over which the
    keys are laid, and `card`, what the `index` job found out about the data.

    Ends with Finished("planned", {"asked", "recipe", "reasons", "toml", "risks", "estimate"}): the keys to start the
    `train` job with; all keys; why, of those that were not given; the recipe as a file; and what to know before. The
    estimate is an `Estimate` with `available` memory, `items` and `held_back`; from nothing also with `tokens` that are
    read, `passes` over the text, what is `expected` of it (`dial.expected`), and what `dial.for_seconds` needs.
    Raises EngineError, which names the key at fault.
    """
    hardware.choose_idle_threads()
    params = dict(params)
    answers, card = params.pop("answers", None), params.pop("card", None)
    base = params.pop("recipe", None)
    keys = recipes.read(Path(base)) if isinstance(base, (str, Path)) else recipes.absolute(base or {}, Path.cwd())
    keys |= recipes.absolute(params, Path.cwd())
    yield Progress(0, 0, "", phrase("Making a plan"))
    parent = parent_card(keys.get("model") or (answers or {}).get("model"))
    data = data_card(keys, card)
    asked, reasons = keys, dict[str, Phrase]()
    if answers is not None:
        asked, reasons = laid_over(keys, *answered.keys_of(answers, _situation(data, parent)))
    yield Finished("planned", planned(asked, reasons, answers, data, parent))


def laid_over(keys: Mapping[str, Any], given: Mapping[str, Any], reasons: Mapping[str, Phrase]) -> answered.Keys:
    """The keys a person set over those that answers gave, which give way where both cannot stand."""
    method = keys.get("method") or given["method"]
    gone = set(keys) | {name for name in given if method in METHODS and method not in KEYS[name].methods}
    gone |= {"epochs"} if "steps" in keys else {"steps"} if "epochs" in keys else set()
    kept = {name: value for name, value in given.items() if name not in gone}
    return {**kept, **keys}, {name: why for name, why in reasons.items() if name in kept}


def planned(
    asked: Mapping[str, Any],
    reasons: Mapping[str, str],
    answers: Mapping[str, Any] | None,
    data: DataCard,
    parent: ParentCard | None,
) -> dict[str, Any]:
    """All that the job ends with. Raises EngineError, which names the key at fault."""
    facts = _facts(data, parent)
    wished = recipes.make(asked, reasons)
    usual = defaults.resolve(_without_rate(wished), facts)
    care = None if answers is None or "learning_rate" in wished.given() else answered.care_of(answers)
    if care is not None and care.rate != 1:
        because = joined([usual.reasons["learning_rate"], care.why], "; ")
        rate = float(f"{usual.learning_rate * care.rate:.2g}")
        wished = recipes.make(wished.given() | {"learning_rate": rate}, {**wished.reasons, "learning_rate": because})
    resolved = defaults.resolve(wished, facts)
    items, held_back = _items(resolved, data)
    classes = tuple(count for _, count in data.labels) if resolved.method == "classify" else ()
    whole = defaults.resolve_data(resolved, DataFacts(items, classes))
    config = parent.config if parent else _config(whole)
    flops, free = _flops(), hardware.memory().available
    taken = estimate(whole, config, _lengths(whole, data), flops, data.size_bytes)
    known = _risk_facts(whole, data, items, held_back, usual.learning_rate)
    about = {**asdict(taken), "available": free, "items": items, "held_back": held_back}
    if whole.method == "pretrain":
        read = whole.steps * whole.batch_size * whole.accumulation * whole.max_length
        passes = read / dial.tokens_in(data.size_bytes, config.vocabulary) / (1 - whole.validation_share)
        about |= {"flops": flops, "size_bytes": data.size_bytes, "tokens": read, "passes": passes}
        about["expected"] = dial.expected(taken.parameters, read, data.size_bytes)
    return {
        "asked": wished.given(),
        "recipe": whole.given(),
        "reasons": dict(whole.reasons),
        "toml": recipes.to_toml(resolved, without=_OF_THE_MACHINE),
        "risks": [risk.to_json() for risk in risks(replace(known, memory=taken.memory, available=free))],
        "estimate": about,
    }


# --- what is known of data and parent --------------------------------------------------------------------------------


def data_card(keys: Mapping[str, Any], card: Mapping[str, Any] | None) -> DataCard:
    """From what the `index` job found, else from a look at the files. Raises EngineError as `open_dataset` does."""
    if card is not None:
        return _of_card(card)
    if not keys.get("data"):
        raise EngineError("recipe_missing", key="data", wanted=phrase("a file"))
    wished = keys.get("columns") or ()
    mapping = dict(pair.split("=", 1) for pair in ((wished,) if isinstance(wished, str) else wished) if "=" in pair)
    dataset = open_dataset(keys["data"], mapping or None)
    size = sum(part.path.stat().st_size for part in dataset.parts)
    report = Report()
    if dataset.kind is None or size > _COUNTED_BYTES:
        return DataCard(dataset.kind, 0, size)
    for _ in dataset.survey(report):
        pass
    opening = ""
    if dataset.kind == "text" and size <= _OPENED_BYTES:
        _, first = next(iter(dataset.examples(Report())))
        opening = " ".join(first.text.split()[:4]) if isinstance(first, Document) else ""
    labels = tuple(report.labels.items())
    return DataCard(dataset.kind, report.read, report.size_bytes, report.duplicates, 0, labels, opening=opening)


def _of_card(card: Mapping[str, Any]) -> DataCard:
    report, lengths = card.get("report") or {}, card.get("lengths") or {}
    quantiles = lengths.get("quantiles") or ()
    return DataCard(
        kind=card.get("kind"),
        rows=int(report.get("read", card.get("rows", 0))),
        size_bytes=int(report.get("size_bytes", 0)),
        duplicates=int(report.get("duplicates", 0)),
        leaked=int(report.get("also_in_evaluation", 0)),
        labels=tuple((str(label), int(count)) for label, count in (report.get("labels") or {}).items()),
        mean=float(lengths.get("mean") or 0.0),
        longest=tuple(int(length) for length in quantiles),
    )


def parent_card(model: Any) -> ParentCard | None:
    """Of the model of this name or path; None without one. Raises EngineError as `opening.find` does."""
    if not isinstance(model, str) or not model:
        return None
    from engine.gpt import opening  # torch
    from engine.library.forms import is_adapter

    path = opening.find(model)
    adaptable = (path / "config.json").is_file() and not is_adapter(path)
    return ParentCard(opening.read_config(path), adaptable)


def _situation(data: DataCard, parent: ParentCard | None) -> Situation:
    config = parent.config if parent else None
    mean = data.mean or (data.size_bytes / data.rows / _BYTES_A_TOKEN if data.rows else 0.0)
    return Situation(
        rows=data.rows if data.kind != "text" else 0,
        size_bytes=data.size_bytes,
        tokens=data.rows * mean if data.rows else data.size_bytes / _BYTES_A_TOKEN,
        parameters=parameters(config) if config else 0,
        adaptable=parent is not None and parent.adaptable,
        operations=dial.operations(config) if config else 0.0,
        flops=_flops(),
    )


def _facts(data: DataCard, parent: ParentCard | None) -> defaults.Facts:
    from engine.training import machine  # torch

    device = machine.device()
    return defaults.Facts(
        size_bytes=data.size_bytes,
        parent=parent.config if parent else None,
        opening=data.opening,
        threads=hardware.threads_for("training"),
        bf16=machine.has_bf16(device),
        device=device,
        compiler=machine.has_compiler(),
    )


def _flops() -> float:
    from engine.training import speed  # torch

    return speed.known()


def _without_rate(recipe: Recipe) -> Recipe:
    return recipes.make({name: value for name, value in recipe.given().items() if name != "learning_rate"})


def _config(recipe: Recipe) -> GPTConfig:
    """Of the model that a resolved recipe makes from nothing."""
    sizes = default_config(
        *(getattr(recipe, name) for name in ("shape", "vocabulary", "context", "layers", "width", "heads"))
    )
    more = {name: getattr(recipe, name) for name in ARCHITECTURE if getattr(recipe, name) is not None}
    return replace(sizes, **more)


def _items(recipe: Recipe, data: DataCard) -> tuple[int, int]:
    """(items to train on, held back): of rows as they were counted, of text about as many windows as it has."""
    if data.kind == "text" or recipe.method in ("pretrain", "continue"):
        windows = dial.tokens_in(data.size_bytes, recipe.vocabulary) / recipe.stride
        held = windows * recipe.validation_share
        return max(1, int(windows - held)), int(held)
    unique = data.duplicates if recipe.method in ("classify", "dpo") else 0
    left_out = len(RowNumbers.read(recipe.exclude_rows)) if recipe.exclude_rows else 0
    rows = max(1, (data.rows or int(data.size_bytes / _BYTES_A_ROW)) - unique - left_out)
    held_back = max(1, round(rows * recipe.validation_share)) if recipe.validation_share and rows > 1 else 0
    return max(1, rows - held_back), held_back


def _lengths(recipe: Recipe, data: DataCard) -> tuple[float, float]:
    """Tokens of an item, usually and at most; where nothing was counted, ten times the mean is the most."""
    if recipe.method in ("pretrain", "continue"):
        return float(recipe.max_length), float(recipe.max_length)
    rows = data.rows or data.size_bytes / _BYTES_A_ROW
    mean = data.mean or max(8.0, data.size_bytes / rows / _BYTES_A_TOKEN / (2 if recipe.method == "dpo" else 1))
    return mean, float(data.longest[-1]) if data.longest else 10 * mean


def _risk_facts(recipe: Recipe, data: DataCard, items: int, held_back: int, usual_rate: float) -> Facts:
    too_long = 0.0
    if data.longest and recipe.method not in ("pretrain", "continue"):
        # The quantiles stand for shares 0, 0.5, 0.9, 0.99 and 1: the share above max_length lies between two of them.
        shares = (1.0, 0.5, 0.1, 0.01, 0.0)
        too_long = next((s for s, n in zip(shares, data.longest, strict=False) if n > recipe.max_length + 1), 0.0)
    return Facts(
        method=recipe.method,
        items=items,
        held_back=held_back,
        rows=data.rows,
        size_bytes=data.size_bytes,
        steps=recipe.steps,
        per_step=recipe.batch_size * recipe.accumulation,
        learning_rate=recipe.learning_rate,
        usual_rate=usual_rate,
        max_length=recipe.max_length,
        too_long=too_long,
        labels=data.labels if recipe.method == "classify" else (),
        duplicates=data.duplicates,
        leaked=data.leaked,
        replay=recipe.replay is not None,
    )
