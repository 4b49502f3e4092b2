"""Checkpoints of "Build a Large Language Model (From Scratch)", whose GPT-2 is our shape gpt2 under other names.

Read are the file of `torch.save(model.state_dict(), ...)` and that of `{"model_state_dict": ..., ...}`.
Names: github.com/rasbt/LLMs-from-scratch, ch04. The book keeps neither the number of heads nor a tokenizer with them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from engine.errors import EngineError
from engine.gpt import torch_zip
from engine.gpt.assembly import OnLoad, assemble, unheard
from engine.gpt.config import GPTConfig
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import phrase

_TENSORS = {
    "tok_emb.weight": "embedding.weight",
    "pos_emb.weight": "positions.weight",
    "trf_blocks.{n}.norm1.scale": "blocks.{n}.attention_norm.weight",
    "trf_blocks.{n}.norm1.shift": "blocks.{n}.attention_norm.bias",
    "trf_blocks.{n}.att.W_query.weight": "blocks.{n}.attention.query.weight",
    "trf_blocks.{n}.att.W_query.bias": "blocks.{n}.attention.query.bias",
    "trf_blocks.{n}.att.W_key.weight": "blocks.{n}.attention.key.weight",
    "trf_blocks.{n}.att.W_key.bias": "blocks.{n}.attention.key.bias",
    "trf_blocks.{n}.att.W_value.weight": "blocks.{n}.attention.value.weight",
    "trf_blocks.{n}.att.W_value.bias": "blocks.{n}.attention.value.bias",
    "trf_blocks.{n}.att.out_proj.weight": "blocks.{n}.attention.output.weight",
    "trf_blocks.{n}.att.out_proj.bias": "blocks.{n}.attention.output.bias",
    "trf_blocks.{n}.norm2.scale": "blocks.{n}.feed_forward_norm.weight",
    "trf_blocks.{n}.norm2.shift": "blocks.{n}.feed_forward_norm.bias",
    "trf_blocks.{n}.ff.layers.0.weight": "blocks.{n}.feed_forward.up.weight",
    "trf_blocks.{n}.ff.layers.0.bias": "blocks.{n}.feed_forward.up.bias",
    "trf_blocks.{n}.ff.layers.2.weight": "blocks.{n}.feed_forward.down.weight",
    "trf_blocks.{n}.ff.layers.2.bias": "blocks.{n}.feed_forward.down.bias",
    "final_norm.scale": "norm.weight",
    "final_norm.shift": "norm.bias",
    "out_head.weight": "output.weight",
}
_HEAD_DIM = 64  # of every model in the book
_BUFFER = re.compile(r"\.att\.mask$")


def load(path: str | Path, on_load: OnLoad = unheard) -> tuple[GPT, Tokenizer]:
    """The model of a checkpoint, float32, in evaluation mode, and the tokenizer that lies beside it.

    Raises EngineError as `torch_zip.read`, `assembly.assemble` and `Tokenizer.load` do, `bad_config`, and
    `unknown_checkpoint` when the names are not the book's.
    """
    path = Path(path)
    config, stored = _read(path)
    names = {}
    for theirs, ours in _TENSORS.items():
        if (theirs.endswith(("query.bias", "key.bias", "value.bias")) and not config.qkv_bias) or (
            theirs == "out_head.weight" and config.tied and theirs not in stored
        ):
            continue
        # An output layer that repeats the embedding is the embedding.
        ours = "embedding.weight" if theirs == "out_head.weight" and config.tied else ours
        for layer in range(config.layers if "{n}" in theirs else 1):
            names[theirs.format(n=layer)] = (ours.format(n=layer),)
    return assemble(config, stored, names, str(path), on_load=on_load), Tokenizer.load(path.parent)


def read_config(path: Path) -> GPTConfig:
    """The configuration of a checkpoint. Raises EngineError as `load` does."""
    return _read(path)[0]


def _read(path: Path) -> tuple[GPTConfig, dict[str, torch_zip.StoredTensor]]:
    value = torch_zip.read(path)
    state = value.get("model_state_dict", value)
    stored = torch_zip.tensors(state) if isinstance(state, dict) else {}
    stored = {name: tensor for name, tensor in stored.items() if not _BUFFER.search(name)}
    if not {"tok_emb.weight", "pos_emb.weight"} <= stored.keys():
        raise EngineError("unknown_checkpoint", place=str(path))
    return _config(stored, value, str(path)), stored


def _config(stored: Mapping[str, torch_zip.StoredTensor], value: Mapping[str, Any], place: str) -> GPTConfig:
    """The configuration that the shapes tell. Where the file says no number of heads, a head has 64 numbers."""
    (vocabulary, width), (context, _) = (stored[name].shape for name in ("tok_emb.weight", "pos_emb.weight"))
    given: dict[str, Any] = next(
        (value[key] for key in ("config", "model_config", "cfg") if isinstance(value.get(key), dict)), {}
    )
    heads = given.get("n_heads", width // _HEAD_DIM)
    up = stored.get("trf_blocks.0.ff.layers.0.weight")
    output = stored.get("out_head.weight")
    tied = output is None or (
        output.shape == (vocabulary, width) and torch.equal(output.read(), stored["tok_emb.weight"].read())
    )
    if not isinstance(heads, int) or heads < 1 or width % heads or ("n_heads" not in given and width % _HEAD_DIM):
        reason = phrase("does not divide the width ({width})", width=width)
        raise EngineError("bad_config", place=place, field="n_heads", reason=reason)
    layers = {int(found[1]) for name in stored if (found := re.match(r"trf_blocks\.(\d{1,4})\.", name))}
    return GPTConfig(
        shape="gpt2",
        vocabulary=vocabulary,
        context=context,
        width=width,
        layers=len(layers),
        heads=heads,
        kv_heads=heads,
        head_dim=width // heads,
        feed_forward=up.shape[0] if up else 4 * width,
        qkv_bias="trf_blocks.0.att.W_query.bias" in stored,
        tied=tied,
        norm_epsilon=1e-5,
    )
