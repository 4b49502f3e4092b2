"""The line under a reply: speed, length, wait, and why it ended."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication


def footer(state: str, stats: dict[str, Any] | None) -> str:
    """`12.3 tok/s · 412 tokens · 0.8 s to first token · stop`; what is not known is left out."""
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
    parts.append(_ending(state, stats.get("reason")))
    return " · ".join(part for part in parts if part)


def _ending(state: str, reason: object) -> str:
    translate = QCoreApplication.translate
    match state, reason:
        case "cancelled", _:
            return translate("footer", "stopped by you")
        case "interrupted", _:
            return translate("footer", "interrupted")
        case "failed", _:
            return translate("footer", "cut short by an error")
        case _, "length":
            return translate("footer", "length limit")
        case "done", _:
            return translate("footer", "stop")
    return ""


def _shown(speed: float) -> str:
    return f"{speed:.1f}" if speed < 100 else f"{speed:,.0f}"


def _number(stats: dict[str, Any], name: str) -> float | None:
    value = stats.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
