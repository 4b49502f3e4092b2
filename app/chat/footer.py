"""What stands under a reply: figures for those who want them, and how it ended where that is worth a word."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QCoreApplication

from app.figures import decimal, number

CUT = ("length", "cancelled", "interrupted", "failed")  # outcomes after which a reply can go on


def figures(stats: dict[str, Any] | None) -> str:
    """`12.3 tok/s · 412 tokens · 0.8 s to first token · 0.0042 USD`; what is not known is left out."""
    stats = stats or {}
    translate = QCoreApplication.translate
    tokens, seconds = _number(stats, "output_tokens"), _number(stats, "output_seconds")
    first = _number(stats, "first_token_seconds")
    parts = []
    if tokens and seconds:
        parts.append(translate("footer", "{speed} tok/s").format(speed=_shown(tokens / seconds)))
    if tokens is not None:
        parts.append(translate("footer", "{count} tokens").format(count=number(tokens)))
    if thoughts := _number(stats, "thinking_tokens"):
        parts.append(translate("footer", "{count} of them thinking").format(count=number(thoughts)))
    if first is not None:
        parts.append(
            translate("footer", "{seconds} s to first token").format(seconds=decimal(first, 1 if first >= 0.1 else 2))
        )
    if (cost := cost_of(stats)) is not None:
        parts.append(money(*cost))
    if isinstance(answered := stats.get("answered_by"), str):
        parts.append(translate("footer", "answered by {model}").format(model=answered))
    return " · ".join(parts)


def cost_of(stats: dict[str, Any]) -> tuple[float, str] | None:
    """What a reply cost, as an amount and a currency."""
    cost = stats.get("cost")
    if not isinstance(cost, dict) or (amount := _number(cost, "amount")) is None:
        return None
    return amount, str(cost.get("currency") or "")


def seconds_of_thought(stats: dict[str, Any] | None) -> float | None:
    """How long was thought before a reply, as far as that is known."""
    return _number(stats or {}, "thinking_seconds")


def money(amount: float, currency: str) -> str:
    """`0.0042 USD`: cents from a whole one on, and of less two digits that say something."""
    places = 2 if amount == 0 or amount >= 1 else min(8, 1 - math.floor(math.log10(amount)))
    return f"{amount:,.{places}f} {currency}".rstrip()


def outcome(state: str, stats: dict[str, Any] | None) -> str:
    """The state of a stored reply, or `length` where it is done because there was no room for more."""
    return "length" if state == "done" and (stats or {}).get("reason") == "length" else state


def ending(outcome: str) -> tuple[str, str]:
    """How a reply ended, as an icon's name and words; both empty where it simply ended."""
    translate = QCoreApplication.translate
    return {
        "length": ("scissors", translate("footer", "Length limit reached")),
        "cancelled": ("circle-stop", translate("footer", "Stopped by you")),
        "interrupted": ("circle-pause", translate("footer", "Interrupted")),
        "failed": ("triangle-alert", translate("footer", "Cut short by an error")),
    }.get(outcome, ("", ""))


def with_earlier(stats: dict[str, Any], earlier: dict[str, Any] | None) -> dict[str, Any]:
    """The figures of a continued reply as a whole: lengths, times and costs add up, the first wait stays the first."""
    earlier = earlier or {}
    sums: dict[str, Any] = {
        name: value + before
        for name in ("output_tokens", "output_seconds", "thinking_tokens", "thinking_seconds")
        if (value := _number(stats, name)) is not None and (before := _number(earlier, name)) is not None
    }
    first = {name: earlier[name] for name in ("first_token_seconds",) if _number(earlier, name) is not None}
    paid, before_it = cost_of(stats), cost_of(earlier)
    if paid is not None and before_it is not None and paid[1] == before_it[1]:
        sums["cost"] = {"amount": paid[0] + before_it[0], "currency": paid[1]}
    return {**stats, **sums, **first}


def _shown(speed: float) -> str:
    return decimal(speed, 1) if speed < 100 else number(speed)


def _number(stats: dict[str, Any], name: str) -> float | None:
    value = stats.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
