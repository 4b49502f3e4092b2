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


def test_the_rows_that_pass_the_head_are_of_few_numbers() -> None:
    """Else hardly a tensor of a step has the size of one before, and memory grows from step to step."""
    seen, head = set(), torch.nn.Linear(8, 50, bias=False)

    def noting(rows: Tensor) -> Tensor:
        seen.add(len(rows))
        return head(rows)

    for labelled in range(1, 100, 7):
        labels = torch.full((2, 100), NO_LOSS)
        labels[0, :labelled] = 3
        objectives.backward(noting, torch.randn(2, 100, 8, requires_grad=True), labels, labelled)
    assert seen == {1, 64, 128}, "one row alone tells how large the vocabulary is"


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
    wanted = logits.softmax(-1) - torch.tensor([[0.0, 1.0, 0.0]])
    loss = objectives._softmax_(logits, torch.tensor([1]), 1, None)
    assert float(loss) == pytest.approx(503.05, abs=0.01)
    torch.testing.assert_close(logits, wanted)


def test_perplexity_and_bits() -> None:
    assert objectives.perplexity(math.log(8)) == pytest.approx(8)
    assert objectives.perplexity(1e9) < math.inf
    assert objectives.bits_per_byte(10 * math.log(2), 5) == pytest.approx(2)


# --- preferences -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_log_probabilities_equal_the_plain_formula(
    model: GPT, masked: bool, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, labels = batch(masked)
    labels[1] = NO_LOSS  # a row without labels
    factors = torch.tensor([2.0, 5.0, -0.5])
    carries = labels != NO_LOSS
    log_p = model(ids).log_softmax(-1).gather(-1, labels.clamp(min=0)[..., None])[..., 0]
    plain = (log_p * carries).sum(1)
    (plain * factors).sum().backward()
    wanted = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()

    monkeypatch.setattr(objectives, "_ROWS", rows)
    found = objectives.log_probabilities(model.head, model.hidden(ids), labels)
    torch.testing.assert_close(found, plain, rtol=1e-5, atol=1e-5)
    (found * factors).sum().backward()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, wanted[name], rtol=1e-4, atol=1e-5)


def test_log_probabilities_keep_no_logits(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    rows, vocabulary = torch.randn(1, 64, 8, requires_grad=True), 50_000
    head = torch.nn.Linear(8, vocabulary, bias=False)
    labels = torch.randint(0, vocabulary, (1, 64))
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: kept.append(tensor.numel()) or tensor, lambda t: t):
        objectives.log_probabilities(head, rows, labels)
    assert max(kept, default=0) <= max(rows.numel(), head.weight.numel()), "no (64, 50,000) of logits"


def test_losses_of_preferences_by_hand() -> None:
    chosen, rejected = torch.tensor([-4.0, -9.0]), torch.tensor([-6.0, -7.0])
    references = torch.tensor([-5.0, -9.0]), torch.tensor([-5.0, -9.0])
    h = torch.tensor([2.0, -2.0])
    sigmoid = objectives.preference_loss(chosen, rejected, *references, 0.5, "sigmoid")
    torch.testing.assert_close(sigmoid, torch.log(1 + torch.exp(-0.5 * h)))
    torch.testing.assert_close(objectives.preference_loss(chosen, rejected, *references, 0.5, "normalised"), sigmoid)
    torch.testing.assert_close(objectives.preference_loss(chosen, rejected, *references, 0.5, "ipo"), (h - 1.0) ** 2)


@pytest.mark.parametrize("kind", ["sigmoid", "ipo", "normalised"])
def test_a_preference_draws_the_replies_apart(kind: str) -> None:
    values = [torch.tensor([-5.0], requires_grad=True) for _ in range(2)]
    objectives.preference_loss(*values, torch.tensor([-5.0]), torch.tensor([-5.0]), 0.1, kind).sum().backward()
    assert values[0].grad is not None
    assert values[1].grad is not None
    assert values[0].grad < 0 < values[1].grad


def test_weights_count_labels_more_often(model: GPT) -> None:
    ids, labels = batch(masked=True)
    weights = torch.linspace(0.1, 3, 50)
    plain = F.cross_entropy(model(ids).flatten(0, 1), labels.flatten(), weights, ignore_index=NO_LOSS, reduction="sum")
    total = objectives.backward(model.head, model.hidden(ids), labels, 1, weights)
    assert float(total) == pytest.approx(plain.item(), rel=1e-5)
