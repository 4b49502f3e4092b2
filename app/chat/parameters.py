"""What a chat may set: its system prompt, how tokens are chosen, and the size of the context."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from engine.runtime.base import Sampling


@dataclass(frozen=True)
class Parameters:
    """`max_tokens` None: until the model ends. `context` (positions) None: what the model was trained for."""

    system: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    max_tokens: int | None = None
    context: int | None = None

    def to_json(self) -> dict[str, Any]:
        """All but the system prompt, which the store keeps beside it."""
        return {**asdict(self.sampling), "max_tokens": self.max_tokens, "context": self.context}

    @classmethod
    def from_json(cls, system: str | None, data: dict[str, Any] | None) -> Parameters:
        """What was kept; a value that does not fit is replaced by its default."""
        data = data or {}
        defaults = asdict(Sampling())
        kept = {name: value for name, value in data.items() if name in defaults and _fits(value, defaults[name])}
        count = {name: data[name] for name in ("max_tokens", "context") if _is_count(data.get(name))}
        return cls(system or "", replace(Sampling(), **kept), **count)


def _fits(value: object, default: object) -> bool:
    if default is None:  # the seed
        return value is None or (isinstance(value, int) and not isinstance(value, bool))
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        return False
    return isinstance(default, float) or isinstance(value, int)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
