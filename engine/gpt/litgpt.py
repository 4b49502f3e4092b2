"""LitGPT's folders, read and written: lit_model.pth with model_config.yaml beside the tokenizer's files.

Its shapes Llama, Mistral, Qwen2 and Qwen3 are ours under other names, with queries, keys and values in one matrix.
Names and fields: github.com/Lightning-AI/litgpt, litgpt/config.py and litgpt/scripts/convert_hf_checkpoint.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine import files
from engine.errors import EngineError, from_os_error
from engine.gpt import hf, torch_zip
from engine.gpt.assembly import OnLoad, assemble, unheard
from engine.gpt.config import GPTConfig
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import phrase

WEIGHTS, SETTINGS = "lit_model.pth", "model_config.yaml"
_LARGEST_SETTINGS = 2**20

_TENSORS = {
    "transformer.wte.weight": ("embedding.weight",),
    "transformer.h.{n}.norm_1.weight": ("blocks.{n}.attention_norm.weight",),
    "transformer.h.{n}.attn.qkv.weight": (
        "blocks.{n}.attention.query.weight",
        "blocks.{n}.attention.key.weight",
        "blocks.{n}.attention.value.weight",
    ),
    "transformer.h.{n}.attn.qkv.bias": (
        "blocks.{n}.attention.query.bias",
        "blocks.{n}.attention.key.bias",
        "blocks.{n}.attention.value.bias",
    ),
    "transformer.h.{n}.attn.norm_q.weight": ("blocks.{n}.attention.query_norm.weight",),
    "transformer.h.{n}.attn.norm_k.weight": ("blocks.{n}.attention.key_norm.weight",),
    "transformer.h.{n}.attn.proj.weight": ("blocks.{n}.attention.output.weight",),
    "transformer.h.{n}.norm_2.weight": ("blocks.{n}.feed_forward_norm.weight",),
    "transformer.h.{n}.mlp.fc_1.weight": ("blocks.{n}.feed_forward.gate.weight",),
    "transformer.h.{n}.mlp.fc_2.weight": ("blocks.{n}.feed_forward.up.weight",),
    "transformer.h.{n}.mlp.proj.weight": ("blocks.{n}.feed_forward.down.weight",),
    "transformer.ln_f.weight": ("norm.weight",),
    "lm_head.weight": ("output.weight",),  # always there; a copy of the embedding where that is the output layer
}

_FIELDS = {
    "block_size": "context",
    "n_layer": "layers",
    "n_embd": "width",
    "padded_vocab_size": "vocabulary",
    "n_head": "heads",
    "n_query_groups": "kv_heads",
    "head_size": "head_dim",
    "intermediate_size": "feed_forward",
    "norm_eps": "norm_epsilon",
    "rope_base": "rope_theta",
}
# What every shape here has in LitGPT; a file that says otherwise is of another one.
_FIXED = {
    "norm_class_name": "RMSNorm",
    "mlp_class_name": "LLaMAMLP",
    "norm_qk_type": "default",
    "rotary_percentage": 1.0,
    "parallel_residual": False,
    "shared_attention_norm": False,
    "post_attention_norm": False,
    "post_mlp_norm": False,
    "bias": False,
    "lm_head_bias": False,
    "scale_embeddings": False,
    "n_expert": 0,
    "attention_scores_scalar": None,
    "attention_logit_softcapping": None,
    "final_logit_softcapping": None,
    "latent_attention": None,
    "rope_local_base_freq": None,
    "norm_1": True,
    "norm_2": True,
}
# Whether there are biases on queries, keys and values, and norms on queries and keys: the shapes that LitGPT has.
_SHAPES = {(False, False): "llama", (True, False): "qwen2", (False, True): "qwen3"}
_ADJUSTMENTS = {
    "factor": "rope_factor",
    "low_freq_factor": "rope_low_factor",
    "high_freq_factor": "rope_high_factor",
    "original_max_seq_len": "rope_original_context",
}


def tensor_names(config: GPTConfig) -> dict[str, tuple[str, ...]]:
    """Every tensor of a folder with this configuration, and the parameters of ours stacked in it."""
    table = {}
    for theirs, ours in _TENSORS.items():
        if not _has(config, theirs):
            continue
        parts = ("embedding.weight",) if theirs == "lm_head.weight" and config.tied else ours
        for layer in range(config.layers if "{n}" in theirs else 1):
            table[theirs.format(n=layer)] = tuple(part.format(n=layer) for part in parts)
    return table


def _has(config: GPTConfig, name: str) -> bool:
    if name.endswith("qkv.bias"):
        return config.qkv_bias
    return config.shape == "qwen3" or not re.search(r"\.norm_[qk]\.", name)


# --- reading ---------------------------------------------------------------------------------------------------------


def load(folder: str | Path, on_load: OnLoad = unheard) -> tuple[GPT, Tokenizer]:
    """The model of a LitGPT folder, float32, in evaluation mode, and its tokenizer.

    Raises EngineError as `torch_zip.read`, `assembly.assemble` and `Tokenizer.load` do, `unsupported_config` and
    `bad_config`.
    """
    folder = Path(folder)
    value = torch_zip.read(folder / WEIGHTS)
    state = value.get("model", value)
    stored = torch_zip.tensors(state) if isinstance(state, dict) else {}
    config = read_config(folder)
    embedding, output = (stored.get(name) for name in ("transformer.wte.weight", "lm_head.weight"))
    if embedding and output and embedding.shape == output.shape:
        config = replace(config, tied=torch.equal(embedding.read(), output.read()))
    model = assemble(config, stored, tensor_names(config), str(folder / WEIGHTS), on_load=on_load)
    return model, Tokenizer.load(folder)


def read_config(folder: Path) -> GPTConfig:
    """The configuration of a folder. Raises EngineError as `config_from` does, and `bad_config`."""
    return config_from(read_settings(folder / SETTINGS), str(folder / SETTINGS))


def config_from(settings: Mapping[str, Any], place: str) -> GPTConfig:
    """The configuration in a model_config.yaml. Raises EngineError `unsupported_config`, `bad_config`."""
    for field, value in _FIXED.items():
        if (found := settings.get(field, value)) != value:
            raise EngineError("unsupported_config", place=place, field=field, value=str(found)[:80])
    norms = bool(settings.get("norm_qk"))
    biases = bool(settings.get("attn_bias"))
    if biases and norms:
        raise EngineError("unsupported_config", place=place, field="attn_bias", value=phrase("true beside norm_qk"))
    window = settings.get("sliding_window_size")
    shape = "mistral" if window and not biases and not norms else _SHAPES[biases, norms]
    if window and shape != "mistral":
        raise EngineError("unsupported_config", place=place, field="sliding_window_size", value=str(window)[:80])
    if missing := next((theirs for theirs in _FIELDS if settings.get(theirs) is None), None):
        raise EngineError("bad_config", place=place, field=missing, reason=phrase("is missing"))
    values = {ours: settings[theirs] for theirs, ours in _FIELDS.items()}
    values |= {name: float(values[name]) for name in ("rope_theta",) if isinstance(values[name], int)}
    try:
        config = GPTConfig(shape=shape, qkv_bias=biases, window=window or 0, **values)
        return replace(config, **_scaling(settings, place))
    except EngineError as error:
        raise EngineError(error.code, **(error.data | {"place": place})) from error


def _scaling(settings: Mapping[str, Any], place: str) -> dict[str, Any]:
    """How rotations are stretched: Llama 3.1's way by a block of its own, all alike by a number."""
    block, ratio = settings.get("rope_adjustments"), settings.get("rope_condense_ratio", 1)
    if isinstance(block, dict) and block:
        numbers: dict[str, Any] = {ours: block.get(theirs) for theirs, ours in _ADJUSTMENTS.items()}
        if any(number is None for number in numbers.values()):
            raise EngineError("unsupported_config", place=place, field="rope_adjustments", value=str(block)[:80])
        return {"rope_scaling": "llama3", **{k: float(v) if "context" not in k else v for k, v in numbers.items()}}
    return {"rope_scaling": "linear", "rope_factor": float(ratio)} if ratio != 1 else {}


# --- writing ---------------------------------------------------------------------------------------------------------


def settings_of(config: GPTConfig, name: str) -> dict[str, Any]:
    """The fields of a model_config.yaml. Raises EngineError `litgpt_lacks` for a shape LitGPT has not."""
    if config.shape not in (*_SHAPES.values(), "mistral"):
        known = ", ".join(sorted({*_SHAPES.values(), "mistral"}))
        raise EngineError("litgpt_lacks", shape=config.shape, known=known)
    values = asdict(config)
    settings = {theirs: values[ours] for theirs, ours in _FIELDS.items()}
    settings |= {theirs: value for theirs, value in _FIXED.items() if value is not None}
    settings |= {
        "name": name,
        "hf_config": {"name": name, "org": "seedling"},
        "vocab_size": config.vocabulary,
        "norm_qk": config.shape == "qwen3",
        "attn_bias": config.qkv_bias,
        "sliding_window_size": config.window or None,
        "rope_base": int(config.rope_theta) if config.rope_theta == int(config.rope_theta) else config.rope_theta,
    }
    if config.rope_scaling == "llama3":
        settings["rope_adjustments"] = {theirs: values[ours] for theirs, ours in _ADJUSTMENTS.items()}
    if config.rope_scaling == "linear":
        settings["rope_condense_ratio"] = config.rope_factor
    return settings


def save(model: GPT, tokenizer: Tokenizer, folder: str | Path, name: str, dtype: torch.dtype, card: str) -> None:
    """Write a LitGPT folder, whole or not at all; one of ours that stands there is replaced.

    It also has a config.json and a generation_config.json, in which LitGPT looks for the tokens around a text.
    Raises EngineError `litgpt_lacks`, `folder_in_use`, `bad_tokenizer`, or what the system says.
    """
    folder, settings = Path(folder), settings_of(model.config, name)
    hf.refuse_other_files(folder, _OURS)
    parameters = dict(model.named_parameters())
    state: dict[str, Tensor] = {}
    for theirs, ours in tensor_names(model.config).items():
        state[theirs] = torch.cat([parameters[part].detach().cpu() for part in ours]).to(dtype)
    try:
        with files.whole_folder(folder) as partial:
            tokenizer.save(partial, context=model.config.context)
            files.write_json(partial / "config.json", hf.config_to_json(model.config, dtype, tokenizer.end_id))
            ends = {"bos_token_id": tokenizer.begin_id, "eos_token_id": sorted(tokenizer.end_ids)}
            files.write_json(partial / "generation_config.json", {name: id for name, id in ends.items() if id != -1})
            files.write_bytes(partial / "README.md", card.encode())
            files.write_bytes(partial / SETTINGS, to_yaml(settings).encode())
            _write_weights(partial / WEIGHTS, state)
    except OSError as error:
        raise from_os_error(error) from error


def _write_weights(path: Path, state: dict[str, Tensor]) -> None:
    """Raises OSError, which torch hides behind an error of its own."""
    try:
        with open(path, "wb") as file:
            torch.save(state, file)
    except RuntimeError as error:
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise


_OURS = re.compile(
    r"(config|generation_config|tokenizer|tokenizer_config|special_tokens_map)\.json"
    r"|lit_model\.pth|model_config\.yaml|chat_template\.jinja|README\.md"
)


# --- model_config.yaml: names and plain values, one block deep ------------------------------------------------------


def to_yaml(values: Mapping[str, Any], indent: str = "") -> str:
    """Sorted lines `name: value`; a dictionary is a block of its own."""
    lines = []
    for name, value in sorted(values.items()):
        if isinstance(value, dict):
            lines.append(f"{indent}{name}:\n{to_yaml(value, indent + '  ')}")
        else:
            lines.append(f"{indent}{name}: {_written(value)}\n")
    return "".join(lines)


def _written(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):  # a number needs its point there
        mantissa, exponent, power = repr(value).partition("e")
        return (mantissa if "." in mantissa else f"{mantissa}.0") + exponent + power
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def read_settings(path: Path) -> dict[str, Any]:
    """The fields of a model_config.yaml. Lists, which only other shapes have, are passed over.

    Raises EngineError `bad_config` for a line that is not `name: value`.
    """
    try:
        text = path.read_bytes()[:_LARGEST_SETTINGS].decode("utf-8-sig", "replace")
    except OSError as error:
        raise from_os_error(error) from error
    settings: dict[str, Any] = {}
    block: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(("#", "- ")):
            continue
        found = re.fullmatch(r"( *)([\w.]+):(?: +(.*))?", line.rstrip())
        if not found:
            field, reason = phrase("line {number}", number=number), phrase("is not a name and a value")
            raise EngineError("bad_config", place=str(path), field=field, reason=reason)
        inner, name, value = found[1], found[2], found[3]
        if inner:
            block[name] = _value(value)
        elif value is None:
            settings[name] = block = {}
        else:
            settings[name] = _value(value)
    return settings


def _value(text: str | None) -> Any:
    """A plain value of YAML as PyYAML writes it."""
    text = (text or "").strip()
    if text in ("", "null", "~", "true", "false"):
        return {"true": True, "false": False}.get(text)
    if re.fullmatch(r"[-+]?\d+", text):
        return int(text)
    if re.fullmatch(r"[-+]?\d*\.\d*(e[-+]?\d+)?", text, re.IGNORECASE) and text.strip("+-.") != "":
        return float(text)
    return text.strip("'\"")
