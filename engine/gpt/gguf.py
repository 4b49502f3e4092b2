"""Write a model of ours as a GGUF file that llama.cpp runs unchanged, and say what is really in it.

`ARCHITECTURES` is the whole translation.
Format: github.com/ggml-org/ggml/blob/master/docs/gguf.md. Names: gguf-py's constants.py and tensor_mapping.py.
No matrix is transposed: a torch Linear (out, in) is what ggml calls [in, out]. Our rotary positions pair numbers as
llama.cpp's NEOX rotation does; only its architecture `llama` pairs neighbours, so there rows of queries and keys are
permuted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType, LlamaFileType
from torch import Tensor

from engine import files
from engine.arrays import Told
from engine.errors import EngineError
from engine.gpt.config import GPTConfig
from engine.gpt.gguf_tokenizer import add_tokenizer, model_name
from engine.gpt.hf_names import with_biases
from engine.gpt.model import GPT, rope_factors
from engine.gpt.tokenizer import Tokenizer
from engine.runtime.gguf_header import GGUFTensor, read_header

# --- tables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Architecture:
    """How llama.cpp wants one of our shapes. {n} is the layer.

    name: the architecture's, there. tensors: its tensors -> our parameters, stacked by rows where there are several.
    metadata: its keys below the architecture's name, beyond the common ones.
    paired: its tensors whose rows of each head lie as (first of a pair, second of a pair, ...) and not, as ours, all
    firsts before all seconds. computed: tensors that follow from the configuration, in float32.
    raised: its tensors that hold one more than our parameters, where ours are what a norm adds to one.
    assumes: fields of ours for which it knows one value only.
    windows: whether it attends within windows where the model does (`context_of`).
    ties: whether it takes the embedding where there is no output layer; elsewhere the file holds it twice.
    """

    name: str
    tensors: Mapping[str, tuple[str, ...]]
    metadata: Callable[[GPTConfig], dict[str, Any]]
    paired: re.Pattern[str] = re.compile("(?!)")
    computed: Callable[[GPTConfig], dict[str, np.ndarray]] = lambda config: {}
    raised: re.Pattern[str] = re.compile("(?!)")
    windows: bool = True
    ties: bool = True
    assumes: Callable[[GPTConfig], dict[str, int]] = lambda config: {}


def _rotary(config: GPTConfig, norm: str = "layer_norm_rms") -> dict[str, Any]:
    """The keys of every architecture with rotary positions. norm: what its norms are called."""
    keys: dict[str, Any] = {
        f"attention.{norm}_epsilon": float(config.norm_epsilon),
        "attention.key_length": config.head_dim,
        "attention.value_length": config.head_dim,
        "rope.dimension_count": config.rotary_dim,
        "rope.freq_base": float(config.rope_theta),
    }
    if config.rope_scaling == "linear":
        keys |= {"rope.scaling.type": "linear", "rope.scaling.factor": float(config.rope_factor)}
    return keys


def _llama3_factors(config: GPTConfig) -> dict[str, np.ndarray]:
    return {"rope_freqs.weight": rope_factors(config).numpy()} if config.rope_scaling == "llama3" else {}


_LLAMA = {
    "token_embd.weight": ("embedding.weight",),
    "blk.{n}.attn_norm.weight": ("blocks.{n}.attention_norm.weight",),
    "blk.{n}.attn_q.weight": ("blocks.{n}.attention.query.weight",),
    "blk.{n}.attn_k.weight": ("blocks.{n}.attention.key.weight",),
    "blk.{n}.attn_v.weight": ("blocks.{n}.attention.value.weight",),
    "blk.{n}.attn_output.weight": ("blocks.{n}.attention.output.weight",),
    "blk.{n}.ffn_norm.weight": ("blocks.{n}.feed_forward_norm.weight",),
    "blk.{n}.ffn_gate.weight": ("blocks.{n}.feed_forward.gate.weight",),
    "blk.{n}.ffn_up.weight": ("blocks.{n}.feed_forward.up.weight",),
    "blk.{n}.ffn_down.weight": ("blocks.{n}.feed_forward.down.weight",),
    "output_norm.weight": ("norm.weight",),
    "output.weight": ("output.weight",),
}
_GPT = {
    "token_embd.weight": ("embedding.weight",),
    "blk.{n}.attn_norm.weight": ("blocks.{n}.attention_norm.weight",),
    "blk.{n}.attn_qkv.weight": (
        "blocks.{n}.attention.query.weight",
        "blocks.{n}.attention.key.weight",
        "blocks.{n}.attention.value.weight",
    ),
    "blk.{n}.attn_output.weight": ("blocks.{n}.attention.output.weight",),
    "blk.{n}.ffn_norm.weight": ("blocks.{n}.feed_forward_norm.weight",),
    "blk.{n}.ffn_up.weight": ("blocks.{n}.feed_forward.up.weight",),
    "blk.{n}.ffn_down.weight": ("blocks.{n}.feed_forward.down.weight",),
    "output_norm.weight": ("norm.weight",),
    "output.weight": ("output.weight",),
}
_QKV_BIASES = {
    "blk.{n}.attn_q.bias": ("blocks.{n}.attention.query.bias",),
    "blk.{n}.attn_k.bias": ("blocks.{n}.attention.key.bias",),
    "blk.{n}.attn_v.bias": ("blocks.{n}.attention.value.bias",),
}
_HEAD_NORMS = {
    "blk.{n}.attn_q_norm.weight": ("blocks.{n}.attention.query_norm.weight",),
    "blk.{n}.attn_k_norm.weight": ("blocks.{n}.attention.key_norm.weight",),
}
_POST_NORMS = {
    "blk.{n}.post_attention_norm.weight": ("blocks.{n}.attention_post_norm.weight",),
    "blk.{n}.post_ffw_norm.weight": ("blocks.{n}.feed_forward_post_norm.weight",),
}

ARCHITECTURES = {
    # llama.cpp asks for every bias of gpt2; where the model has none (qkv_bias off), zeros say the same.
    "gpt2": Architecture(
        name="gpt2",
        tensors={"position_embd.weight": ("positions.weight",), **with_biases(_GPT)},
        metadata=lambda config: {"attention.layer_norm_epsilon": float(config.norm_epsilon)},
    ),
    "llama": Architecture(
        name="llama",
        tensors=_LLAMA,
        metadata=_rotary,
        paired=re.compile(r"\.attn_[qk]\.weight$"),
        computed=_llama3_factors,
    ),
    "gemma2": Architecture(
        name="gemma2",
        tensors=_LLAMA | _POST_NORMS,
        metadata=lambda config: (
            _rotary(config)
            | {
                "attention.sliding_window": config.window,
                "attn_logit_softcapping": float(config.attention_softcap),
                "final_logit_softcapping": float(config.logit_softcap),
            }
        ),
        raised=re.compile(r"norm\.weight$"),
        # llama.cpp tells the largest Gemma by its layers.
        assumes=lambda config: {
            "global_every": 2,
            "query_scalar": config.width // config.heads if config.layers == 46 else config.head_dim,
        },
    ),
    "gemma3_text": Architecture(
        name="gemma3",
        tensors=_LLAMA | _HEAD_NORMS | _POST_NORMS,
        metadata=lambda config: (
            _rotary(config)
            | {"attention.sliding_window": config.window, "rope.freq_base_swa": float(config.local_rope_theta)}
        ),
        raised=re.compile(r"norm\.weight$"),
        assumes=lambda config: {
            "global_every": 6,
            "query_scalar": config.width // config.heads if config.layers == 62 else config.head_dim,
        },
    ),
    "gpt_neox": Architecture(
        name="gptneox",
        tensors=with_biases(_GPT),
        metadata=lambda config: _rotary(config, "layer_norm") | {"use_parallel_residual": True},
        ties=False,
    ),
    "mistral": Architecture(
        name="llama", tensors=_LLAMA, metadata=_rotary, paired=re.compile(r"\.attn_[qk]\.weight$"), windows=False
    ),
    "olmo2": Architecture(
        name="olmo2",
        tensors={
            theirs: ours
            for theirs, ours in (_LLAMA | _HEAD_NORMS | _POST_NORMS).items()
            if not theirs.endswith(("attn_norm.weight", "ffn_norm.weight"))
        },
        metadata=_rotary,
        ties=False,
    ),
    "phi3": Architecture(
        name="phi3",
        tensors={name: ours for name, ours in _GPT.items() if "ffn_up" not in name}
        | {"blk.{n}.ffn_up.weight": ("blocks.{n}.feed_forward.gate.weight", "blocks.{n}.feed_forward.up.weight")},
        metadata=_rotary,
        windows=False,
    ),
    "qwen2": Architecture(name="qwen2", tensors=_LLAMA | _QKV_BIASES, metadata=_rotary),
    "qwen3": Architecture(name="qwen3", tensors=_LLAMA | _HEAD_NORMS, metadata=_rotary),
    "starcoder2": Architecture(
        name="starcoder2",
        tensors=with_biases({theirs: ours for theirs, ours in _LLAMA.items() if "ffn_gate" not in theirs}),
        metadata=lambda config: _rotary(config, "layer_norm"),
        windows=False,
    ),
}

# What gguf-py writes itself, and what llama.cpp makes of the float32 file.
WRITTEN = {
    "f32": (GGMLQuantizationType.F32, LlamaFileType.ALL_F32),
    "f16": (GGMLQuantizationType.F16, LlamaFileType.MOSTLY_F16),
    "bf16": (GGMLQuantizationType.BF16, LlamaFileType.MOSTLY_BF16),
    "q8_0": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
}
QUANTIZED = ("q6_k", "q5_k_m", "q5_k_s", "q5_0", "q4_k_m", "q4_k_s", "q4_0", "q3_k_m", "q2_k")
TYPES = (*WRITTEN, *QUANTIZED)

# Added to activations rather than multiplied with them; llama.cpp and its converters keep them in float32 as well.
_ALWAYS_F32 = ("position_embd.weight",)


# --- what a file really holds ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contents:
    """The types in a GGUF, as its own header gives them.

    types: for each type, its tensors and their bytes. fallbacks: matrices that did not take the type asked for
    (rows that do not divide into its blocks), and the type they have instead.
    """

    type: str
    types: dict[str, dict[str, int]]
    fallbacks: dict[str, str]
    bits_per_weight: float
    bits_per_matrix_weight: float
    size_bytes: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def read_contents(path: Path, type: str) -> Contents:
    """What is in a file that was written as `type`. Raises EngineError `gguf_not`, `gguf_broken`."""
    header = read_header(path)
    tensors = list(header.tensors.values())
    matrices = [tensor for tensor in tensors if len(tensor.shape) > 1]
    types = {kind: {"tensors": count, "bytes": 0} for kind, count in header.tensor_types().items()}
    for tensor in tensors:
        types[tensor.type]["bytes"] += tensor.size
    fallbacks = {t.name: t.type for t in matrices if t.name not in _ALWAYS_F32 and not _is(t.type, type)}
    return Contents(type, types, fallbacks, _bits(tensors), _bits(matrices), header.file_size)


def _is(found: str, asked: str) -> bool:
    """Whether a tensor's type is what was asked for. llama.cpp mixes several by design: the K-quants all K types,
    q4_0 and q5_0 a finer one for the embedding and the output.
    """
    if asked in WRITTEN:
        return found == asked.upper()
    return found.endswith("_K") or ("_k" not in asked and found in (asked.upper(), "Q8_0"))


def _bits(tensors: list[GGUFTensor]) -> float:
    return 8 * sum(tensor.size for tensor in tensors) / sum(tensor.elements for tensor in tensors)


# --- writing ---------------------------------------------------------------------------------------------------------


def write_gguf(
    model: GPT, tokenizer: Tokenizer, path: str | Path, type: str = "f32", general: Mapping[str, str] | None = None
) -> Contents:
    """Write `model` as the GGUF file `path`, whole or not at all, and read back what it holds.

    type: one of `TYPES`. general: texts for the card in the file, below `general.` (name, license, ...).
    Raises EngineError `unknown_gguf_type`, `gguf_pattern`, `gguf_vocabulary`, `weights_not_finite`,
    `weights_beyond_f16`.
    """
    path = Path(path)
    if type not in TYPES:
        raise EngineError("unknown_gguf_type", type=type, known=", ".join(TYPES))
    if type in QUANTIZED:
        with files.scratch(path) as folder:
            source = folder / "f32.gguf"
            write_gguf(model, tokenizer, source, "f32", general)
            return quantize_gguf(source, path, type)
    with files.whole_file(path) as partial:
        _write(model, tokenizer, partial, type, general or {})
    return read_contents(path, type)


def quantize_gguf(source: Path, path: Path, type: str) -> Contents:
    """Make `path`, of one of the types in `QUANTIZED`, from the float32 GGUF `source`.

    Raises EngineError as `engine.runtime.llama_library.quantize` does.
    """
    from engine.runtime.llama_library import quantize

    quantize(source, path, type)
    return read_contents(path, type)


def _write(model: GPT, tokenizer: Tokenizer, path: Path, type: str, general: Mapping[str, str]) -> None:
    config, parameters = model.config, dict(model.named_parameters())
    architecture, tensors = ARCHITECTURES[config.shape], tensor_names(config)
    computed = architecture.computed(config)
    for field, value in architecture.assumes(config).items():
        if (found := getattr(config, field)) != value:
            raise EngineError("gguf_unlike", field=field, value=found, known=value, architecture=architecture.name)
    if forgotten := set(parameters) - {source for sources in tensors.values() for source in sources}:
        raise AssertionError(f"ARCHITECTURES has no place for {', '.join(sorted(forgotten))}")
    writer = gguf.GGUFWriter(path, architecture.name)
    try:
        named = {**general, "name": model_name(general.get("name", ""), tokenizer)}
        _add_general(writer, parameters, WRITTEN[type][1], named)
        _add_architecture(writer, config)
        add_tokenizer(writer, tokenizer, config.vocabulary)
        # Shapes first, then one matrix at a time, so that a large model is never in memory twice.
        kinds = {}
        for name, sources in tensors.items():
            shape = _shape(sources, parameters)
            kinds[name] = _kind(name, shape, WRITTEN[type][0])
            size = math.prod(gguf.quant_shape_to_byte_shape(shape, kinds[name]))
            writer.add_tensor_info(name, shape, np.dtype(np.float32), size, raw_dtype=kinds[name])
        for name, array in computed.items():
            writer.add_tensor_info(name, array.shape, array.dtype, array.nbytes)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for name, sources in tensors.items():
            array = _array(name, sources, parameters)
            if architecture.paired.search(name):
                array = pair(array, config.head_dim)
            if architecture.raised.search(name):
                array = array + 1
            writer.write_tensor_data(convert(name, array, kinds[name]).view(Told))
        for array in computed.values():
            writer.write_tensor_data(array.view(Told))
    finally:
        writer.close()


def tensor_names(config: GPTConfig) -> dict[str, tuple[str, ...]]:
    """Every tensor of the GGUF of a model with this configuration, and the parameters of ours that it holds."""
    architecture = ARCHITECTURES[config.shape]
    table: dict[str, tuple[str, ...]] = {}
    for theirs, ours in architecture.tensors.items():
        if theirs == "output.weight" and config.tied:
            if not architecture.ties:
                table[theirs] = ("embedding.weight",)
            continue
        for layer in range(config.layers if "{n}" in theirs else 1):
            table[theirs.format(n=layer)] = tuple(part.format(n=layer) for part in ours)
    return table


def context_of(config: GPTConfig) -> int:
    """Positions that the file offers. Where llama.cpp lets every query see everything although the model has a window,
    these are as many as the window is long: so far both are the same.
    """
    short = config.window and not ARCHITECTURES[config.shape].windows
    return min(config.context, config.window) if short else config.context


def _add_general(
    writer: gguf.GGUFWriter, parameters: Mapping[str, Tensor], file_type: LlamaFileType, general: Mapping[str, str]
) -> None:
    count = sum(parameter.numel() for parameter in parameters.values())
    writer.add_type("model")
    writer.add_size_label(gguf.size_label(count, count, 0, 0))
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_file_type(file_type)
    writer.add_custom_alignment(gguf.GGUF_DEFAULT_ALIGNMENT)
    add_texts(writer, general)


def add_texts(writer: gguf.GGUFWriter, general: Mapping[str, str]) -> None:
    """Texts for the card in the file, below `general.`."""
    for key, text in general.items():
        if text:
            writer.add_string(f"general.{key}", text)
    for what in ("base_model", "dataset"):  # as the format has it: numbered, with their count before them
        if count := sum(key.startswith(f"{what}.") and key.endswith(".name") for key in general):
            writer.add_uint32(f"general.{what}.count", count)


def _add_architecture(writer: gguf.GGUFWriter, config: GPTConfig) -> None:
    architecture = ARCHITECTURES[config.shape]
    values = {
        "vocab_size": config.vocabulary,
        "context_length": context_of(config),
        "embedding_length": config.width,
        "block_count": config.layers,
        "feed_forward_length": config.feed_forward,
        "attention.head_count": config.heads,
        "attention.head_count_kv": config.kv_heads,
        **architecture.metadata(config),
    }
    add: dict[type, Callable[[str, Any], None]] = {
        int: writer.add_uint32, float: writer.add_float32, str: writer.add_string, bool: writer.add_bool
    }  # fmt: skip
    for key, value in values.items():
        add[type(value)](f"{architecture.name}.{key}", value)


# --- one tensor ------------------------------------------------------------------------------------------------------


def _shape(sources: tuple[str, ...], parameters: Mapping[str, Tensor]) -> tuple[int, ...]:
    """Rows of all the sources together. A bias that the model lacks is as long as its weight has rows."""
    if sources[0] not in parameters:
        return (sum(parameters[source.removesuffix("bias") + "weight"].shape[0] for source in sources),)
    return (sum(parameters[source].shape[0] for source in sources), *parameters[sources[0]].shape[1:])


def _kind(name: str, shape: tuple[int, ...], asked: GGMLQuantizationType) -> GGMLQuantizationType:
    """The type a tensor is written in: vectors stay float32, and rows that blocks do not divide become f16."""
    if len(shape) == 1 or name in _ALWAYS_F32:
        return GGMLQuantizationType.F32
    block, _ = gguf.GGML_QUANT_SIZES[asked]
    return GGMLQuantizationType.F16 if shape[-1] % block else asked


def _array(name: str, sources: tuple[str, ...], parameters: Mapping[str, Tensor]) -> np.ndarray:
    """The values in float32. Raises EngineError `weights_not_finite`."""
    if sources[0] not in parameters:
        return np.zeros(_shape(sources, parameters), np.float32)
    array = np.concatenate([parameters[source].detach().float().cpu().numpy() for source in sources])
    if not np.isfinite(array).all():
        raise EngineError("weights_not_finite", tensor=name)
    return array


def pair(array: np.ndarray, head_dim: int) -> np.ndarray:
    """Rows of each head as the numbers that rotate together: 0, head_dim / 2, 1, head_dim / 2 + 1, ..."""
    heads = array.reshape(-1, 2, head_dim // 2, *array.shape[1:])
    return np.ascontiguousarray(heads.swapaxes(1, 2)).reshape(array.shape)


def convert(name: str, array: np.ndarray, kind: GGMLQuantizationType) -> np.ndarray:
    """The values in that type. Raises EngineError `weights_beyond_f16` for numbers above 65,504 where it is f16."""
    if kind == GGMLQuantizationType.F16 and np.abs(array).max() > np.finfo(np.float16).max:
        raise EngineError("weights_beyond_f16", tensor=name)
    return gguf.quantize(array, kind)
