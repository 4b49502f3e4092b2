"""How a model stands: in memory, on its way there, or why it is not."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class LoadState(Enum):
    EMPTY = "empty"
    LOADING = "loading"
    LOADED = "loaded"
    BROKEN = "broken"


class Load(NamedTuple):
    """How a model stands: the file it is about, how far loading is, what it takes, why it could not be loaded.

    memory_bytes: what its worker takes. foreseen, measured: bytes of the model alone, as it was predicted and as it is.
    """

    state: LoadState = LoadState.EMPTY
    path: str = ""
    percent: int = 0
    memory_bytes: int | None = None
    problem: str = ""
    foreseen: int | None = None
    measured: int | None = None
