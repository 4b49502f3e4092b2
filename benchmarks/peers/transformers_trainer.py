"""transformers' Trainer, as its users run it: bf16, its default optimizer, collator and attention.

.venv-peers/bin/python benchmarks/peers/transformers_trainer.py 12M        (by benchmarks/training.py)
"""

from __future__ import annotations

import sys
import tempfile

from turns import SHAPES, Turns, random_batch

turns = Turns()

import torch  # noqa: E402 (what is imported may print)
from transformers import AutoModelForCausalLM, Qwen3Config, Trainer, TrainerCallback, TrainingArguments  # noqa: E402


class InTurn(TrainerCallback):
    def on_step_begin(self, *_: object, **__: object) -> None:
        turns.wait()


shape = SHAPES[sys.argv[1]]
config = Qwen3Config(
    vocab_size=shape.vocabulary,
    hidden_size=shape.width,
    intermediate_size=shape.feed_forward,
    num_hidden_layers=shape.layers,
    num_attention_heads=shape.heads,
    num_key_value_heads=shape.heads,
    head_dim=shape.width // shape.heads,
    max_position_embeddings=shape.context,
    tie_word_embeddings=True,
)
rows = [row for _ in range(16) for row in torch.tensor(random_batch(shape, shape.context))]
with tempfile.TemporaryDirectory() as folder:
    arguments = TrainingArguments(
        output_dir=folder,
        per_device_train_batch_size=shape.batch,
        max_steps=1_000_000,
        bf16=True,
        use_cpu=True,
        report_to="none",
        save_strategy="no",
    )
    Trainer(
        model=AutoModelForCausalLM.from_config(config),
        args=arguments,
        train_dataset=[{"input_ids": row, "labels": row} for row in rows],
        callbacks=[InTurn()],
    ).train()
