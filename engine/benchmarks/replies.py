"""What a reply took, whoever wrote it, and the speeds that follow."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

UNITS = {"decode": "tokens/s", "prompt": "tokens/s", "first token": "s"}


@dataclass(frozen=True)
class Reply:
    """written: tokens, with the one that ended it. Seconds: to the first of them from when the prompt's ids were there,
    and from that to the last. before: seconds that went before those, for making ids of a conversation.
    """

    prompt: int
    written: int
    first: float
    rest: float
    before: float = 0.0

    def speeds(self) -> dict[str, float]:
        """By the keys of `UNITS`. The first token belongs to the prompt, so decoding is what comes after it."""
        return {
            "decode": (self.written - 1) / self.rest,
            "prompt": self.prompt / self.first,
            "first token": self.before + self.first,
        }


class Peer(Protocol):
    """Somebody who writes greedily after given ids."""

    def reply(self, ids: Sequence[int], count: int, cancelled: threading.Event) -> Reply:
        """`count` tokens after `ids`, with nothing known beforehand. Raises `CancelledError`."""

    def close(self) -> None:
        """Free the model."""
