"""LitGPT, as its command `litgpt pretrain` runs it: compiled; with `eager` the same without compiling.

.venv-peers/bin/python benchmarks/peers/litgpt_pretrain.py 12M [eager]     (by benchmarks/training.py)
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from turns import SHAPES, Turns, random_batch

turns = Turns()

import torch  # noqa: E402 (what is imported may print)
from litgpt.args import EvalArgs, TrainArgs  # noqa: E402
from litgpt.config import Config  # noqa: E402
from litgpt.data import DataModule  # noqa: E402
from litgpt.pretrain import setup  # noqa: E402
from torch import Tensor  # noqa: E402
from torch.utils.data import DataLoader, IterableDataset  # noqa: E402

shape = SHAPES[sys.argv[1]]
if "eager" in sys.argv:
    torch.compile = lambda model, **_: model


class RandomTokens(IterableDataset):
    def __init__(self, batches: int, in_turn: bool) -> None:
        self.batches, self.in_turn = batches, in_turn

    def __iter__(self) -> Iterator[Tensor]:
        for _ in range(self.batches):
            batch = torch.tensor(random_batch(shape, shape.context + 1))
            if self.in_turn:
                turns.wait()
            yield batch


class Data(DataModule):
    def connect(self, *_: object, **__: object) -> None:
        pass

    def train_dataloader(self) -> DataLoader:
        return DataLoader(RandomTokens(1_000_000, in_turn=True), batch_size=None)

    def val_dataloader(self) -> DataLoader:
        return DataLoader(RandomTokens(1, in_turn=False), batch_size=None)


config = Config(
    name="benchmark",
    block_size=shape.context,
    vocab_size=shape.vocabulary,
    padded_vocab_size=shape.vocabulary,
    n_layer=shape.layers,
    n_head=shape.heads,
    n_embd=shape.width,
    n_query_groups=shape.heads,
    head_size=shape.width // shape.heads,
    rotary_percentage=1.0,
    parallel_residual=False,
    bias=False,
    norm_class_name="RMSNorm",
    norm_eps=1e-6,
    norm_qk=True,
    mlp_class_name="LLaMAMLP",
    intermediate_size=shape.feed_forward,
)
train = TrainArgs(
    save_interval=None,
    log_interval=1,
    global_batch_size=shape.batch,
    micro_batch_size=shape.batch,
    max_tokens=10**12,
    max_norm=1.0,
    min_lr=4e-5,
    lr_warmup_steps=10,
    tie_embeddings=True,
)
with tempfile.TemporaryDirectory() as folder:
    setup(
        "benchmark",
        config,
        Path(folder),
        data=Data(),
        train=train,
        eval=EvalArgs(interval=10**9, final_validation=False),
        devices=1,
        logger_name="csv",
    )
