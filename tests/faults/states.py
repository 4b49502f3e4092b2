"""Operations on the states of conversations that are kept on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.chat import kept_states
from engine.chat.messages import Asked
from engine.runtime import saved_state
from engine.runtime.saved_state import State
from faults.operations import Operation

OLD, NEW = b"old" * 1000, b"new" * 40_000
BELONGS = {"model": "f00d"}


def keep(content: bytes) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saved_state, "SLICE_BYTES", 30_000)
        return kept_states.keep(Asked(1, 1.0), {"template": "t"}, State(BELONGS, [1, 2, 3], content))


def begin(place: Path) -> None:
    assert keep(OLD)


def keep_another(place: Path) -> Iterator[None]:
    if keep(NEW):
        yield


def found(place: Path) -> bytes | None:
    """What a runtime would get. Raises EngineError where it would have to see for itself that it is not whole."""
    kept_states.sweep(lambda: [1])
    state = kept_states.take(1)
    content = None if state is None else saved_state.unpack(state, BELONGS, most=10)
    return None if content is None else bytes(content[1])


TABLE = (
    Operation("a state", begin, keep_another, found, silent=True),
    Operation("a first state", lambda place: None, keep_another, found, silent=True),
)
