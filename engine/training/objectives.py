"""What training minimises, of labelled tokens or of preferences, without ever holding all logits at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from engine.data.items import NO_LOSS

Head = Callable[[Tensor], Tensor]  # hidden vectors (N, width) -> logits (N, vocabulary)

# Rows that pass the head at once: many, so that its products are fast and its gradient is seldom added up; fewer where
# their logits would be large. Of these, so many logits pass the softmax at once that they stay in cache.
_ROWS, _LEAST_ROWS, _LOGITS = 1024, 256, 2**26
_SOFTMAX_AT_ONCE = 2**20
# How many rows have a label differs from step to step. Empty ones make that a multiple of this: tensors of few sizes
# find room where those of earlier steps lay, and memory stops growing.
_EVEN = 64


def backward(head: Head, hidden: Tensor, labels: Tensor, labelled: int, weights: Tensor | None = None) -> Tensor:
    """Add the gradient of sum(cross-entropy) / labelled to every parameter; returns the sum, detached, float32.

    hidden: (B, T, width), labels: (B, T) with NO_LOSS where nothing is predicted. `labelled` is the number of
    labels of the whole step, so that micro-batches add up to the mean over its tokens. weights: how often a label
    counts (vocabulary,), by default once.

    Head, softmax and their gradients are done chunk by chunk; only then the gradient of `hidden` flows on. Equal to
    the plain formula, with one chunk of logits in memory instead of all (B * T, vocabulary).
    """
    rows, targets = _labelled(hidden, labels)
    leaves, total = list[Tensor](), torch.zeros((), device=hidden.device)
    for part, wanted in _chunks(rows.detach(), targets, head):
        leaves.append(part.detach().requires_grad_())  # each by itself: a part of a whole would add up whole gradients
        logits = head(leaves[-1])
        gradient = logits.detach()
        total += _softmax_(gradient, wanted, labelled, weights)
        logits.backward(gradient)  # type: ignore[no-untyped-call]
    rows.backward(torch.cat([leaf.grad for leaf in leaves if leaf.grad is not None]))  # type: ignore[no-untyped-call]
    return total


def _softmax_(logits: Tensor, targets: Tensor, labelled: int, weights: Tensor | None) -> Tensor:
    """The sum of -log p of logits (N, vocabulary), in whose place comes the gradient of sum / labelled.

    The gradient is (p - 1 at the target) / labelled, and 0 where the target is NO_LOSS; -log p = log sum exp(logits) -
    the target's logit, the former known from any p, best from the largest. All of it in float32.
    """
    total = torch.zeros((), device=logits.device)
    counts, targets = (targets != NO_LOSS).float(), targets.clamp_min(0)
    if weights is not None:
        counts *= weights[targets]
    size = max(1, _SOFTMAX_AT_ONCE // logits.size(-1))
    split = (torch.split(rows, size) for rows in (logits, targets.unsqueeze(-1), counts.unsqueeze(-1)))
    for part, wanted, count in zip(*split, strict=True):
        wide = part.float()
        p = torch._softmax(wide, -1, False)  # as softmax, without autocast's looking on
        losses = wide.amax(-1, True) - p.amax(-1, True).log() - wide.gather(-1, wanted)
        total += (losses * count).sum()
        p.scatter_add_(-1, wanted, torch.full_like(count, -1.0))
        part.copy_(p.mul_(count / labelled))
    return total


@torch.no_grad()
def cross_entropy(head: Head, hidden: Tensor, labels: Tensor) -> Tensor:
    """The sum of -log p over the labelled tokens, float64; shapes as in `backward`."""
    rows, targets = _labelled(hidden, labels)
    total = torch.zeros((), dtype=torch.float64)
    for part, wanted in _chunks(rows, targets, head):
        total += F.cross_entropy(head(part).float(), wanted, reduction="sum").double().cpu()
    return total


def log_probabilities(head: Head, hidden: Tensor, labels: Tensor) -> Tensor:
    """The sum of log p over the labelled tokens of each row, with gradient; (B,), float32. Shapes as in `backward`.

    Backward, the logits of a chunk are computed once more instead of being kept.
    """
    rows, targets = _labelled(hidden, labels)
    places = (labels != NO_LOSS).nonzero()[:, 0]
    places = F.pad(places, (0, len(rows) - len(places)))  # the empty rows add nothing, wherever that is
    sums = torch.zeros(len(labels), device=hidden.device)
    start = 0
    for part, wanted in _chunks(rows, targets, head):
        found = checkpoint(_log_p, head, part, wanted, use_reentrant=False, preserve_rng_state=False)
        sums = sums.index_add(0, places[start : start + len(part)], found)
        start += len(part)
    return sums


def _log_p(head: Head, rows: Tensor, targets: Tensor) -> Tensor:
    """log p of each target; (N,), float32."""
    return -F.cross_entropy(head(rows).float(), targets, reduction="none")


def preference_loss(
    chosen: Tensor, rejected: Tensor, reference_chosen: Tensor, reference_rejected: Tensor, beta: float, kind: str
) -> Tensor:
    """The loss of each pair; all (B,). The four are log-probabilities of replies under the model and the reference.

    With h = (chosen - reference_chosen) - (rejected - reference_rejected):
    sigmoid: -log sigmoid(beta h), of sums over a reply (Rafailov et al. 2023, arXiv:2305.18290, equation 7).
    ipo: (h - 1 / (2 beta))², of means over a reply's tokens (Azar et al. 2023, arXiv:2310.12036, equation 17).
    normalised: as sigmoid, of means, so that long replies do not weigh more (Lambert et al. 2024, arXiv:2411.15124).
    """
    h = (chosen - reference_chosen) - (rejected - reference_rejected)
    if kind == "ipo":
        return (h - 1 / (2 * beta)).square()
    return -F.logsigmoid(beta * h)


def perplexity(loss: float) -> float:
    """exp of the mean loss in nats per token: between how many tokens the model hesitates."""
    return math.exp(min(loss, 700.0))


def bits_per_byte(total_loss: float, size_bytes: int) -> float:
    """The summed loss (nats) per byte of text: comparable between tokenizers, as perplexity is not."""
    return total_loss / math.log(2) / size_bytes


def _labelled(hidden: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The rows that have a label, and behind them empty ones without: (N, width) and (N,), N a multiple of `_EVEN`.

    Where all have one, they are left as they are.
    """
    rows, targets = hidden.flatten(0, 1), labels.flatten()
    chosen = targets != NO_LOSS
    if bool(chosen.all()):
        return rows, targets
    places = chosen.nonzero()[:, 0]
    empty = -len(places) % _EVEN
    return F.pad(rows[places], (0, 0, 0, empty)), F.pad(targets[places], (0, empty), value=NO_LOSS)


def _chunks(rows: Tensor, targets: Tensor, head: Head) -> Iterator[tuple[Tensor, Tensor]]:
    with torch.no_grad():
        vocabulary = head(rows[:1]).size(-1) if len(rows) else 1
    size = min(_ROWS, max(_LEAST_ROWS, _LOGITS // vocabulary))
    return zip(torch.split(rows, size), torch.split(targets, size), strict=True)
