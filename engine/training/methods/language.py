"""The objective of all methods that learn to write: foresee every labelled token."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch

from engine.data.items import NO_LOSS, Batch
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.training import objectives
from engine.training.machine import Compute
from engine.training.methods.base import byte_counts


class LanguageModelling:
    """Cross-entropy of labelled tokens."""

    def __init__(self, model: GPT, tokenizer: Tokenizer, compute: Compute) -> None:
        self.model, self.compute = model, compute
        self.hidden = compute.compiled(model.hidden)
        self.byte_counts = byte_counts(tokenizer, model.config.vocabulary)

    def count(self, batch: Batch) -> int:
        return int((batch[1] != NO_LOSS).sum())

    def backward(self, batch: Batch, count: int) -> dict[str, float]:
        ids, labels = self.compute.tensors(batch)
        with self.compute.autocast():
            return {"loss": float(objectives.backward(self.model.head, self.hidden(ids), labels, count))}

    def evaluate(self, batches: Iterable[Batch]) -> dict[str, Any]:
        """Also `perplexity` and, where the tokens stand for text, `bits_per_byte`."""
        total, labelled, size_bytes = 0.0, 0, 0
        for batch in batches:
            ids, labels = self.compute.tensors(batch)
            with torch.no_grad(), self.compute.autocast():
                total += float(objectives.cross_entropy(self.model.head, self.hidden(ids), labels))
            scored = batch[1][batch[1] != NO_LOSS]
            labelled += len(scored)
            size_bytes += int(self.byte_counts[scored].sum())
        loss = total / labelled if labelled else math.nan
        scores = {"val_loss": loss, "perplexity": objectives.perplexity(loss)}
        return scores | ({"bits_per_byte": objectives.bits_per_byte(total, size_bytes)} if size_bytes else {})
