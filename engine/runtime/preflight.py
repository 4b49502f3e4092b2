"""May llama.cpp see this file? Checks on a GGUF header before anything native opens it.

llama.cpp reports most of what is wrong with a file itself; what is checked here either aborts the whole process
there (marked "abort"), loads and then misbehaves, or deserves a sentence that names the place. Which architectures
exist is left to llama.cpp: it refuses an unknown one in an orderly way.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from engine.errors import EngineError
from engine.phrases import Phrase, phrase
from engine.runtime.gguf_header import FLOAT32, INT32, STRING, UINT32, GGUFArray, GGUFHeader, broken, read_header, shown
from engine.runtime.gguf_parts import read_model

MAX_BLOCKS = 512  # LLAMA_MAX_LAYERS; more is an abort
MAX_EXPERTS = 1024  # LLAMA_MAX_EXPERTS; more is an abort
MAX_CONTEXT = (1 << 31) - 1  # llama.cpp counts positions in 32 bits with a sign
_TOKENS = "tokenizer.ggml.tokens"
_ALPHA = "adapter.lora.alpha"

# Architectures that read a text whole and write none, and those that write it in another way than token by token.
_EMBEDDING = frozenset(
    "bert eurobert gemma-embedding jina-bert-v2 jina-bert-v3 llama-embed modern-bert neo-bert nomic-bert "
    "nomic-bert-moe t5encoder".split()
)
_OTHER_KINDS = {
    "clip": phrase("the image part of a vision model"),
    "t5": phrase("an encoder-decoder model"),
    "wavtokenizer-dec": phrase("a speech decoder"),
    "qwen3tts": phrase("a speech model"),
    "pockettts": phrase("a speech model"),
    "dream": phrase("a diffusion model"),
    "llada": phrase("a diffusion model"),
    "llada-moe": phrase("a diffusion model"),
    "rnd1": phrase("a diffusion model"),
}

# Weights without which a model of these architectures does not run: of the file, and of every block.
_LLAMA_BLOCK = "attn_norm attn_q attn_k attn_v attn_output ffn_norm ffn_gate ffn_up ffn_down".split()
_GPT2_BLOCK = "attn_norm attn_qkv attn_output ffn_norm ffn_up ffn_down".split()
_REQUIRED: dict[str, tuple[list[str], list[str]]] = {
    "llama": (["token_embd.weight", "output_norm.weight"], [f"{name}.weight" for name in _LLAMA_BLOCK]),
    "qwen3": (
        ["token_embd.weight", "output_norm.weight"],
        [f"{name}.weight" for name in [*_LLAMA_BLOCK, "attn_q_norm", "attn_k_norm"]],
    ),
    "gpt2": (
        ["token_embd.weight", "position_embd.weight", "output_norm.weight", "output_norm.bias"],
        [f"{name}.{part}" for name in _GPT2_BLOCK for part in ("weight", "bias")],
    ),
}


def check_model(path: Path) -> GGUFHeader:
    """The header of a GGUF file that holds a model able to write text.

    path: of a model in several files the first one. Raises EngineError `gguf_not`, `gguf_broken` (naming the place),
    `gguf_vocabulary_only`, `gguf_part_missing`, `gguf_part_name`, `adapter_alone`,
    `embedding_model` or `model_writes_nothing`.
    """
    return check_header(read_model(path))


def check_header(header: GGUFHeader) -> GGUFHeader:
    """As `check_model`, of a header that has been read."""
    _check_kind(header)
    check_tokenizer(header)
    if header.text("tokenizer.ggml.model") == "bert":  # abort
        raise broken(header.path, phrase("its tokenizer is one for embedding models"))
    if not header.tensors:
        raise EngineError("gguf_vocabulary_only", place=header.path.name)
    _check_sizes(header)
    _check_numbers(header)
    _check_tensors(header)
    return header


def is_embedding(header: GGUFHeader) -> bool:
    """Whether it is a model that turns a text into one vector and writes none."""
    pooled = header.model_value("pooling_type") not in (None, 0) or header.model_value("attention.causal") is False
    return pooled or header.architecture in _EMBEDDING


def check_adapter(path: Path) -> GGUFHeader:
    """The header of a GGUF file that holds a LoRA adapter. Whether it fits a model is llama.cpp's to say.

    Raises EngineError `gguf_not`, `gguf_broken` or `adapter_not_loaded`.
    """
    header = read_header(path)
    if not header.architecture:  # abort where it is no text
        raise broken(path, phrase("general.architecture is missing or not a text"))
    if (header.text("general.type"), header.text("adapter.type")) != ("adapter", "lora"):
        raise EngineError("adapter_not_loaded", place=path.name, reason=phrase("it holds no LoRA adapter"))
    alpha = header.metadata.get(_ALPHA)
    if not isinstance(alpha, float) or not math.isfinite(alpha):  # abort
        raise broken(path, _wrong(_ALPHA, alpha))
    if header.value_types[_ALPHA] != FLOAT32:  # abort
        raise broken(path, phrase("{key} is a number of 64 bits, where llama.cpp reads one of 32", key=_ALPHA))
    if "adapter.alora.invocation_tokens" in header.metadata:  # abort where it is no list
        reason = phrase("it acts only after certain words (aLoRA)")
        raise EngineError("adapter_not_loaded", place=path.name, reason=reason)
    return header


def check_tokenizer(header: GGUFHeader) -> None:
    """Raises EngineError `gguf_broken` unless there is a tokenizer that llama.cpp can build without dying."""
    kind = header.text("tokenizer.ggml.model")
    tokens = header.metadata.get(_TOKENS)
    if kind in ("", "none", "no_vocab") or not isinstance(tokens, GGUFArray) or not tokens:
        reason = phrase("it has no tokenizer (tokenizer.ggml.model and tokenizer.ggml.tokens)")
        raise broken(header.path, reason)
    if tokens.item_type != STRING:
        raise broken(header.path, phrase("{key} is not a list of texts", key=_TOKENS))
    if len(set(tokens.raw_strings())) != len(tokens):  # abort
        raise broken(header.path, phrase("{key} has the same token twice", key=_TOKENS))
    _check_beside_tokens(header, "tokenizer.ggml.scores", (FLOAT32,), len(tokens))
    _check_beside_tokens(header, "tokenizer.ggml.token_type", (INT32, UINT32), len(tokens))
    for name in ("bos", "eos", "eot"):
        key = f"tokenizer.ggml.{name}_token_id"
        token = header.metadata.get(key, 0)
        if not isinstance(token, int) or not 0 <= token < len(tokens):
            values = {"key": key, "found": shown(token), "count": len(tokens)}
            raise broken(header.path, phrase("{key} is {found}, and there are {count} tokens", **values))


def _check_beside_tokens(header: GGUFHeader, key: str, types: tuple[int, ...], count: int) -> None:
    values = header.metadata.get(key)
    if values is None:
        return
    if not isinstance(values, GGUFArray) or values.item_type not in types or len(values) != count:
        reason = phrase("{key} does not have one number for each of the {count} tokens", key=key, count=count)
        raise broken(header.path, reason)


def _check_kind(header: GGUFHeader) -> None:
    name = header.path.name
    if not header.architecture:
        raise broken(header.path, phrase("general.architecture is missing or not a text"))
    kind = header.text("general.type") or "model"
    if kind == "adapter":
        raise EngineError("adapter_alone", place=name)
    if kind != "model":
        raise EngineError("model_writes_nothing", place=name, kind=phrase("of the type {type}", type=kind[:40]))
    if is_embedding(header):
        raise EngineError("embedding_model", place=name, architecture=shown(header.architecture))
    if header.architecture in _OTHER_KINDS:
        raise EngineError("model_writes_nothing", place=name, kind=_OTHER_KINDS[header.architecture])


def _check_sizes(header: GGUFHeader) -> None:
    """The numbers that shape a model, as far as they may be wrong together."""
    blocks = _positive(header, "block_count")
    width = _positive(header, "embedding_length")
    if _positive(header, "context_length") > MAX_CONTEXT:
        raise broken(header.path, _wrong(f"{header.architecture}.context_length", header.model_value("context_length")))
    if blocks > MAX_BLOCKS:  # abort
        values = {"key": f"{header.architecture}.block_count", "found": blocks, "most": MAX_BLOCKS}
        raise broken(header.path, phrase("{key} is {found}, and at most {most} can run", **values))
    experts, used = header.model_value("expert_count") or 0, header.model_value("expert_used_count") or 0
    if not isinstance(experts, int) or experts > MAX_EXPERTS or not isinstance(used, (int, GGUFArray)):  # abort
        raise broken(header.path, _wrong(f"{header.architecture}.expert_count", experts))
    if isinstance(used, int) and used > experts:  # abort
        raise broken(header.path, phrase("it uses {used} experts of {experts}", used=used, experts=experts))
    heads, kv_heads = header.model_value("attention.head_count"), header.model_value("attention.head_count_kv")
    if header.architecture in _REQUIRED or isinstance(heads, int):
        _check_heads(header, width, heads, kv_heads)


def _check_heads(header: GGUFHeader, width: int, heads: object, kv_heads: object) -> None:
    """Heads given as one number for all blocks; a list of numbers is llama.cpp's to check."""
    key = f"{header.architecture}.attention.head_count"
    if isinstance(heads, GGUFArray):
        return
    if not isinstance(heads, int) or (heads < 1 and header.architecture in _REQUIRED):
        raise broken(header.path, _wrong(key, heads))
    if heads and header.model_value("attention.key_length") is None and width % heads:
        values = {"key": key, "found": heads, "width": width}
        raise broken(header.path, phrase("{key} is {found}, which does not divide the width {width}", **values))
    if isinstance(kv_heads, int) and heads and (kv_heads > heads or (kv_heads and heads % kv_heads)):
        values = {"key": f"{key}_kv", "found": kv_heads, "heads": heads}
        raise broken(header.path, phrase("{key} is {found}, which does not fit {heads} heads", **values))


def _check_numbers(header: GGUFHeader) -> None:
    for key, value in header.metadata.items():
        if not isinstance(value, float) or not key.startswith(f"{header.architecture}."):
            continue
        if not math.isfinite(value) or (key.endswith("epsilon") and value < 0):
            raise broken(header.path, _wrong(key, value))


def _check_tensors(header: GGUFHeader) -> None:
    of_file, of_block = _REQUIRED.get(header.architecture, ([], []))
    blocks = header.model_value("block_count")
    mixture = bool(header.model_value("expert_count"))
    for name in of_file + [f"blk.{block}.{name}" for block in range(blocks) for name in of_block]:
        fused = re.sub(r"attn_[qkv]\.", "attn_qkv.", name)
        if name in header.tensors or fused in header.tensors or (mixture and ".ffn_" in name):
            continue
        raise broken(header.path, phrase("the tensor {tensor} is missing", tensor=name))


def _positive(header: GGUFHeader, key: str) -> int:
    value = header.model_value(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise broken(header.path, _wrong(f"{header.architecture}.{key}", value))
    return value


def _wrong(key: str, value: object) -> Phrase:
    """That a value is not what its key must have."""
    if value is None:
        return phrase("{key} is missing", key=key)
    return phrase("{key} is {found}", key=key, found=shown(value))
