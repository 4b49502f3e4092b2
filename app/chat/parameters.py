"""What a chat may set: its system prompt, how tokens are chosen, and the size of the context."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from engine.runtime.base import Sampling


@dataclass(frozen=True)
class Parameters:
    """`max_tokens` None: until the model ends. `context` (positions) None: what the model was trained for.

    given: the names of what the person has set. A model on this machine gets all values, a provider only these.
    """

    system: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    max_tokens: int | None = None
    context: int | None = None
    given: frozenset[str] = frozenset()

    def options(self, offers: Collection[str] | None = None) -> dict[str, Any]:
        """What a reply is asked for with. offers: what a provider heeds; only what is given goes there."""
        values = {**asdict(self.sampling), "max_tokens": self.max_tokens}
        if offers is None:
            return values
        given = self.given.intersection(offers)
        return {name: value for name, value in values.items() if name in given and value is not None}

    def context_for(self, offers: Collection[str] | None = None) -> int | None:
        return self.context if offers is None or "context" in offers else None

    def to_json(self) -> dict[str, Any]:
        """All but the system prompt, which the store keeps beside it."""
        return {**self.options(), "context": self.context, "given": sorted(self.given)}

    @classmethod
    def from_json(cls, system: str | None, data: dict[str, Any] | None) -> Parameters:
        """What was kept; a value that does not fit is replaced by its default. Where it was not kept what is given,
        as before there were providers, it is what is no default.
        """
        data = data or {}
        defaults = asdict(Sampling())
        kept = {name: value for name, value in data.items() if name in defaults and _fits(value, defaults[name])}
        count = {name: data[name] for name in ("max_tokens", "context") if _is_count(data.get(name))}
        known, listed = {**kept, **count}, data.get("given")
        if isinstance(listed, list):
            given = frozenset(name for name in listed if isinstance(name, str) and name in known)
        else:
            given = frozenset(name for name, value in known.items() if value != defaults.get(name))
        return cls(system or "", replace(Sampling(), **kept), **count, given=given)


def _fits(value: object, default: object) -> bool:
    if default is None:  # the seed
        return value is None or (isinstance(value, int) and not isinstance(value, bool))
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        return False
    return isinstance(default, float) or isinstance(value, int)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
