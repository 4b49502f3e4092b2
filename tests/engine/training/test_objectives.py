"""The chunked loss equals the plain formula, in value and gradient, and never holds all logits."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from engine.data.items import NO_LOSS
from engine.gpt.config import default_config
from engine.gpt.model import GPT
from engine.training import objectives


@pytest.fixture
def model() -> GPT:
    torch.set_num_threads(1)
    return GPT(default_config("qwen3", 50, 16, 2, 32, 2), seed=1)


def batch(masked: bool) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    ids = torch.randint(0, 50, (3, 16), generator=generator)
    labels = torch.randint(0, 50, (3, 16), generator=generator)
    if masked:
        labels[torch.rand(3, 16, generator=generator) < 0.6] = NO_LOSS
    return ids, labels


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("rows", "at_once"), [(1, 50), (7, 150), (7, 10**6), (1000, 350), (1000, 10**6)])
def test_equals_the_plain_formula(
    model: GPT, masked: bool, rows: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, labels = batch(masked)
    plain = F.cross_entropy(model(ids).flatten(0, 1), labels.flatten(), ignore_index=NO_LOSS)
    plain.backward()
    wanted = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()

    monkeypatch.setattr(objectives, "_ROWS", rows)
    monkeypatch.setattr(objectives, "_SOFTMAX_AT_ONCE", at_once)
    labelled = int((labels != NO_LOSS).sum())
    total = objectives.backward(model.head, model.hidden(ids), labels, labelled)
    assert float(total) / labelled == pytest.approx(plain.item(), rel=1e-6)
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, wanted[name], rtol=1e-4, atol=1e-6)
    assert float(objectives.cross_entropy(model.head, model.hidden(ids), labels)) == pytest.approx(float(total))


def test_micro_batches_add_up(model: GPT) -> None:
    ids, labels = batch(masked=True)
    labelled = int((labels != NO_LOSS).sum())
    objectives.backward(model.head, model.hidden(ids), labels, labelled)
    whole = model.embedding.weight.grad
    assert whole is not None
    whole = whole.clone()
    model.zero_grad()
    for row in range(3):
        objectives.backward(model.head, model.hidden(ids[row : row + 1]), labels[row : row + 1], labelled)
    torch.testing.assert_close(model.embedding.weight.grad, whole, rtol=1e-4, atol=1e-6)


def test_logits_come_in_chunks(model: GPT, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objectives, "_LOGITS", 500)
    monkeypatch.setattr(objectives, "_LEAST_ROWS", 1)
    sizes = []

    def head(hidden: Tensor) -> Tensor:
        sizes.append(len(hidden))
        return model.head(hidden)

    ids, labels = batch(masked=False)
    objectives.backward(head, model.hidden(ids), labels, labels.numel())
    assert max(sizes) == 10
    assert sum(sizes) == labels.numel() + 1  # one more to learn the size of the vocabulary


def test_a_surprise_beyond_what_a_float_can_hold_has_a_finite_loss() -> None:
    logits = torch.tensor([[0.0, -500.0, 3.0]])
    loss, gradient = objectives._softmax(logits, torch.tensor([1]), 1)
    assert float(loss) == pytest.approx(503.05, abs=0.01)
    torch.testing.assert_close(gradient, logits.softmax(-1) - torch.tensor([[0.0, 1.0, 0.0]]))


def test_perplexity_and_bits() -> None:
    assert objectives.perplexity(math.log(8)) == pytest.approx(8)
    assert objectives.perplexity(1e9) < math.inf
    assert objectives.bits_per_byte(10 * math.log(2), 5) == pytest.approx(2)
