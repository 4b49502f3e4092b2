"""Shapes that training is measured with. Standard library only: peers train the same under their own Python."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """A Qwen3 shape with tied embeddings, and the batch it is trained with."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    feed_forward: int
    batch: int
    context: int

    @property
    def tokens(self) -> int:
        """Of a step."""
        return self.batch * self.context


SHAPES = {
    "4M": Shape(vocabulary=1024, width=256, layers=4, heads=4, feed_forward=768, batch=8, context=256),
    "12M": Shape(vocabulary=4096, width=384, layers=6, heads=6, feed_forward=1024, batch=8, context=512),
    "124M": Shape(vocabulary=50304, width=768, layers=12, heads=12, feed_forward=2048, batch=2, context=1024),
}
