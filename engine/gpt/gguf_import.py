"""Open a GGUF file, quantized or not, as a model of ours, so that the very file a person chats with can be finetuned.

The header is checked by `preflight`, the configuration made from it and checked against `ARCHITECTURES`, which is read
here from right to left; then one tensor after the other is brought to float32 by the `gguf` library.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType
from torch import Tensor

from engine.errors import EngineError, from_os_error
from engine.gpt.assembly import OnLoad, assemble, unheard
from engine.gpt.config import GPTConfig, default_config
from engine.gpt.gguf import ARCHITECTURES, Architecture, context_of, tensor_names
from engine.gpt.gguf_tokenizer import read_tokenizer
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import phrase
from engine.runtime.gguf_header import GGUFHeader, GGUFTensor, shown
from engine.runtime.preflight import check_model

# Keys below the architecture's name -> our fields. Of several for one field the first in the file counts.
_FIELDS = {
    "context_length": "context",
    "embedding_length": "width",
    "block_count": "layers",
    "feed_forward_length": "feed_forward",
    "attention.head_count": "heads",
    "attention.head_count_kv": "kv_heads",
    "attention.key_length": "head_dim",
    "attention.layer_norm_rms_epsilon": "norm_epsilon",
    "attention.layer_norm_epsilon": "norm_epsilon",
    "rope.freq_base": "rope_theta",
    "rope.freq_base_swa": "local_rope_theta",
    "attention.sliding_window": "window",
    "attn_logit_softcapping": "attention_softcap",
    "final_logit_softcapping": "logit_softcap",
}
_NAMES = {architecture.name: shape for shape, architecture in reversed(ARCHITECTURES.items())}
_EMBEDDING, _OUTPUT, _ROPE_FREQS = "token_embd.weight", "output.weight", "rope_freqs.weight"


def load(path: str | Path, on_load: OnLoad = unheard) -> tuple[GPT, Tokenizer]:
    """The model and the tokenizer of a GGUF file: float32, in evaluation mode.

    Raises EngineError as `preflight.check_model` and `assembly.assemble` do, and `unknown_family`,
    `unsupported_config`, `bad_config`, `bad_tokenizer`.
    """
    path = Path(path)
    header = check_model(path)
    config = config_of(header)
    tokenizer = read_tokenizer(header)
    if tokenizer.vocabulary > config.vocabulary:
        counts = {"tokens": tokenizer.vocabulary, "rows": config.vocabulary}
        reason = phrase("it has {tokens} tokens and the model only {rows}", **counts)
        raise EngineError("bad_tokenizer", place=path.name, reason=reason)
    architecture = ARCHITECTURES[config.shape]
    computed = architecture.computed(config)
    stored = {name: _Stored(header, tensor) for name, tensor in header.tensors.items() if name not in computed}

    def undo(name: str, tensor: Tensor) -> Tensor:
        if architecture.paired.search(name):
            tensor = _unpair(tensor, config.head_dim)
        return tensor - 1 if architecture.raised.search(name) else tensor

    return assemble(config, stored, tensor_names(config), path.name, undo, on_load), tokenizer


def read_config(path: Path) -> GPTConfig:
    """The configuration of a GGUF file. Raises EngineError as `load` does."""
    return config_of(check_model(path))


# --- configuration ---------------------------------------------------------------------------------------------------


def config_of(header: GGUFHeader) -> GPTConfig:
    """The configuration in a header. Raises EngineError `unknown_family`, `unsupported_config`, `bad_config`."""
    place, name = header.path.name, header.architecture
    if name not in _NAMES:
        raise EngineError("unknown_family", place=place, family=shown(name), known=", ".join(_NAMES))
    architecture = ARCHITECTURES[_NAMES[name]]
    if _EMBEDDING not in header.tensors:
        raise EngineError("missing_tensor", place=place, tensor=_EMBEDDING)
    try:
        config = _with_scaling(header, _with_biases(header, _plain(header, architecture, _NAMES[name])))
    except EngineError as error:
        if error.code != "bad_config":
            raise
        raise EngineError("bad_config", **(error.data | {"place": place})) from error
    _check(header, config, architecture)
    return config


def _plain(header: GGUFHeader, architecture: Architecture, shape: str) -> GPTConfig:
    """What numbers of the header say. Fields of which llama.cpp knows one value only are what is usual."""
    found: dict[str, Any] = {
        ours: float(str(np.float32(value)))
        if isinstance(value, float)
        else value  # 1e-05, not what float32 makes of it
        for key, ours in reversed(_FIELDS.items())
        if (value := header.model_value(key)) is not None
    }
    heads, width = found.get("heads"), found.get("width")
    if not isinstance(heads, int) or not isinstance(width, int) or heads < 1:
        field, reason = "attention.head_count", phrase("is not a number")
        raise EngineError("bad_config", place=header.path.name, field=field, reason=reason)
    found.setdefault("kv_heads", heads)
    found.setdefault("head_dim", width // heads)
    rotary, size = header.model_value("rope.dimension_count"), found["head_dim"]
    if isinstance(rotary, int) and isinstance(size, int) and 0 < rotary < size:
        share = rotary / size
        found["rotary_share"] = share if int(size * share) == rotary else math.nextafter(share, 1)
    usual = default_config(shape, vocabulary=256, context=16, layers=1, width=8, heads=1)
    kept = {name: found[name] for name in found if name not in ("window", "local_rope_theta") or getattr(usual, name)}
    rows = header.tensors[_EMBEDDING].shape[-1]
    config = replace(usual, **kept, vocabulary=rows, tied=_OUTPUT not in header.tensors)
    if not architecture.ties and not config.tied:
        output, embedding = (_Stored(header, header.tensors[name]) for name in (_OUTPUT, _EMBEDDING))
        config = replace(config, tied=output.shape == embedding.shape and torch.equal(output.read(), embedding.read()))
    assumed: dict[str, Any] = dict(architecture.assumes(config))
    return replace(config, **assumed)


def _with_biases(header: GGUFHeader, config: GPTConfig) -> GPTConfig:
    """Whether there are biases on queries, keys and values. Of gpt2 llama.cpp wants them always: zeros are none."""
    biases = [t for name, t in header.tensors.items() if name.endswith(("attn_q.bias", "attn_qkv.bias"))]
    there = bool(biases) and (config.shape != "gpt2" or any(bool(_Stored(header, t).read().any()) for t in biases))
    return replace(config, qkv_bias=there)


# Llama 3.1 and its descendants; the factor stands in the file, the rest of its numbers does not.
_LLAMA3: dict[str, Any] = {"rope_scaling": "llama3", "rope_low_factor": 1.0, "rope_high_factor": 4.0}


def _with_scaling(header: GGUFHeader, config: GPTConfig) -> GPTConfig:
    """How rotations are stretched: said by a key, or by the factors of every pair of numbers."""
    kind = header.model_value("rope.scaling.type") or "none"
    factor = header.model_value("rope.scaling.factor")
    if kind not in ("none", "linear"):
        raise EngineError("unsupported_config", place=header.path.name, field="rope.scaling.type", value=shown(kind))
    if kind == "linear" and isinstance(factor, float) and factor != 1:
        config = replace(config, rope_scaling="linear", rope_factor=factor)
    if _ROPE_FREQS not in header.tensors:
        return config
    factors = _Stored(header, header.tensors[_ROPE_FREQS]).read().numpy()
    for power in range(4, 22):
        numbers: dict[str, Any] = {"rope_factor": float(factors.max()), "rope_original_context": 2**power}
        candidate = replace(config, **_LLAMA3, **numbers)
        computed = ARCHITECTURES[config.shape].computed(candidate).get(_ROPE_FREQS)
        if computed is not None and computed.shape == factors.shape and np.allclose(computed, factors, rtol=1e-4):
            return candidate
    value = phrase("of another kind")
    raise EngineError("unsupported_config", place=header.path.name, field=_ROPE_FREQS, value=value)


def _check(header: GGUFHeader, config: GPTConfig, architecture: Architecture) -> None:
    """Whatever we would write of this configuration, the file must say too, or not speak of."""
    expected = architecture.metadata(config) | {"expert_count": 0, "context_length": context_of(config)}
    if architecture.windows and not config.window:
        expected["attention.sliding_window"] = 0
    for key, value in expected.items():
        said = header.model_value(key)
        same = math.isclose(said, value, rel_tol=1e-6) if _is_number(said) and _is_number(value) else said == value
        if said is not None and not same:
            field = f"{header.architecture}.{key}"
            raise EngineError("unsupported_config", place=header.path.name, field=field, value=shown(said))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float))


# --- tensors ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Stored:
    """A tensor of a GGUF file, whose place the header has checked."""

    header: GGUFHeader
    tensor: GGUFTensor

    @property
    def shape(self) -> tuple[int, ...]:
        return self.tensor.shape[::-1]

    def read(self) -> Tensor:
        """Float32. Raises EngineError `bad_weights` for types that are no weights or that the library cannot read."""
        try:
            path, start = self.header.place_of(self.tensor)
            with open(path, "rb") as file:
                file.seek(start)
                raw = np.frombuffer(file.read(self.tensor.size), np.uint8)
        except OSError as error:
            raise from_os_error(error) from error
        kind = GGMLQuantizationType[self.tensor.type]
        try:
            shape = gguf.quant_shape_to_byte_shape(self.shape, kind)
            values = gguf.dequantize(raw.reshape(shape), kind) if kind not in _PLAIN else raw.view(_PLAIN[kind])
        except (NotImplementedError, ValueError) as error:
            names = {"tensor": shown(self.tensor.name), "type": self.tensor.type}
            reason = phrase("the tensor {tensor} is of the type {type}, which cannot be unpacked", **names)
            raise EngineError("bad_weights", str(error), place=self.header.path.name, reason=reason) from error
        return torch.from_numpy(values.astype(np.float32).reshape(self.shape))


_PLAIN: Mapping[GGMLQuantizationType, Any] = {
    GGMLQuantizationType.F32: np.float32,
    GGMLQuantizationType.F16: np.float16,
    GGMLQuantizationType.F64: np.float64,
}


def _unpair(tensor: Tensor, head_dim: int) -> Tensor:
    """The rows of each head as ours lie: first the firsts of all pairs, then the seconds (`gguf._pair` undone)."""
    return tensor.view(-1, head_dim // 2, 2, *tensor.shape[1:]).transpose(1, 2).reshape(tensor.shape)
