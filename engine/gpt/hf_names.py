"""How each family's Hugging Face folder spells what `config.py` and `model.py` hold: one table per family."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import EngineError
from engine.gpt.config import GPTConfig
from engine.phrases import phrase

_NEVER = re.compile("(?!)")
Tensors = dict[str, str | tuple[str, ...]]


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
    head: the name of the output layer. prefix: what files of the bare model, without its head, leave out.
    scalings: the values of `rope_scaling` that are read, beside none.
    transposed: their matrices that are stored (in, out). interleaved: their tensors that stack ours head by head.
    ignored: buffers of old files that hold no weights.
    """

    architecture: str
    prefix: str
    fields: dict[str, str]
    defaults: dict[str, Any]
    fixed: dict[str, tuple[Any, ...]]
    tensors: Tensors
    complete: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
    extras: Callable[[GPTConfig], dict[str, Any]] = lambda config: {}
    copies: dict[str, str] = field(default_factory=dict)
    scalings: tuple[str, ...] = ()
    transposed: re.Pattern[str] = _NEVER
    interleaved: re.Pattern[str] = _NEVER
    head: str = "lm_head.weight"
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


# Numbers of a stretched rotation: ours -> theirs, in `rope_parameters` and `rope_scaling`.
ROPE_NUMBERS = {
    "rope_factor": "factor",
    "rope_low_factor": "low_freq_factor",
    "rope_high_factor": "high_freq_factor",
    "rope_original_context": "original_max_position_embeddings",
}
_ROPE_NEEDS = {"linear": ("rope_factor",), "llama3": tuple(ROPE_NUMBERS)}


def _complete_llama(values: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Sizes that may be left out, and the rotation.

    Raises EngineError `unsupported_config` for layers of several kinds.
    """
    _require_layer_types(data, lambda layer: "full_attention")
    return _complete_sizes(values) | _read_rope(values, data)


def _complete_mistral(values: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """As in Llama, and a window that may be none."""
    kind = "full_attention" if values["window"] is None else "sliding_attention"
    _require_layer_types(data, lambda layer: kind)
    return _complete_sizes(values) | _read_rope(values, data) | {"window": values["window"] or 0}


def _complete_gemma2(values: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """As in Llama; every second layer is without a window."""
    _require_layer_types(data, lambda layer: LAYER_TYPES[layer % 2 == 0])
    return values | {"global_every": 2} | _read_rope(values, data)


def _complete_gemma3(values: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """As in Llama; every sixth layer is without a window, and those with one have a rotation of their own.

    transformers 5 keeps both in `rope_parameters`, by the names of the layer types.
    """
    _require_layer_types(data, lambda layer: LAYER_TYPES[layer % 6 != 5])
    rope = data.get("rope_parameters")
    if isinstance(rope, dict) and LAYER_TYPES[0] in rope:
        data = data | {"rope_parameters": rope[LAYER_TYPES[0]]}
        usual = {"rope_theta": values["local_rope_theta"]}
        local = _read_rotation("rope_parameters", rope.get(LAYER_TYPES[1]) or {}, usual, scalings=())
        values |= {"local_rope_theta": local["rope_theta"]}
    return values | {"global_every": 6} | _read_rope(values, data)


LAYER_TYPES = ("full_attention", "sliding_attention")  # without and with a window


def _layer_types(config: GPTConfig) -> list[str]:
    return [LAYER_TYPES[config.windowed(layer)] for layer in range(config.layers)]


def _require_layer_types(data: dict[str, Any], expected: Callable[[int], str]) -> None:
    """Raises EngineError `unsupported_config` where `layer_types` is there and says another thing."""
    kinds = data.get("layer_types") or []
    for layer, kind in enumerate(kinds if isinstance(kinds, list) else [kinds]):
        if kind != expected(layer):
            raise EngineError("unsupported_config", field="layer_types", value=str(kind)[:80])


def _complete_sizes(values: dict[str, Any]) -> dict[str, Any]:
    """Key/value heads are as many as heads, and heads divide the width, where nothing else is said."""
    width, heads = values["width"], values["heads"]
    if values.get("kv_heads") is None:
        values |= {"kv_heads": heads}
    if values.get("head_dim") is None:
        values |= {"head_dim": max(1, width // heads) if _counts(width, heads) else 1}
    return values


def _read_rope(values: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """transformers 5 keeps the base of the rotation and its stretching in `rope_parameters`, older files the base
    beside the other fields and the stretching in `rope_scaling`.

    Raises EngineError `unsupported_config` for a stretching that the family is not known to have.
    """
    found: dict[str, Any] = {}
    for name in ("rope_parameters", "rope_scaling"):
        if data.get(name) is not None:
            found |= _read_rotation(name, data[name], values, FAMILIES[data["model_type"]].scalings)
    return found


def _read_rotation(name: str, rope: Any, values: dict[str, Any], scalings: tuple[str, ...]) -> dict[str, Any]:
    kind = rope.get("rope_type", rope.get("type", "default")) if isinstance(rope, dict) else rope
    if kind not in ("default", *scalings) or not isinstance(rope, dict):
        raise EngineError("unsupported_config", field=name, value=str(kind)[:80])
    found = {"rope_theta": rope.get("rope_theta", values["rope_theta"])}
    if "rotary_share" in values:
        found |= {"rotary_share": rope.get("partial_rotary_factor", values["rotary_share"])}
    if kind != "default":
        numbers = {ours: rope.get(ROPE_NUMBERS[ours]) for ours in _ROPE_NEEDS[kind]}
        found |= {"rope_scaling": kind, **numbers}
    return found


def _write_rope(config: GPTConfig) -> dict[str, Any]:
    """The rotation in both spellings."""
    stretch = {"rope_type": config.rope_scaling or "default"}
    stretch |= {ROPE_NUMBERS[ours]: getattr(config, ours) for ours in _ROPE_NEEDS.get(config.rope_scaling, ())}
    older = {"rope_scaling": stretch} if config.rope_scaling else {}
    share = {"partial_rotary_factor": config.rotary_share} if config.rotary_share != 1 else {}
    return {"rope_parameters": stretch | {"rope_theta": config.rope_theta, **share}, **older}


_LLAMA_FIELDS = _COMMON | {
    "context": "max_position_embeddings",
    "width": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "kv_heads": "num_key_value_heads",
    "feed_forward": "intermediate_size",
    "dropout": "attention_dropout",
    "norm_epsilon": "rms_norm_eps",
    "rope_theta": "rope_theta",
}
_LLAMA_DEFAULTS: dict[str, Any] = {
    "num_key_value_heads": None,
    "attention_dropout": 0.0,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10_000.0,
    "tie_word_embeddings": False,
}
_LLAMA_TENSORS: Tensors = {
    "model.embed_tokens.weight": "embedding.weight",
    "model.layers.{n}.input_layernorm.weight": "blocks.{n}.attention_norm.weight",
    "model.layers.{n}.self_attn.q_proj.weight": "blocks.{n}.attention.query.weight",
    "model.layers.{n}.self_attn.k_proj.weight": "blocks.{n}.attention.key.weight",
    "model.layers.{n}.self_attn.v_proj.weight": "blocks.{n}.attention.value.weight",
    "model.layers.{n}.self_attn.o_proj.weight": "blocks.{n}.attention.output.weight",
    "model.layers.{n}.post_attention_layernorm.weight": "blocks.{n}.feed_forward_norm.weight",
    "model.layers.{n}.mlp.gate_proj.weight": "blocks.{n}.feed_forward.gate.weight",
    "model.layers.{n}.mlp.up_proj.weight": "blocks.{n}.feed_forward.up.weight",
    "model.layers.{n}.mlp.down_proj.weight": "blocks.{n}.feed_forward.down.weight",
    "model.norm.weight": "norm.weight",
    "lm_head.weight": "output.weight",
}
_HEAD_NORMS: Tensors = {
    "model.layers.{n}.self_attn.q_norm.weight": "blocks.{n}.attention.query_norm.weight",
    "model.layers.{n}.self_attn.k_norm.weight": "blocks.{n}.attention.key_norm.weight",
}
_QKV_BIASES: Tensors = {
    "model.layers.{n}.self_attn.q_proj.bias": "blocks.{n}.attention.query.bias",
    "model.layers.{n}.self_attn.k_proj.bias": "blocks.{n}.attention.key.bias",
    "model.layers.{n}.self_attn.v_proj.bias": "blocks.{n}.attention.value.bias",
}

LLAMA = Names(
    architecture="LlamaForCausalLM",
    prefix="model.",
    fields=_LLAMA_FIELDS | {"head_dim": "head_dim"},
    defaults=_LLAMA_DEFAULTS | {"head_dim": None},
    fixed={"hidden_act": ("silu",), "attention_bias": (False,), "mlp_bias": (False,)},
    complete=_complete_llama,
    extras=_write_rope,
    scalings=("linear", "llama3"),
    tensors=_LLAMA_TENSORS,
    ignored=re.compile(r"\.rotary_emb\.inv_freq$"),
)

QWEN2 = replace(
    LLAMA,
    architecture="Qwen2ForCausalLM",
    fields=_LLAMA_FIELDS,
    defaults=_LLAMA_DEFAULTS | {"num_key_value_heads": 32},
    fixed={"hidden_act": ("silu",), "use_sliding_window": (False,)},
    complete=lambda values, data: _complete_llama(values, data) | {"qkv_bias": True},
    scalings=(),
    tensors=_LLAMA_TENSORS | _QKV_BIASES,
)

MISTRAL = replace(
    LLAMA,
    architecture="MistralForCausalLM",
    fields=LLAMA.fields | {"window": "sliding_window"},
    defaults=LLAMA.defaults | {"num_key_value_heads": 8, "sliding_window": 4096},
    fixed={"hidden_act": ("silu",)},
    complete=_complete_mistral,
    extras=lambda config: _write_rope(config) | {"sliding_window": config.window or None},
    scalings=(),
)

QWEN3 = replace(
    LLAMA,
    architecture="Qwen3ForCausalLM",
    defaults=_LLAMA_DEFAULTS | {"head_dim": 128},
    fixed={"hidden_act": ("silu",), "attention_bias": (False,), "use_sliding_window": (False,)},
    scalings=(),
    tensors=_LLAMA_TENSORS | _HEAD_NORMS,
)

_POST_NORMS: Tensors = {
    "model.layers.{n}.post_attention_layernorm.weight": "blocks.{n}.attention_post_norm.weight",
    "model.layers.{n}.pre_feedforward_layernorm.weight": "blocks.{n}.feed_forward_norm.weight",
    "model.layers.{n}.post_feedforward_layernorm.weight": "blocks.{n}.feed_forward_post_norm.weight",
}
_GEMMA_FIXED = {
    "hidden_activation": ("gelu_pytorch_tanh",),
    "attention_bias": (False,),
    "use_bidirectional_attention": (False, None),
}

GEMMA2 = replace(
    LLAMA,
    architecture="Gemma2ForCausalLM",
    fields=LLAMA.fields
    | {
        "window": "sliding_window",
        "query_scalar": "query_pre_attn_scalar",
        "attention_softcap": "attn_logit_softcapping",
        "logit_softcap": "final_logit_softcapping",
    },
    defaults=LLAMA.defaults
    | {
        "num_key_value_heads": 4,
        "head_dim": 256,
        "sliding_window": 4096,
        "query_pre_attn_scalar": 256,
        "attn_logit_softcapping": 50.0,
        "final_logit_softcapping": 30.0,
        "tie_word_embeddings": True,
    },
    fixed=_GEMMA_FIXED,
    complete=_complete_gemma2,
    extras=lambda config: _write_rope(config) | {"layer_types": _layer_types(config)},
    scalings=(),
    tensors=_LLAMA_TENSORS | _POST_NORMS,
)


def _write_gemma3(config: GPTConfig) -> dict[str, Any]:
    local = {"rope_type": "default", "rope_theta": config.local_rope_theta}
    rope = _write_rope(config)
    both = dict(zip(LAYER_TYPES, (rope["rope_parameters"], local), strict=True))
    return rope | {"rope_parameters": both, "layer_types": _layer_types(config)}


GEMMA3 = replace(
    LLAMA,
    architecture="Gemma3ForCausalLM",
    fields=LLAMA.fields
    | {
        "window": "sliding_window",
        "query_scalar": "query_pre_attn_scalar",
        "local_rope_theta": "rope_local_base_freq",
    },
    defaults=LLAMA.defaults
    | {
        "num_key_value_heads": 4,
        "head_dim": 256,
        "sliding_window": 4096,
        "query_pre_attn_scalar": 256,
        "rope_theta": 1_000_000.0,
        "rope_local_base_freq": 10_000.0,
        "tie_word_embeddings": True,
    },
    fixed=_GEMMA_FIXED
    | {"attn_logit_softcapping": (None,), "final_logit_softcapping": (None,), "sliding_window_pattern": (6,)},
    complete=_complete_gemma3,
    extras=_write_gemma3,
    scalings=("linear",),
    tensors=_LLAMA_TENSORS | _HEAD_NORMS | _POST_NORMS,
)

OLMO2 = replace(
    LLAMA,
    architecture="Olmo2ForCausalLM",
    fields=_LLAMA_FIELDS,
    defaults=_LLAMA_DEFAULTS | {"rms_norm_eps": 1e-5},
    fixed={"hidden_act": ("silu",), "attention_bias": (False,)},
    scalings=(),
    tensors={
        theirs: ours
        for theirs, ours in (_LLAMA_TENSORS | _HEAD_NORMS | _POST_NORMS).items()
        if "input_layernorm" not in theirs and "pre_feedforward" not in theirs
    },
)


def with_biases(tensors: Mapping[str, str | tuple[str, ...]]) -> dict[str, Any]:
    """A bias beside every weight but those of the embedding and the output layer."""
    table = {theirs: (ours,) if isinstance(ours, str) else ours for theirs, ours in tensors.items()}
    return table | {
        theirs.replace("weight", "bias"): tuple(part.replace("weight", "bias") for part in ours)
        for theirs, ours in table.items()
        if ours not in (("embedding.weight",), ("output.weight",))
    }


GPT_NEOX = Names(
    architecture="GPTNeoXForCausalLM",
    prefix="gpt_neox.",
    head="embed_out.weight",
    fields=_COMMON
    | {
        "context": "max_position_embeddings",
        "width": "hidden_size",
        "layers": "num_hidden_layers",
        "heads": "num_attention_heads",
        "feed_forward": "intermediate_size",
        "dropout": "attention_dropout",
        "norm_epsilon": "layer_norm_eps",
        "rope_theta": "rotary_emb_base",
        "rotary_share": "rotary_pct",
    },
    copies={"hidden_dropout": "dropout"},
    defaults={
        "attention_dropout": 0.0,
        "layer_norm_eps": 1e-5,
        "rotary_emb_base": 10_000.0,
        "rotary_pct": 0.25,
        "tie_word_embeddings": False,
    },
    fixed={"hidden_act": ("gelu",), "attention_bias": (True,), "use_parallel_residual": (True,)},
    complete=lambda values, data: _complete_llama(values, data) | {"qkv_bias": True},
    extras=_write_rope,
    tensors=with_biases(
        {
            "gpt_neox.embed_in.weight": "embedding.weight",
            "gpt_neox.layers.{n}.input_layernorm.weight": "blocks.{n}.attention_norm.weight",
            "gpt_neox.layers.{n}.attention.query_key_value.weight": (
                "blocks.{n}.attention.query.weight",
                "blocks.{n}.attention.key.weight",
                "blocks.{n}.attention.value.weight",
            ),
            "gpt_neox.layers.{n}.attention.dense.weight": "blocks.{n}.attention.output.weight",
            "gpt_neox.layers.{n}.post_attention_layernorm.weight": "blocks.{n}.feed_forward_norm.weight",
            "gpt_neox.layers.{n}.mlp.dense_h_to_4h.weight": "blocks.{n}.feed_forward.up.weight",
            "gpt_neox.layers.{n}.mlp.dense_4h_to_h.weight": "blocks.{n}.feed_forward.down.weight",
            "gpt_neox.final_layer_norm.weight": "norm.weight",
            "embed_out.weight": "output.weight",
        }
    ),
    interleaved=re.compile(r"\.query_key_value\.(weight|bias)$"),
    ignored=re.compile(r"\.attention\.(bias|masked_bias|rotary_emb\.inv_freq)$"),
)

STARCODER2 = replace(
    LLAMA,
    architecture="Starcoder2ForCausalLM",
    fields=_LLAMA_FIELDS | {"norm_epsilon": "norm_epsilon", "window": "sliding_window"},
    copies={"residual_dropout": "dropout", "embedding_dropout": "dropout"},
    defaults={
        "num_key_value_heads": 2,
        "attention_dropout": 0.0,
        "norm_epsilon": 1e-5,
        "rope_theta": 10_000.0,
        "sliding_window": None,
        "tie_word_embeddings": True,
    },
    fixed={"hidden_act": ("gelu_pytorch_tanh",), "use_bias": (True,)},
    complete=lambda values, data: _complete_mistral(values, data) | {"qkv_bias": True},
    extras=MISTRAL.extras,
    scalings=(),
    tensors=with_biases(
        {
            theirs.replace("up_proj", "c_fc").replace("down_proj", "c_proj"): ours
            for theirs, ours in _LLAMA_TENSORS.items()
            if "gate_proj" not in theirs
        }
    ),
)

PHI3 = replace(
    LLAMA,
    architecture="Phi3ForCausalLM",
    fields=_LLAMA_FIELDS | {"window": "sliding_window", "rotary_share": "partial_rotary_factor"},
    copies={"resid_pdrop": "dropout", "embd_pdrop": "dropout"},
    defaults=_LLAMA_DEFAULTS | {"rms_norm_eps": 1e-5, "sliding_window": None, "partial_rotary_factor": 1.0},
    fixed={"hidden_act": ("silu",)},
    complete=_complete_mistral,
    extras=lambda config: MISTRAL.extras(config) | {"original_max_position_embeddings": config.context},
    scalings=(),
    tensors={
        theirs: ours for theirs, ours in _LLAMA_TENSORS.items() if not re.search("[qkv]_proj|(gate|up)_proj", theirs)
    }
    | {
        "model.layers.{n}.self_attn.qkv_proj.weight": (
            "blocks.{n}.attention.query.weight",
            "blocks.{n}.attention.key.weight",
            "blocks.{n}.attention.value.weight",
        ),
        "model.layers.{n}.mlp.gate_up_proj.weight": (
            "blocks.{n}.feed_forward.gate.weight",
            "blocks.{n}.feed_forward.up.weight",
        ),
    },
)

FAMILIES = {
    "gpt2": GPT2,
    "llama": LLAMA,
    "mistral": MISTRAL,
    "qwen2": QWEN2,
    "qwen3": QWEN3,
    "gemma2": GEMMA2,
    "gemma3_text": GEMMA3,
    "olmo2": OLMO2,
    "gpt_neox": GPT_NEOX,
    "starcoder2": STARCODER2,
    "phi3": PHI3,
}


def config_from_json(data: dict[str, Any], place: str) -> GPTConfig:
    """The configuration in a config.json. Raises EngineError `unknown_family`, `unsupported_config`, `bad_config`."""
    family = data.get("model_type")
    if not isinstance(family, str) or family not in FAMILIES:
        raise EngineError("unknown_family", place=place, family=json.dumps(family)[:80], known=", ".join(FAMILIES))
    names = FAMILIES[family]
    for theirs, allowed in names.fixed.items():
        if (value := data.get(theirs, allowed[0])) not in allowed:
            raise EngineError("unsupported_config", place=place, field=theirs, value=json.dumps(value)[:80])
    if missing := [theirs for theirs in names.fields.values() if theirs not in data and theirs not in names.defaults]:
        raise EngineError("bad_config", place=place, field=missing[0], reason=phrase("is missing"))
    values = {ours: data.get(theirs, names.defaults.get(theirs)) for ours, theirs in names.fields.items()}
    try:
        return GPTConfig(shape=family, **names.complete(values, data))
    except EngineError as error:
        wrong = (names.fields | ROPE_NUMBERS).get(error.data["field"], error.data["field"])
        raise EngineError(error.code, **(error.data | {"place": place, "field": wrong})) from error


def tensor_names(config: GPTConfig) -> dict[str, tuple[str, ...]]:
    """Every tensor of a folder with this configuration, and the parameters of ours stacked in it."""
    table = {}
    for theirs, ours in FAMILIES[config.shape].tensors.items():
        if theirs == FAMILIES[config.shape].head and config.tied:
            continue
        parts = (ours,) if isinstance(ours, str) else ours
        for layer in range(config.layers if "{n}" in theirs else 1):
            table[theirs.format(n=layer)] = tuple(part.format(n=layer) for part in parts)
    return table
