"""The numbers of a GGUF header that decide what a model takes in memory, layer by layer, as llama.cpp reads them.

Sources: llama.cpp's `llama_hparams`, `llama_model::create_memory`, `llama_kv_cache`, `llama_memory_recurrent`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.runtime.gguf_header import TENSOR_TYPES, GGUFArray, GGUFHeader, GGUFTensor
from engine.runtime.preflight import MAX_BLOCKS

CACHE_STEP = 256  # llama.cpp rounds the context up to a multiple of this

_ROW_BYTES = {name.lower(): (block, size) for name, block, size in TENSOR_TYPES.values()}
_BLOCK = re.compile(r"blk\.(\d+)\.")

# Layers with a state of fixed size in the place of, or beside, keys and values.
_RECURRENT = frozenset("mamba mamba2 rwkv6 rwkv6qwen2 rwkv7 arwkv7".split())
_RECURRENT_WITHOUT_HEADS = frozenset(
    "jamba plamo2 granitehybrid lfm2 lfm2moe nemotron_h nemotron_h_moe kimi-linear kimi-k3 bailingmoe3".split()
)
_ATTENDS_EVERY = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4, "qwen4exp": 4, "minimax-01": 8}
_BOTH = "falcon-h1"

_STATE_BYTES = 4  # states are float32


@dataclass(frozen=True)
class Layer:
    """One block. heads: of queries, each of `head` numbers. keys, values: numbers that are cached for each position.
    state: bytes, whatever the length.
    """

    heads: int
    head: int
    keys: int
    values: int
    state: int


class ModelSizes:
    """What a header says. Numbers that are absent or of another kind count as 0, so nothing is raised here."""

    def __init__(self, header: GGUFHeader) -> None:
        self._header = header
        self.architecture = header.architecture
        self.width = self.number("embedding_length")
        self.context = self.number("context_length")
        self.blocks = min(self.number("block_count"), MAX_BLOCKS)

    def number(self, key: str) -> int:
        return _whole(self._header.model_value(key))

    # --- tensors ---

    def block_of(self, tensor: GGUFTensor) -> int | None:
        """Which block a tensor belongs to; None for those of the whole model."""
        found = _BLOCK.match(tensor.name)
        return int(found[1]) if found else None

    @cached_property
    def output(self) -> GGUFTensor | None:
        """The matrix that gives the logits: the embedding where there is no other."""
        return self._header.tensors.get("output.weight") or self._header.tensors.get("token_embd.weight")

    @property
    def tied(self) -> bool:
        return "output.weight" not in self._header.tensors

    @property
    def vocabulary(self) -> int:
        """Logits of a position."""
        return self.output.shape[-1] if self.output else 0

    @cached_property
    def feed_forward(self) -> int:
        """The most numbers a position has between two matrices of a feed-forward network.

        Three rows of it are alive where a gate multiplies (the gate, what it gates, the product), one elsewhere.
        """
        used = self.number("expert_used_count")
        most = 0
        for name, tensor in self._header.tensors.items():
            if name.endswith((".ffn_down.weight", ".ffn_down_shexp.weight")):
                most = max(most, tensor.shape[0] * self._alive(name.replace("_down", "_gate"), tensor))
            elif name.endswith(".ffn_down_exps.weight"):
                most = max(most, 3 * tensor.shape[0] * used)
        return most

    def _alive(self, gate: str, down: GGUFTensor) -> int:
        up = self._header.tensors.get(down.name.replace("_down", "_up"))
        return 3 if gate in self._header.tensors or (up and up.shape[-1] == 2 * down.shape[0]) else 1

    # --- layers ---

    @cached_property
    def layers(self) -> list[Layer]:
        """All blocks that are loaded, in order; those that only predict further tokens are not."""
        count = self.blocks - min(self.number("nextn_predict_layers"), self.blocks)
        return [self._layer(index) for index in range(count)]

    def _layer(self, index: int) -> Layer:
        keys, values = self._head_sizes(index)
        recurrent = self._is_recurrent(index)
        attends = not recurrent or self.architecture == _BOTH
        cached = self._kv_heads[index] if attends and index < self._own_caches else 0
        if self._latent:  # values are made of what is cached as keys
            values = 0
        return Layer(self._heads[index], keys, cached * keys, cached * values, self._state if recurrent else 0)

    @cached_property
    def _heads(self) -> list[int]:
        return self._each("attention.head_count")

    @cached_property
    def _kv_heads(self) -> list[int]:
        has_its_own = self._header.model_value("attention.head_count_kv") is not None
        return self._each("attention.head_count_kv") if has_its_own else self._heads

    def _head_sizes(self, index: int) -> tuple[int, int]:
        usual = self.width // self._heads[0] if self._heads[0] else 0
        sizes = []
        for kind in ("key", "value"):
            within = self.number(f"attention.{kind}_length_swa") if self._has_window(index) else 0
            sizes.append(within or self.number(f"attention.{kind}_length") or usual)
        return sizes[0], sizes[1]

    def _has_window(self, index: int) -> bool:
        """Whether a layer sees a window only, which matters here where its heads have a size of their own."""
        pattern = self._flags("attention.sliding_window_pattern")
        if pattern is not None:
            return pattern[index]
        every = self.number("attention.sliding_window_pattern")
        return every > 0 and index % every < every - 1

    def _is_recurrent(self, index: int) -> bool:
        if self.architecture in _RECURRENT or self.architecture == _BOTH:
            return True
        if self.architecture in _ATTENDS_EVERY:
            flags = self._flags("attention.recurrent_layers")
            every = self.number("full_attention_interval") or _ATTENDS_EVERY[self.architecture]
            return flags[index] if flags is not None else (index + 1) % every != 0
        if self.architecture not in _RECURRENT_WITHOUT_HEADS or self._kv_heads[index]:
            return False
        return not (self.architecture.startswith("nemotron_h") and self._each("feed_forward_length")[index])

    @cached_property
    def _own_caches(self) -> int:
        """How many layers, from the first on, have a cache of their own; the others use one of these."""
        if self.architecture == "gemma3n":
            return 20
        return self.blocks - self.number("attention.shared_kv_layers")

    @property
    def _latent(self) -> bool:
        """Multi-head latent attention: one compressed row for each position."""
        return bool(self.number("attention.key_length_mla") and self.number("attention.value_length_mla"))

    @cached_property
    def _state(self) -> int:
        """Bytes of a recurrent layer's state: what its convolution remembers, and its own."""
        kernel, inner = self.number("ssm.conv_kernel"), self.number("ssm.inner_size")
        state, groups = self.number("ssm.state_size"), self.number("ssm.group_count")
        remembered = kernel - 1 if kernel else 0
        if head := self.number("wkv.head_size"):
            numbers = self.width * ((self.number("token_shift_count") or 2) + head)
        elif kept := self.number("shortconv.l_cache"):
            numbers = self.width * (kept - 1) + state * inner
        elif head := self.number("kda.head_dim"):
            numbers = self._heads[0] * head * (3 * (remembered if kernel else 3) + head)
        elif self.architecture == "minimax-01":
            numbers = self._heads[0] * self._head_sizes(0)[0] ** 2
        else:
            numbers = remembered * (inner + 2 * groups * state) + state * inner
        return numbers * _STATE_BYTES

    def _each(self, key: str) -> list[int]:
        """A number that stands once for all blocks, or once for each; zeros where it is neither."""
        value = self._header.model_value(key)
        if not isinstance(value, GGUFArray):
            return [_whole(value)] * self.blocks
        numbers = [_whole(item) for item in value.values()[: self.blocks]]
        return numbers + [0] * (self.blocks - len(numbers))

    def _flags(self, key: str) -> list[bool] | None:
        """One yes or no for each block, where there is such a list."""
        if not isinstance(self._header.model_value(key), GGUFArray):
            return None
        return [bool(number) for number in self._each(key)]

    # --- cache ---

    def cache_bytes(self, positions: int, cache_type: str, flash_attention: bool) -> list[int]:
        """Bytes of each layer's cache and state, exactly as llama.cpp reserves them.

        Windows make no difference: Seedling keeps whole caches, which can be cut back to a prefix. Without flash
        attention values are stored by columns, each layer's as wide as the widest.
        """
        cells = padded(positions)
        widest = max((layer.values for layer in self.layers), default=0)
        return [
            layer.state
            + cells * row_bytes(cache_type, layer.keys)
            + cells * row_bytes(cache_type, layer.values if flash_attention or not layer.keys else widest)
            for layer in self.layers
        ]


def padded(positions: int) -> int:
    return -(-positions // CACHE_STEP) * CACHE_STEP


def row_bytes(kind: str, numbers: int) -> int:
    """Bytes of a row of numbers of this type: `f16`, `q8_0`, ..."""
    block, size = _ROW_BYTES[kind]
    return -(-numbers // block) * size


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
