"""What replies cost: the table that comes with the program, and a person's own over it."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from engine import files, paths
from engine.errors import EngineError
from engine.providers import prices
from engine.providers.base import Provider, Usage
from engine.providers.prices import Cost, Price

CLAUDE = Provider("claude", "anthropic", "https://api.anthropic.com")
MINE = Provider("mine", "compatible", "https://models.example.com/v1")
LOCAL = Provider("ollama", "ollama", "http://127.0.0.1:11434")
ROW = {"provider": "mine", "model": "big", "input": 3, "output": 15}


def cost_of(provider: Provider, model: str, *counts: Any) -> Cost | None:
    return prices.cost(provider, model, Usage(*counts))


def refused(rows: list[Any]) -> EngineError:
    with pytest.raises(EngineError) as caught:
        prices.save(rows)
    return caught.value


# --- the table that comes with the program ---------------------------------------------------------------------------


def test_every_bundled_price_has_a_day_and_a_source() -> None:
    table = prices.table()
    assert len(table.bundled) > 20
    assert table.own == ()
    for price in table.bundled:
        assert date.fromisoformat(price.as_of) <= date(2026, 11, 28)
        assert urlsplit(price.source).scheme == "https"
        assert price.currency == "USD"
        assert 0 < price.input < price.output < 1000
        assert price.cached is None or price.cached < price.input


def test_bundled_prices_hold_for_hosts_so_that_no_name_catches_them() -> None:
    assert all("." in price.provider for price in prices.table().bundled)
    lookalike = Provider("anthropic", "anthropic", "http://127.0.0.1:8080")
    assert cost_of(lookalike, "claude-opus-5", 1000, 0, 1000) is None


def test_no_model_of_a_host_has_two_prices_for_the_same_prompt() -> None:
    keys = [(price.provider, price.model, price.up_to) for price in prices.table().bundled]
    assert len(keys) == len(set(keys))


def test_a_reply_costs_its_prompt_and_its_output() -> None:
    assert cost_of(CLAUDE, "claude-opus-5", 1_000_000, 0, 100_000) == Cost(7.5, "USD")


def test_what_the_provider_remembered_costs_less() -> None:
    cost = cost_of(CLAUDE, "claude-opus-5", 1_000_000, 800_000, 0)
    assert cost == Cost(200_000 * 5 / 1e6 + 800_000 * 0.5 / 1e6, "USD")


def test_a_dated_snapshot_costs_what_its_model_costs_and_a_relative_nothing_known() -> None:
    openai = Provider("openai", "openai", "https://api.openai.com/v1")
    assert cost_of(openai, "gpt-4o-mini-2024-07-18", 1_000_000, 0, 0) == Cost(0.15, "USD")
    assert cost_of(CLAUDE, "claude-haiku-4-5-20251001", 1_000_000, 0, 0) == Cost(1.0, "USD")
    assert cost_of(openai, "gpt-4o-mini-audio", 1_000_000, 0, 0) is None
    assert cost_of(openai, "gpt-4", 1_000_000, 0, 0) is None


def test_long_prompts_have_their_own_price_or_none() -> None:
    assert cost_of(CLAUDE, "claude-haiku-5-5", 100_000, 0, 0) == Cost(0.01, "USD")
    assert cost_of(CLAUDE, "claude-haiku-5-5", 200_000, 0, 0) == Cost(0.1, "USD")
    openai = Provider("openai", "openai", "https://api.openai.com/v1")
    assert cost_of(openai, "gpt-5.5", 272_001, 0, 10) is None


# --- what is not known is not guessed --------------------------------------------------------------------------------


def test_a_model_without_a_price_has_no_cost() -> None:
    assert cost_of(LOCAL, "qwen3:8b", 10, 0, 10) is None
    assert cost_of(CLAUDE, "claude-imagined-9", 10, 0, 10) is None


@pytest.mark.parametrize("count", [None, -1, True, "12", 1.5, float("nan"), 10**400, [], {}])
def test_counts_that_are_none_cost_nothing_that_is_known(count: Any) -> None:
    assert cost_of(CLAUDE, "claude-opus-5", count, 0, 10) is None
    assert cost_of(CLAUDE, "claude-opus-5", 10, 0, count) is None
    assert cost_of(CLAUDE, "claude-opus-5", 0, count, 0, count) == Cost(0.0, "USD")


def test_parts_are_never_more_than_the_whole() -> None:
    assert cost_of(CLAUDE, "claude-opus-5", 100, 10_000, 100, 10_000) == Cost((100 * 0.5 + 100 * 25) / 1e6, "USD")


@pytest.mark.parametrize("address", ["", "http://[", "nonsense", "http://api.anthropic.com.evil.example"])
def test_an_address_that_is_no_host_of_the_table_has_no_price(address: str) -> None:
    assert cost_of(Provider("x", "anthropic", address), "claude-opus-5", 1, 0, 1) is None


# --- a person's own --------------------------------------------------------------------------------------------------


def test_own_prices_are_kept_and_come_first() -> None:
    own = {"provider": "api.anthropic.com", "model": "claude-opus-5", "input": 1, "output": 2, "currency": "€"}
    kept = prices.save([own, ROW])
    assert prices.table().own == kept
    assert cost_of(CLAUDE, "claude-opus-5", 1_000_000, 0, 1_000_000) == Cost(3.0, "€")
    assert cost_of(MINE, "big", 1_000_000, 0, 0) == Cost(3.0, "USD")
    assert cost_of(CLAUDE, "claude-opus-4-8", 1_000_000, 0, 0) == Cost(5.0, "USD")


def test_a_price_is_for_a_name_before_a_kind_before_a_host() -> None:
    rows = [
        {**ROW, "provider": name, "input": n} for n, name in enumerate(["models.example.com", "compatible", "mine"])
    ]
    for most in (3, 2, 1):
        prices.save(rows[:most])
        assert cost_of(MINE, "big", 1_000_000, 0, 0) == Cost(most - 1, "USD")


def test_an_id_comes_before_a_pattern_and_the_longer_pattern_before_the_shorter() -> None:
    prices.save([{**ROW, "model": model, "input": n} for n, model in enumerate(["*", "big-*", "big-b"])])
    found = [prices.find(MINE, model) for model in ("big-b", "big-c", "small")]
    assert [price.input for price in found if price] == [2, 1, 0]


def test_only_the_star_is_special_in_a_pattern() -> None:
    prices.save([{**ROW, "model": "a[1]?*"}])
    assert prices.find(MINE, "a[1]?b") is not None
    assert prices.find(MINE, "a1xb") is None


def test_thinking_may_have_a_price_of_its_own() -> None:
    prices.save([{**ROW, "thinking": 30}])
    assert cost_of(MINE, "big", 0, 0, 1_000_000, 400_000) == Cost(0.6 * 15 + 0.4 * 30, "USD")
    prices.save([ROW])
    assert cost_of(MINE, "big", 0, 0, 1_000_000, 400_000) == Cost(15.0, "USD")


def test_a_price_survives_being_written_and_read() -> None:
    (kept,) = prices.save([{**ROW, "up_to": 1000, "cached": 0.5, "as_of": "2026-11-01", "colour": "blue"}])
    assert kept.more == {"colour": "blue"}
    assert prices.save(prices.table().own) == (kept,)
    assert prices.table().own == (kept,)


def test_saving_nothing_leaves_the_bundled_ones() -> None:
    prices.save([ROW])
    prices.save([])
    assert prices.table().own == ()
    assert prices.table().bundled


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("provider", ""),
        ("provider", "  "),
        ("provider", None),
        ("provider", 7),
        ("model", ""),
        ("model", "x" * 300),
        ("model", "a\nb"),
        ("input", None),
        ("input", -0.01),
        ("input", "3"),
        ("input", True),
        ("input", math.nan),
        ("output", math.inf),
        ("output", 10**400),
        ("cached", -1),
        ("thinking", "much"),
        ("up_to", 0),
        ("up_to", 1.5),
        ("up_to", True),
        ("currency", 5),
        ("currency", "\x1b[31m"),
        ("source", []),
    ],
)
def test_a_bad_row_is_named_and_changes_nothing(field: str, value: Any) -> None:
    prices.save([ROW])
    error = refused([ROW, {**ROW, field: value}])
    assert error.code == "bad_price"
    assert (error.data["row"], error.data["field"]) == (2, field)
    assert str(error).startswith(f"In row 2 of the prices, {field} must be ")
    assert len(prices.table().own) == 1


@pytest.mark.parametrize("row", [None, 5, "text", ["provider"]])
def test_a_row_that_is_none_is_refused(row: Any) -> None:
    assert refused([row]).code == "bad_price"


def test_a_disk_that_refuses_leaves_the_old_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    prices.save([ROW])

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_replace", full)
    with pytest.raises(OSError, match="No space"):
        prices.save([{**ROW, "input": 99}])
    assert prices.table().own[0].input == 3


def test_another_that_writes_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "PATIENCE_S", 0.05)
    with files.exclusive(paths.home() / "prices.lock", 1):
        assert refused([ROW]).code == "prices_busy"
    assert prices.table().own == ()


# --- a file that somebody broke --------------------------------------------------------------------------------------

BROKEN = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[1, 2]",
    b"null",
    b'{"prices": {"a": 1}}',
    b'{"prices": [1]}',
    b'{"prices": [{"provider": "mine"}]}',
    b'{"prices": [{"provider": "mine", "model": "big", "input": NaN, "output": 1}]}',
    b'{"prices": ' + b"[" * 100_000,
]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_costs_nothing_but_its_own_prices(home: Path, content: bytes) -> None:
    (home / "prices.json").write_bytes(content)
    table = prices.table()
    assert table.problem is not None
    assert table.problem.code in ("prices_damaged", "bad_price")
    assert table.own == ()
    assert cost_of(CLAUDE, "claude-opus-5", 1_000_000, 0, 0) == Cost(5.0, "USD")
    assert (home / "prices.json").read_bytes() == content


@pytest.mark.parametrize("content", [b"{ mine, by hand", *BROKEN[-3:]])
def test_a_broken_file_is_kept_aside_when_prices_are_saved(home: Path, content: bytes) -> None:
    (home / "prices.json").write_bytes(content)
    prices.save([ROW])
    assert prices.table().problem is None
    (aside,) = home.glob("prices.broken-*.json")
    assert aside.read_bytes() == content


def test_what_else_the_file_holds_stays(home: Path) -> None:
    (home / "prices.json").write_text(json.dumps({"note": "mine", "prices": []}))
    prices.save([ROW])
    assert json.loads((home / "prices.json").read_text())["note"] == "mine"


def test_a_price_given_whole_is_checked_too() -> None:
    assert refused([Price("mine", "big", -1, 2)]).data["field"] == "input"
