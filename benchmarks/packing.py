"""Whether packing pays on a processor: `python benchmarks/packing.py CONVERSATIONS.json [BATCHES]`.

Real conversations in batches of 16, as training takes them (`engine/data/order.py` deals neighbouring lengths together)
and unsorted, beside the same ones packed into one row without padding, where attention stays within each conversation:
by a mask, or one conversation after the other. Measured is one transformer block, forward and backward, in bf16, in
seconds of one core (other programs do not disturb them); the result is the same in all four.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine import paths
from engine.data.conversations import ConversationData
from engine.data.dataset import open_dataset
from engine.data.encode import encoder, talk
from engine.data.examples import Conversation
from engine.data.order import batch_at
from engine.data.report import Report
from engine.gpt.tokenizer import Tokenizer

BATCH, WIDTH, HEADS = 16, 256, 4
Attend = Callable[[Tensor, Tensor, Tensor], Tensor]


def main(arguments: list[str]) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    lengths = conversation_lengths(Path(arguments[0]))
    batches = int(arguments[1]) if len(arguments) > 1 else 20
    weights = [
        torch.randn(n, m, requires_grad=True)
        for n, m in ((3, 1), (1, 1), (4, 1), (1, 4))
        for n, m in [(n * WIDTH, m * WIDTH)]
    ]
    seconds = dict.fromkeys(("unsorted", "sorted", "packed, one by one", "packed, by a mask"), 0.0)
    padding = dict.fromkeys(("unsorted", "sorted"), 0)
    tokens = 0
    for number in range(batches):
        chosen = lengths[batch_at(0, len(lengths), number, BATCH, lengths)]
        unsorted = lengths[batch_at(0, len(lengths), number, BATCH)]
        tokens += int(chosen.sum())
        padding["sorted"] += BATCH * int(chosen.max()) - int(chosen.sum())
        padding["unsorted"] += BATCH * int(unsorted.max()) - int(unsorted.sum())
        seconds["unsorted"] += measure(weights, BATCH, int(unsorted.max()), causal)
        seconds["sorted"] += measure(weights, BATCH, int(chosen.max()), causal)
        seconds["packed, one by one"] += measure(weights, 1, int(chosen.sum()), one_by_one(chosen.tolist()))
        seconds["packed, by a mask"] += measure(weights, 1, int(chosen.sum()), masked(chosen.tolist()))
    print(f"{len(lengths)} conversations of {lengths.mean():.0f} tokens; {batches} batches of {BATCH}")
    for name, spent in seconds.items():
        wasted = f", {padding[name] / (tokens + padding[name]):.1%} padding" if name in padding else ""
        print(f"{name:20} {spent:7.2f} s, {spent / seconds['sorted']:.2f} of sorted{wasted}")


def conversation_lengths(path: Path) -> np.ndarray:
    encode = encoder(Tokenizer.load(paths.resource("starter")))
    examples = (example for _, example in open_dataset(path).examples(Report()))
    talks = (talk(example.messages, "replies") for example in examples if isinstance(example, Conversation))
    return ConversationData.encode(talks, encode, 1024, 0, Report()).training().lengths - 1


def measure(weights: list[Tensor], rows: int, length: int, attend: Attend) -> float:
    """Seconds of one core for a block over (rows, length); the best of three."""
    best = float("inf")
    for _ in range(3):
        x = torch.randn(rows, length, WIDTH, requires_grad=True)
        began = time.process_time()
        with torch.autocast("cpu", torch.bfloat16):
            q, k, v = F.linear(x, weights[0]).view(rows, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
            y = x + F.linear(attend(q, k, v).transpose(1, 2).flatten(2), weights[1])
            y = y + F.linear(F.silu(F.linear(y, weights[2])), weights[3])
        y.sum().backward()
        best = min(best, time.process_time() - began)
    return best


def causal(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


def one_by_one(lengths: list[int]) -> Attend:
    def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        parts = zip(*(x.split(lengths, dim=2) for x in (q, k, v)), strict=True)
        return torch.cat([causal(*part) for part in parts], dim=2)

    return attend


def masked(lengths: list[int]) -> Attend:
    number = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    mask = (number[:, None] == number[None]).tril()
    return lambda q, k, v: F.scaled_dot_product_attention(q, k, v, mask)


if __name__ == "__main__":
    main(sys.argv[1:])
