"""A tiny Mamba with random weights, as a GGUF file: the kind of model whose state cannot go back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf_files import GGUF
from random_gpt import english_tokenizer, random_gpt

from engine.gpt import gguf

_WIDTH, _INNER, _STATE, _RANK, _KERNEL = 64, 128, 16, 4, 4


def write_mamba(path: Path, context: int = 512) -> Path:
    """One block (Gu & Dao 2023, arXiv:2312.00752), the vocabulary of `english_tokenizer`. Names as llama.cpp's
    `convert_hf_to_gguf.py` writes them.
    """
    gguf.write_gguf(random_gpt("llama", context=context), english_tokenizer(), path, "f32")
    model = GGUF.read(path)
    embedding = next(tensor for tensor in model.tensors if tensor[0] == "token_embd.weight")
    kept = [entry for entry in model.metadata if not entry[0].startswith("llama.")]
    model = GGUF(kept, [embedding]).set("general.architecture", "text", "mamba")
    sizes = {
        "context_length": context,
        "embedding_length": _WIDTH,
        "feed_forward_length": 0,
        "attention.head_count": 0,
        "block_count": 1,
        "vocab_size": embedding[1][1],
        "ssm.conv_kernel": _KERNEL,
        "ssm.inner_size": _INNER,
        "ssm.state_size": _STATE,
        "ssm.time_step_rank": _RANK,
    }
    for name, size in sizes.items():
        model.set(f"mamba.{name}", "u32", size)
    model.set("mamba.attention.layer_norm_rms_epsilon", "f32", 1e-5)
    draw = np.random.default_rng(0)
    shapes = {
        "attn_norm.weight": (_WIDTH,),
        "ssm_in.weight": (_WIDTH, 2 * _INNER),
        "ssm_conv1d.weight": (_KERNEL, _INNER),
        "ssm_conv1d.bias": (_INNER,),
        "ssm_x.weight": (_INNER, _RANK + 2 * _STATE),
        "ssm_dt.weight": (_RANK, _INNER),
        "ssm_dt.bias": (_INNER,),
        "ssm_a": (_STATE, _INNER),
        "ssm_d": (_INNER,),
        "ssm_out.weight": (_INNER, _WIDTH),
    }
    weights = {name: draw.normal(0, shape[0] ** -0.5, shape[::-1]) for name, shape in shapes.items()}
    weights["ssm_a"] = -np.exp(weights["ssm_a"])  # what is remembered fades
    model.tensors += [(f"blk.0.{name}", shapes[name], "F32", _raw(content)) for name, content in weights.items()]
    model.tensors.append(("output_norm.weight", (_WIDTH,), "F32", _raw(np.ones(_WIDTH))))
    return model.write(path)


def _raw(content: np.ndarray) -> bytes:
    return content.astype("<f4").tobytes()
