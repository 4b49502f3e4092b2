"""Events: what a job says while it runs. Plain frozen values that cross processes as JSON.

A job yields any number of events and ends with exactly one `Finished` or `Failed`.
On the wire an event is one JSON object: its class name under `event`, beside its fields. The window's line
has its phrases whole.
A new kind of event is a new dataclass here; nothing else needs to change.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from numbers import Integral, Real
from typing import Any

from engine.phrases import Phrase, packed, unpacked


@dataclass(frozen=True)
class Event:
    """Base of all events."""

    def to_json(self) -> dict[str, Any]:
        """Values JSON can hold, whatever the fields hold; see `_plain`."""
        return {"event": type(self).__name__, **_plain(self)}


@dataclass(frozen=True)
class Started(Event):
    """The job has begun. `data` names what it works on (model, run folder, ...)."""

    job: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress(Event):
    """`done` of `total` (0 when unknown), counted in `unit`."""

    done: int
    total: int
    unit: str = ""
    message: str = ""


@dataclass(frozen=True)
class Waiting(Event):
    """Nothing has come for a while; the job waits by itself, and the next `Progress` says that it goes on."""


@dataclass(frozen=True)
class TextDelta(Event):
    """The next characters of a reply; always whole characters."""

    text: str


@dataclass(frozen=True)
class ThinkingDelta(Event):
    """The next characters of what a model thinks before it replies; no part of the reply."""

    text: str


@dataclass(frozen=True)
class TokenChoice(Event):
    """One generated token, its probability, and the best alternatives as (text, probability).

    `start` is the character of the reply where the token's bytes begin.
    """

    token: str
    probability: float
    alternatives: tuple[tuple[str, float], ...]
    start: int


@dataclass(frozen=True)
class Fit(Event):
    """What a training will take here, before it starts; one that cannot fit is refused instead.

    memory: bytes at its largest moment, and `parts` of it by what takes them. available: bytes it may take.
    disk, disk_free: bytes. chosen: keys of the recipe that were chosen so that it fits: the value and why.
    """

    memory: int
    parts: dict[str, int]
    available: int
    disk: int
    disk_free: int
    seconds: float
    tokens_per_second: float
    chosen: dict[str, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric(Event):
    """Numbers measured at a training step; of classifiers also `confusion`, rows of a table."""

    step: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Measured(Event):
    """One figure of a benchmark: `what` was measured of `who`, the median of `values`, one a round, in `unit`.

    spread: how far the middle half of the values reaches, as a share of the median. ratios: to those of others, round
    by round, their medians.
    """

    what: str
    who: str
    unit: str
    median: float
    spread: float
    values: list[float]
    ratios: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample(Event):
    """Text the model wrote at a training step, from a fixed prompt."""

    step: int
    text: str


@dataclass(frozen=True)
class TokenSample(Event):
    """A row of a dataset as a model would get it; `name` tells the sequences of a row apart (`chosen`, `rejected`).

    segments: stretches of text, each with whether it is `trained`. tokens, trained: how many there are, and carry loss.
    refused: why the row cannot be trained on, else empty. cut: characters that are left out of a long text's end.
    """

    row: int
    name: str
    segments: list[dict[str, Any]]
    tokens: int
    trained: int
    refused: str = ""
    cut: int = 0


@dataclass(frozen=True)
class Log(Event):
    """A sentence for the person or the log; `level` is `info`, `warning`, `error`, or `wait`: until the job goes on."""

    level: str
    text: str


@dataclass(frozen=True)
class Model(Event):
    """One row of `seedling models`, fields as in `ModelEntry`; `details` is what `info` knows beyond them."""

    name: str
    path: str
    kind: str
    backend: str
    bundled: bool
    problem: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Server(Event):
    """A server or an API with models: one that is connected, or, without a name, one that was found here.

    kind: of `engine.providers.base.KINDS`. details: `models` as `RemoteModel` tells them, `reach`, `key_place`,
    `needs_key`, `looked` (seconds since 1970), and in parts what the `problem` is: `error`.
    """

    name: str
    kind: str
    address: str
    problem: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HubRepo(Event):
    """A repository of the hub, `details` as `engine.library.hub` found it; said again when more is known."""

    repo: str
    details: dict[str, Any]


@dataclass(frozen=True)
class Check(Event):
    """One row of `seedling doctor`: `state` is `ok`, `warning` or `missing`; `remedy` says how to get it."""

    name: str
    state: str
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class Finished(Event):
    """The job ended well. Cancelling is a normal ending: `reason="cancelled"`."""

    reason: str
    stats: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed(Event):
    """The job ended with an error of `engine.errors`: its code, its data, and a technical detail."""

    code: str
    data: dict[str, Any] = field(default_factory=dict)
    detail: str = ""


KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}
TERMINAL = (Finished, Failed)


def to_line(event: Event, **first: Any) -> bytes:
    """One line for a pipe: the fields of `first`, then the event, as ASCII JSON."""
    return json.dumps({**first, **event.to_json()}, allow_nan=False).encode("ascii") + b"\n"


def to_window(event: Event, id: int | str) -> bytes:
    """The line for the window: the event of the job `id`, with its phrases whole."""
    fields = {"id": id, "event": type(event).__name__, **_plain(packed(event))}
    return json.dumps(fields, allow_nan=False).encode("ascii") + b"\n"


def from_json(data: dict[str, Any], say: Callable[[Phrase], str] = str) -> Event:
    """The event that `to_json` wrote, with what `say` makes of its phrases. Raises ValueError for anything else."""
    kind = KINDS.get(str(data.get("event"))) if isinstance(data, dict) else None
    if kind is None:
        raise ValueError(f"not an event: {str(data)[:200]}")
    names = {f.name for f in fields(kind)}
    try:
        values = {name: value for name, value in data.items() if name in names}
        values = unpacked(values, say)
        if kind is TokenChoice:
            values["alternatives"] = tuple((text, p) for text, p in values["alternatives"])
        return kind(**values)
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"not a valid {kind.__name__}: {error}") from error


def _plain(value: Any) -> Any:
    """The nearest value that JSON can hold.

    NaN and the infinities become None, bytes become text, numbers of other libraries become Python's, tuples
    become lists, and what is left becomes its text. An event is never lost because of what a field holds.
    """
    match value:
        case None | bool() | str():
            return value
        case Integral():
            return int(value)
        case Real():
            return float(value) if math.isfinite(value) else None
        case bytes() | bytearray():
            return value.decode("utf-8", "replace")
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        case _:
            return str(value)
