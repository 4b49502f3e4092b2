"""What stands under a reply: figures for those who want them, and how it ended where that is worth a word."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

CUT = ("length", "cancelled", "interrupted", "failed")  # outcomes after which a reply can go on


def figures(stats: dict[str, Any] | None) -> str:
    """`12.3 tok/s · 412 tokens · 0.8 s to first token`; what is not known is left out."""
    stats = stats or {}
    translate = QCoreApplication.translate
    tokens, seconds = _number(stats, "output_tokens"), _number(stats, "output_seconds")
    first = _number(stats, "first_token_seconds")
    parts = []
    if tokens and seconds:
        parts.append(translate("footer", "{speed} tok/s").format(speed=_shown(tokens / seconds)))
    if tokens is not None:
        parts.append(translate("footer", "{count} tokens").format(count=f"{tokens:,.0f}"))
    if first is not None:
        parts.append(
            translate("footer", "{seconds} s to first token").format(
                seconds=f"{first:.1f}" if first >= 0.1 else f"{first:.2f}"
            )
        )
    return " · ".join(parts)


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
    """The figures of a continued reply as a whole: lengths and times add up, the first wait stays the first."""
    earlier = earlier or {}
    sums = {
        name: value + before
        for name in ("output_tokens", "output_seconds")
        if (value := _number(stats, name)) is not None and (before := _number(earlier, name)) is not None
    }
    first = {name: earlier[name] for name in ("first_token_seconds",) if _number(earlier, name) is not None}
    return {**stats, **sums, **first}


def _shown(speed: float) -> str:
    return f"{speed:.1f}" if speed < 100 else f"{speed:,.0f}"


def _number(stats: dict[str, Any], name: str) -> float | None:
    value = stats.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
