"""How each family's Hugging Face folder spells what `config.py` and `model.py` hold: one table per family."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.errors import EngineError
from engine.gpt.config import GPTConfig

_NEVER = re.compile("(?!)")


@dataclass(frozen=True)
class Names:
    """A family's names. In names of tensors, {n} stands for the layer.

    architecture: the class of transformers that reads the folder.
    fields: our field of the configuration -> theirs. defaults: what an absent field of theirs means.
    copies: further fields of theirs that say the same as one of our fields.
    fixed: fields of theirs that our modules take for granted, with the values that mean it; the first is written.
    complete: fills in, from config.json, the fields of ours that have no plain field of their own.
    extras: writes such fields.
    tensors: their name -> ours; several of ours are stacked along the output dimension.
    prefix: what files of the bare model, without its head, leave out.
    transposed: their matrices that are stored (in, out). ignored: buffers of old files that hold no weights.
    """

    architecture: str
    prefix: str
    fields: dict[str, str]
    defaults: dict[str, Any]
    fixed: dict[str, tuple[Any, ...]]
    tensors: dict[str, str | tuple[str, ...]]
    complete: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
    extras: Callable[[GPTConfig], dict[str, Any]] = lambda config: {}
    copies: dict[str, str] = field(default_factory=dict)
    transposed: re.Pattern[str] = _NEVER
    ignored: re.Pattern[str] = _NEVER


_COMMON = {"vocabulary": "vocab_size", "tied": "tie_word_embeddings"}


def _counts(*values: Any) -> bool:
    return all(isinstance(value, int) and value > 0 for value in values)


def _complete_gpt2(values: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Heads divide the width, and the feed-forward size may be left out."""
    width, heads = values["width"], values["heads"]
    sizes = {"kv_heads": heads, "head_dim": max(1, width // heads) if _counts(width, heads) else 1}
    if values["feed_forward"] is None:
        sizes["feed_forward"] = 4 * width if _counts(width) else 1
    return values | sizes


GPT2 = Names(
    architecture="GPT2LMHeadModel",
    prefix="transformer.",
    fields=_COMMON
    | {
        "context": "n_positions",
        "width": "n_embd",
        "layers": "n_layer",
        "heads": "n_head",
        "feed_forward": "n_inner",
        "dropout": "resid_pdrop",
        "norm_epsilon": "layer_norm_epsilon",
        "qkv_bias": "qkv_bias",  # a field of ours: the file always has these biases, zero where the model has none
    },
    defaults={
        "n_inner": None,
        "resid_pdrop": 0.0,
        "layer_norm_epsilon": 1e-5,
        "qkv_bias": True,
        "tie_word_embeddings": True,
    },
    copies={"n_ctx": "context", "embd_pdrop": "dropout", "attn_pdrop": "dropout"},  # llama.cpp's converter reads n_ctx
    fixed={
        "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
        "scale_attn_weights": (True,),
        "scale_attn_by_inverse_layer_idx": (False,),
        "add_cross_attention": (False,),
    },
    complete=_complete_gpt2,
    tensors={
        "transformer.wte.weight": "embedding.weight",
        "transformer.wpe.weight": "positions.weight",
        "transformer.h.{n}.ln_1.weight": "blocks.{n}.attention_norm.weight",
        "transformer.h.{n}.ln_1.bias": "blocks.{n}.attention_norm.bias",
        "transformer.h.{n}.attn.c_attn.weight": (
            "blocks.{n}.attention.query.weight",
            "blocks.{n}.attention.key.weight",
            "blocks.{n}.attention.value.weight",
        ),
        "transformer.h.{n}.attn.c_attn.bias": (
            "blocks.{n}.attention.query.bias",
            "blocks.{n}.attention.key.bias",
            "blocks.{n}.attention.value.bias",
        ),
        "transformer.h.{n}.attn.c_proj.weight": "blocks.{n}.attention.output.weight",
        "transformer.h.{n}.attn.c_proj.bias": "blocks.{n}.attention.output.bias",
        "transformer.h.{n}.ln_2.weight": "blocks.{n}.feed_forward_norm.weight",
        "transformer.h.{n}.ln_2.bias": "blocks.{n}.feed_forward_norm.bias",
        "transformer.h.{n}.mlp.c_fc.weight": "blocks.{n}.feed_forward.up.weight",
        "transformer.h.{n}.mlp.c_fc.bias": "blocks.{n}.feed_forward.up.bias",
        "transformer.h.{n}.mlp.c_proj.weight": "blocks.{n}.feed_forward.down.weight",
        "transformer.h.{n}.mlp.c_proj.bias": "blocks.{n}.feed_forward.down.bias",
        "transformer.ln_f.weight": "norm.weight",
        "transformer.ln_f.bias": "norm.bias",
        "lm_head.weight": "output.weight",
    },
    transposed=re.compile(r"\.(c_attn|c_proj|c_fc)\.weight$"),
    ignored=re.compile(r"\.attn\.(bias|masked_bias)$"),
)


def _complete_rope(values: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """transformers 5 keeps the base in `rope_parameters`, older files beside the other fields.

    Raises EngineError `unsupported_config` for stretched rotations and for attention within windows.
    """
    for name in ("rope_parameters", "rope_scaling"):
        rope = data.get(name)
        if rope is None:
            continue
        kind = rope.get("rope_type", rope.get("type", "default")) if isinstance(rope, dict) else rope
        if kind != "default":
            raise EngineError("unsupported_config", field=name, value=str(kind)[:80])
        values |= {"rope_theta": rope.get("rope_theta", values["rope_theta"])}
    layer_types = data.get("layer_types") or []
    other = (
        [kind for kind in layer_types if kind != "full_attention"] if isinstance(layer_types, list) else [layer_types]
    )
    if other:
        raise EngineError("unsupported_config", field="layer_types", value=str(other[0])[:80])
    return values | ({"kv_heads": values["heads"]} if values["kv_heads"] is None else {})


QWEN3 = Names(
    architecture="Qwen3ForCausalLM",
    prefix="model.",
    fields=_COMMON
    | {
        "context": "max_position_embeddings",
        "width": "hidden_size",
        "layers": "num_hidden_layers",
        "heads": "num_attention_heads",
        "kv_heads": "num_key_value_heads",
        "head_dim": "head_dim",
        "feed_forward": "intermediate_size",
        "dropout": "attention_dropout",
        "norm_epsilon": "rms_norm_eps",
        "rope_theta": "rope_theta",
    },
    defaults={
        "num_key_value_heads": None,
        "head_dim": 128,
        "attention_dropout": 0.0,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10_000.0,
        "tie_word_embeddings": False,
    },
    fixed={"hidden_act": ("silu",), "attention_bias": (False,), "use_sliding_window": (False,)},
    complete=_complete_rope,
    extras=lambda config: {"rope_parameters": {"rope_type": "default", "rope_theta": config.rope_theta}},
    tensors={
        "model.embed_tokens.weight": "embedding.weight",
        "model.layers.{n}.input_layernorm.weight": "blocks.{n}.attention_norm.weight",
        "model.layers.{n}.self_attn.q_proj.weight": "blocks.{n}.attention.query.weight",
        "model.layers.{n}.self_attn.k_proj.weight": "blocks.{n}.attention.key.weight",
        "model.layers.{n}.self_attn.v_proj.weight": "blocks.{n}.attention.value.weight",
        "model.layers.{n}.self_attn.q_norm.weight": "blocks.{n}.attention.query_norm.weight",
        "model.layers.{n}.self_attn.k_norm.weight": "blocks.{n}.attention.key_norm.weight",
        "model.layers.{n}.self_attn.o_proj.weight": "blocks.{n}.attention.output.weight",
        "model.layers.{n}.post_attention_layernorm.weight": "blocks.{n}.feed_forward_norm.weight",
        "model.layers.{n}.mlp.gate_proj.weight": "blocks.{n}.feed_forward.gate.weight",
        "model.layers.{n}.mlp.up_proj.weight": "blocks.{n}.feed_forward.up.weight",
        "model.layers.{n}.mlp.down_proj.weight": "blocks.{n}.feed_forward.down.weight",
        "model.norm.weight": "norm.weight",
        "lm_head.weight": "output.weight",
    },
    ignored=re.compile(r"\.rotary_emb\.inv_freq$"),
)

FAMILIES = {"gpt2": GPT2, "qwen3": QWEN3}


def tensor_names(config: GPTConfig) -> dict[str, tuple[str, ...]]:
    """Every tensor of a folder with this configuration, and the parameters of ours stacked in it."""
    table = {}
    for theirs, ours in FAMILIES[config.shape].tensors.items():
        if theirs == "lm_head.weight" and config.tied:
            continue
        parts = (ours,) if isinstance(ours, str) else ours
        for layer in range(config.layers if "{n}" in theirs else 1):
            table[theirs.format(n=layer)] = tuple(part.format(n=layer) for part in parts)
    return table
