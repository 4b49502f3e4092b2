"""What the training loop needs from data: items that can be batched, whatever they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

NO_LOSS = -100  # the label that every library ignores

Tokens = NDArray[np.unsignedinteger[Any]]  # uint16 or uint32
Batch = tuple[NDArray[Any], ...]  # ids and labels, both (B, T), and what else an objective needs


class Items(Protocol):
    """Windows of text, or conversations. lengths: (items,) in tokens, or None where all are equally long."""

    @property
    def lengths(self) -> NDArray[np.int64] | None: ...

    def __len__(self) -> int: ...

    def batch(self, items: Sequence[int] | NDArray[np.int64]) -> Batch:
        """ids and labels, both (len(items), T); labels are NO_LOSS wherever nothing is to be learnt."""


class Data(Protocol):
    """The tokens of a run: those before `split` are trained on, the others held back."""

    @property
    def ids(self) -> Tokens: ...

    @property
    def split(self) -> int: ...

    def training(self) -> Items:
        """Raises EngineError when there is nothing to train on."""

    def held_back(self) -> Items:
        """May be empty."""


def token_type(vocabulary: int) -> type[np.uint16] | type[np.uint32]:
    """The smallest type that holds the ids of a vocabulary."""
    return np.uint16 if vocabulary <= 2**16 else np.uint32
