"""GGUF files of real models' shapes with weights that mean nothing: what they take is real, what they say is not.

Shapes are those of the models' own configurations; quantizations mix types as llama.cpp's do; vocabularies have the
real number of made-up tokens. Weights are a tile of random bytes over and over, with scales that keep sums finite.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

# Beside the residual stream, what the blocks of an architecture have.
_FUSED = ("gpt2", "gptneox", "phi3")  # queries, keys and values in one matrix
_BIASED = ("gpt2", "gptneox", "starcoder2")  # everything; qwen2 only queries, keys and values
_PLAIN = ("gpt2", "gptneox", "starcoder2")  # no gate; phi3 has it in one matrix with what it gates
_HEAD_NORMS = ("qwen3", "gemma3", "olmo2")
_POST_NORMS = ("gemma2", "gemma3", "olmo2")
_LAYER_NORM = ("gpt2", "gptneox", "starcoder2")


@dataclass(frozen=True)
class Shape:
    """A model's sizes. experts: how many there are and how many a token goes through; feed_forward is that of one."""

    name: str
    architecture: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    head: int
    feed_forward: int
    vocabulary: int
    context: int
    tied: bool = True
    pieces: bool = False
    window: int = 0
    experts: tuple[int, int] = (0, 0)


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("SmolLM2-135M", "llama", 30, 576, 9, 3, 64, 1536, 49152, 8192),
        Shape("SmolLM2-360M", "llama", 32, 960, 15, 5, 64, 2560, 49152, 8192),
        Shape("Qwen2.5-0.5B", "qwen2", 24, 896, 14, 2, 64, 4864, 151936, 32768),
        Shape("Qwen2.5-1.5B", "qwen2", 28, 1536, 12, 2, 128, 8960, 151936, 32768),
        Shape("Qwen3-0.6B", "qwen3", 28, 1024, 16, 8, 128, 3072, 151936, 40960),
        Shape("Qwen3-1.7B", "qwen3", 28, 2048, 16, 8, 128, 6144, 151936, 40960),
        Shape("Llama-3.2-1B", "llama", 16, 2048, 32, 8, 64, 8192, 128256, 131072),
        Shape("Llama-3.2-3B", "llama", 28, 3072, 24, 8, 128, 8192, 128256, 131072),
        Shape("gemma-2-2b", "gemma2", 26, 2304, 8, 4, 256, 9216, 256000, 8192, pieces=True, window=4096),
        Shape("gemma-3-1b", "gemma3", 26, 1152, 4, 1, 256, 6912, 262144, 32768, pieces=True, window=512),
        Shape("Phi-3-mini", "phi3", 32, 3072, 32, 32, 96, 8192, 32064, 4096, tied=False, pieces=True),
        Shape("Mistral-7B-v0.3", "llama", 32, 4096, 32, 8, 128, 14336, 32768, 32768, tied=False, pieces=True),
        Shape("OLMo-2-1B", "olmo2", 16, 2048, 16, 16, 128, 8192, 100352, 4096, tied=False),
        Shape("starcoder2-3b", "starcoder2", 30, 3072, 24, 2, 128, 12288, 49152, 16384),
        Shape("gpt2", "gpt2", 12, 768, 12, 12, 64, 3072, 50257, 1024),
        Shape("pythia-410m", "gptneox", 24, 1024, 16, 16, 64, 4096, 50304, 2048, tied=False),
        Shape("granite-3.0-1b-a400m", "granitemoe", 24, 1024, 16, 8, 64, 512, 49155, 4096, experts=(32, 8)),
    )
}


def write(shape: Shape, quantization: str, path: Path, sparse: bool = False) -> Path:
    """The file. sparse: with nothing behind the header but its length, for readers that look no further."""
    writer = gguf.GGUFWriter(path, shape.architecture)
    try:
        _add_sizes(writer, shape)
        _add_vocabulary(writer, shape)
        kinds = {name: _type(shape, name, dimensions, quantization) for name, dimensions in tensors(shape)}
        sizes = {}
        for name, dimensions in tensors(shape):
            rows = tuple(reversed(dimensions))
            sizes[name] = math.prod(gguf.quant_shape_to_byte_shape(rows, kinds[name]))
            writer.add_tensor_info(name, rows, np.dtype(np.float32), sizes[name], raw_dtype=kinds[name])
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        file = writer.fout[0]
        tiles = {kind: _tile(kind) for kind in set(kinds.values())}
        for name, size in sizes.items():
            writer.write_padding(file, file.tell())
            if sparse:
                file.truncate(file.seek(size, 1))
            else:
                whole, rest = divmod(size, len(tiles[kinds[name]]))
                file.writelines(itertools.repeat(tiles[kinds[name]], whole))
                file.write(tiles[kinds[name]][:rest])
    finally:
        writer.close()
    return path


def tensors(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and dimensions, the fastest first, as ggml counts."""
    s, kind = shape, shape.architecture
    queries, keys = s.heads * s.head, s.kv_heads * s.head
    yield "token_embd.weight", (s.width, s.vocabulary)
    if kind == "gpt2":
        yield "position_embd.weight", (s.width, s.context)
    for n in range(s.layers):
        block: dict[str, tuple[int, ...]] = {}
        if kind != "olmo2":
            block |= {"attn_norm": (s.width,), "ffn_norm": (s.width,)}
        if kind in _FUSED:
            block |= {"attn_qkv": (s.width, queries + 2 * keys)}
        else:
            block |= {"attn_q": (s.width, queries), "attn_k": (s.width, keys), "attn_v": (s.width, keys)}
        block |= {"attn_output": (queries, s.width)}
        if kind in _HEAD_NORMS:
            of_all = kind == "olmo2"
            block |= {"attn_q_norm": (queries if of_all else s.head,), "attn_k_norm": (keys if of_all else s.head,)}
        if kind in _POST_NORMS:
            block |= {"post_attention_norm": (s.width,), "post_ffw_norm": (s.width,)}
        if s.experts[0]:
            inner = (s.width, s.feed_forward, s.experts[0])
            block |= {"ffn_gate_inp": (s.width, s.experts[0]), "ffn_gate_exps": inner, "ffn_up_exps": inner}
            block |= {"ffn_down_exps": (s.feed_forward, s.width, s.experts[0])}
        else:
            block |= {"ffn_up": (s.width, s.feed_forward * (2 if kind == "phi3" else 1))}
            block |= {"ffn_down": (s.feed_forward, s.width)}
            if kind not in (*_PLAIN, "phi3"):
                block |= {"ffn_gate": (s.width, s.feed_forward)}
        for name, dimensions in block.items():
            yield f"blk.{n}.{name}.weight", dimensions
            if kind in _BIASED or (kind == "qwen2" and name in ("attn_q", "attn_k", "attn_v")):
                yield f"blk.{n}.{name}.bias", dimensions[-1:]
    yield "output_norm.weight", (s.width,)
    if kind in _BIASED:
        yield "output_norm.bias", (s.width,)
    if not s.tied:
        yield "output.weight", (s.width, s.vocabulary)


def _add_sizes(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)
    if shape.architecture != "gpt2":
        writer.add_rope_dimension_count(shape.head // 4 if shape.architecture == "gptneox" else shape.head)
    if shape.architecture in _LAYER_NORM:
        writer.add_layer_norm_eps(1e-5)
    else:
        writer.add_layer_norm_rms_eps(1e-5)
    if shape.architecture == "gptneox":
        writer.add_parallel_residual(True)
    if shape.architecture == "gemma2":
        writer.add_attn_logit_softcapping(50.0)
        writer.add_final_logit_softcapping(30.0)
    if shape.architecture == "granitemoe":
        writer.add_float32("granitemoe.logit_scale", 6.0)
    if shape.window:
        writer.add_sliding_window(shape.window)
    if shape.experts[0]:
        writer.add_expert_count(shape.experts[0])
        writer.add_expert_used_count(shape.experts[1])


def _add_vocabulary(writer: gguf.GGUFWriter, shape: Shape) -> None:
    """As many tokens as the model has, of two to eleven letters, and as many merges where it has merges."""
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    words = map("".join, itertools.chain.from_iterable(itertools.product(letters, repeat=n) for n in (2, 3, 4)))
    stems = list(itertools.islice(words, shape.vocabulary - 300))
    space = "\u2581" if shape.pieces else "\u0120"
    tokens = [f"{space * (number % 2)}{stem}{stem[: number % 8].upper()}" for number, stem in enumerate(stems)]
    special = [f"<|special_{number}|>" for number in range(shape.vocabulary - len(tokens) - 256)]
    if shape.pieces:
        tokens += [f"<0x{byte:02X}>" for byte in range(256)]
        writer.add_tokenizer_model("llama")
        writer.add_token_scores([-float(number) for number in range(shape.vocabulary)])
    else:
        tokens += [chr(256 + byte) for byte in range(256)]
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("qwen2")
        writer.add_token_merges([f"{stem[:1]} {stem[1:]}{number % 7}" for number, stem in enumerate(stems)])
    writer.add_token_list(tokens + special)
    kinds = [gguf.TokenType.NORMAL] * len(stems)
    kinds += [gguf.TokenType.BYTE if shape.pieces else gguf.TokenType.NORMAL] * 256
    writer.add_token_types(kinds + [gguf.TokenType.CONTROL] * len(special))
    writer.add_bos_token_id(shape.vocabulary - 1)
    writer.add_eos_token_id(shape.vocabulary - 2)


# --- types -----------------------------------------------------------------------------------------------------------

# What most matrices get, and what the finer ones get (the output, and in the K mixes half of the values and downs).
_MIXES = {
    "f16": (Type.F16, Type.F16),
    "q8_0": (Type.Q8_0, Type.Q8_0),
    "q6_k": (Type.Q6_K, Type.Q6_K),
    "q5_k_m": (Type.Q5_K, Type.Q6_K),
    "q4_k_m": (Type.Q4_K, Type.Q6_K),
    "q4_0": (Type.Q4_0, Type.Q6_K),
    "q2_k": (Type.Q2_K, Type.Q3_K),
}
# What llama.cpp takes where the rows do not divide into blocks of 256.
_FALLBACKS = {Type.Q2_K: Type.Q4_0, Type.Q3_K: Type.Q4_0, Type.Q4_K: Type.Q5_0, Type.Q5_K: Type.Q5_1,
              Type.Q6_K: Type.Q8_0}  # fmt: skip


def _type(shape: Shape, name: str, dimensions: tuple[int, ...], quantization: str) -> Type:
    if len(dimensions) == 1 or name in ("position_embd.weight",) or "ffn_gate_inp" in name:
        return Type.F32
    most, finer = _MIXES[quantization]
    kind = finer if _is_finer(shape, name, quantization) else most
    return _FALLBACKS.get(kind, kind) if dimensions[0] % gguf.GGML_QUANT_SIZES[kind][0] else kind


def _is_finer(shape: Shape, name: str, quantization: str) -> bool:
    if name == "output.weight" or (name == "token_embd.weight" and shape.tied):
        return True
    if not quantization.endswith("_m") or not ("attn_v" in name or "ffn_down" in name):
        return False
    layer, eighth = int(name.split(".")[1]), shape.layers // 8
    return layer < eighth or layer >= 7 * eighth or (layer - eighth) % 3 == 2


# Where the 16-bit scales of a block stand, in bytes.
_SCALES = {
    Type.Q4_0: (0,), Type.Q5_0: (0,), Type.Q5_1: (0, 2), Type.Q8_0: (0,), Type.Q2_K: (80, 82), Type.Q3_K: (108,),
    Type.Q4_K: (0, 2), Type.Q5_K: (0, 2), Type.Q6_K: (208,),
}  # fmt: skip


def _tile(kind: Type) -> bytes:
    """About a megabyte of whole blocks."""
    random = np.random.default_rng(0)
    if kind in (Type.F32, Type.F16):
        return random.uniform(-0.02, 0.02, 1 << 18).astype(np.float32 if kind == Type.F32 else np.float16).tobytes()
    size = gguf.GGML_QUANT_SIZES[kind][1]
    blocks = random.integers(0, 256, ((1 << 20) // size, size), dtype=np.uint8)
    for place in _SCALES[kind]:
        blocks[:, place : place + 2] = np.frombuffer(np.float16(1e-4).tobytes(), dtype=np.uint8)
    return blocks.tobytes()
