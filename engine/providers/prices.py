"""What replies cost. A table comes with the program, dated and with its sources; a person's own lies over it.

The person's is `prices.json` under the home. What has no price has no cost that is known, and none is shown.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from engine import files, paths
from engine.errors import EngineError
from engine.phrases import Phrase, phrase
from engine.providers.base import Provider, Usage

log = logging.getLogger(__name__)

PATIENCE_S = 5.0  # for another process that writes the prices
_FILE, _LOCK = "prices.json", "prices.lock"
_LONGEST = 200  # characters of a text
_DEAREST = 1e9  # nobody asks more for a million tokens; above it a number is a slip
_MOST_TOKENS = 10**12  # of one reply; above it a count is a lie
_DATED = re.compile(r"-(\d{8}|\d{4}-\d\d-\d\d)$")


@dataclass(frozen=True)
class Price:
    """What a million tokens of a model cost.

    provider: the name of one of the person's own providers, else its kind, else the host of its address. model: an id,
    which stands for its dated snapshots too (`gpt-5` for `gpt-5-2025-08-07`), or a pattern with `*`. cached: of the
    prompt, what the provider still remembered; thinking: of the reply, what is no part of its text. Where these two
    have no price of their own, that of input and of output holds. up_to: for prompts of at most so many tokens.
    as_of: the day it was looked up; source: where.
    """

    provider: str
    model: str
    input: float
    output: float
    currency: str = "USD"
    cached: float | None = None
    thinking: float | None = None
    up_to: int | None = None
    as_of: str = ""
    source: str = ""
    more: dict[str, Any] = field(default_factory=dict)  # what else its row holds, and keeps

    def to_json(self) -> dict[str, Any]:
        values: dict[str, Any] = asdict(self)
        more: dict[str, Any] = values.pop("more")
        return {name: value for name, value in values.items() if value not in (None, "")} | more


@dataclass(frozen=True)
class Cost:
    """amount: in `currency`, which is only a text: nothing is ever converted."""

    amount: float
    currency: str


@dataclass(frozen=True)
class Table:
    """All prices: a person's own, which come first, and those that came with the program.

    problem: why the person's own cannot be read; they are then none, and their file stays as it is.
    """

    own: tuple[Price, ...]
    bundled: tuple[Price, ...]
    problem: EngineError | None = None


def table() -> Table:
    """The prices as they are now. Never raises."""
    try:
        return Table(_own(), _bundled())
    except EngineError as error:
        return Table((), _bundled(), error)


def find(provider: Provider, model_id: str, prompt_tokens: int = 0) -> Price | None:
    """The price of a model: a person's own before the bundled one, a provider's name before its kind and its host,
    and of patterns the longest."""
    now = table()
    for prices in (now.own, now.bundled):
        fitting = [price for price in prices if _fits(price, provider, model_id, prompt_tokens)]
        if fitting:
            return min(fitting, key=lambda price: _rank(price, provider))
    return None


def told(provider: Provider, model_id: str) -> dict[str, Any] | None:
    """The price of a model for events: fields as in `Price`; None where it is not known."""
    price = find(provider, model_id)
    return None if price is None else price.to_json()


def cost(provider: Provider, model_id: str, usage: Usage) -> Cost | None:
    """What a reply cost; None where the price or the count of tokens is not known. Never raises."""
    prompt, output = _count(usage.prompt_tokens), _count(usage.output_tokens)
    if prompt is None or output is None:
        return None
    price = find(provider, model_id, prompt)
    if price is None:
        return None
    cached, thought = min(_count(usage.cached_tokens) or 0, prompt), min(_count(usage.thinking_tokens) or 0, output)
    of_cached = price.input if price.cached is None else price.cached
    of_thinking = price.output if price.thinking is None else price.thinking
    parts = (
        (prompt - cached) * price.input + cached * of_cached,
        (output - thought) * price.output + thought * of_thinking,
    )
    return Cost(sum(parts) / 1_000_000, price.currency)


def save(prices: Iterable[Price | Mapping[str, Any]]) -> tuple[Price, ...]:
    """Keep these as the person's own in the place of what there was, and return them.

    Raises EngineError `bad_price`, which names the row and changes nothing, `prices_busy`, and OSError. A file that
    cannot be read is kept aside.
    """
    rows = [price.to_json() if isinstance(price, Price) else price for price in prices]
    checked = _checked(rows)
    path = paths.home() / _FILE
    with ExitStack() as stack:
        try:
            stack.enter_context(files.exclusive(paths.home() / _LOCK, PATIENCE_S))
        except TimeoutError as error:
            raise EngineError("prices_busy", str(error)) from None
        try:
            _own()
            document = _document()
        except EngineError as error:
            log.warning("%s It was moved to %s", error, files.set_aside(path))
            document = {}
        files.write_json(path, document | {"prices": [price.to_json() for price in checked]})
    return checked


# --- files -----------------------------------------------------------------------------------------------------------


@cache
def _bundled() -> tuple[Price, ...]:
    tables = json.loads(paths.resource(_FILE).read_bytes())["tables"]
    return _checked([_of_table(table) | row for table in tables for row in table["prices"]])


def _of_table(table: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name != "prices"}


def _own() -> tuple[Price, ...]:
    """Raises EngineError `prices_damaged` and `bad_price`."""
    rows = _document().get("prices", [])
    if not isinstance(rows, list):
        raise EngineError("prices_damaged", "its prices are no list", place=str(paths.home() / _FILE))
    return _checked(rows)


def _document() -> dict[str, Any]:
    """What the person's file holds; {} where there is none. Raises EngineError `prices_damaged`."""
    path = paths.home() / _FILE
    try:
        return dict(json.loads(path.read_bytes()).items())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise EngineError("prices_damaged", str(error), place=str(path)) from error


# --- one row ---------------------------------------------------------------------------------------------------------


def _checked(rows: Iterable[Any]) -> tuple[Price, ...]:
    return tuple(_price(number, row) for number, row in enumerate(rows, 1))


def _price(number: int, row: Any) -> Price:
    """A row as it should be. Raises EngineError `bad_price`."""
    if not isinstance(row, Mapping):
        raise _bad(number, "row", phrase("a row of names and values"), row)
    known = {f.name for f in fields(Price)} - {"more"}
    values = {name: value for name, value in row.items() if name in known and value is not None}
    for name in ("provider", "model", "currency", "as_of", "source"):
        needed = name in ("provider", "model")
        values[name] = _text(number, name, values.get(name, "USD" if name == "currency" else ""), needed)
    for name in ("input", "output", "cached", "thinking"):
        if name in values or name in ("input", "output"):
            values[name] = _amount(number, name, values.get(name))
    if not _is_whole(values.get("up_to", 1)):
        raise _bad(number, "up_to", phrase("a whole number of tokens"), values["up_to"])
    return Price(**values, more={str(name): value for name, value in row.items() if name not in known})


def _text(number: int, name: str, value: Any, needed: bool) -> str:
    text = value.strip() if isinstance(value, str) else None
    if text is None or len(text) > _LONGEST or not (text.isprintable() and (text or not needed)):
        expected = phrase("a text of {least} to {most} characters", least=int(needed), most=_LONGEST)
        raise _bad(number, name, expected, value)
    return text


def _amount(number: int, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _DEAREST:
        raise _bad(number, name, phrase("an amount of money for a million tokens, 0 or more"), value)
    return float(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_TOKENS


def _bad(number: int, name: str, expected: Phrase, value: Any) -> EngineError:
    return EngineError("bad_price", row=number, field=name, expected=expected, value=repr(value)[:_LONGEST])


# --- which price holds -----------------------------------------------------------------------------------------------


def _fits(price: Price, provider: Provider, model_id: str, prompt_tokens: int) -> bool:
    if price.up_to is not None and prompt_tokens > price.up_to:
        return False
    names = (model_id, _DATED.sub("", model_id))
    return price.provider in _called(provider) and any(_matches(name, price.model) for name in names)


def _matches(name: str, pattern: str) -> bool:
    """Only `*` is special: ids may hold brackets."""
    return fnmatchcase(name, re.sub(r"([\[?])", r"[\1]", pattern)) if "*" in pattern else name == pattern


def _called(provider: Provider) -> list[str]:
    """By what a row may call a provider, the most particular first."""
    try:
        host = urlsplit(provider.address).hostname or ""
    except ValueError:
        host = ""
    return [provider.name, provider.kind, host]


def _rank(price: Price, provider: Provider) -> tuple[int, bool, int, float]:
    """Smaller is nearer: how the provider is called, an id before a pattern, the longer pattern, the shorter prompt."""
    up_to = math.inf if price.up_to is None else price.up_to
    return _called(provider).index(price.provider), "*" in price.model, -len(price.model), up_to


def _count(tokens: Any) -> int | None:
    is_count = isinstance(tokens, int) and not isinstance(tokens, bool) and 0 <= tokens <= _MOST_TOKENS
    return tokens if is_count else None
