"""What a chat model will take of memory, before it is downloaded and before it is loaded; and whether that fits.

Everything is arithmetic on a header (`model_sizes.py`), so it costs milliseconds and needs no weights. Where the
figures come from, and how far they lie from what is measured: docs/model_fit.md.
"""

from __future__ import annotations

import bisect
import platform
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from engine import hardware
from engine.hardware import Memory
from engine.library.model_sizes import CACHE_STEP, ModelSizes, padded, row_bytes
from engine.runtime.gguf_header import GGUFArray, GGUFHeader, GGUFTensor

Verdict = Literal["fits", "slow", "too_large"]

LOGITS_ROWS = 64  # positions whose logits a runtime asks for at once; llama.cpp reserves room for so many

_MB = 2**20
_PROCESS = 48 * _MB  # Python, numpy, llama.cpp's code
FOLDER_PROCESS = 350 * _MB  # Python, torch and tokenizers, where a model folder is opened
_TOKEN = 220  # bytes of a token in llama.cpp's tables: its text twice, its number, its attributes
_MERGE = 170  # of a merge
_GPU_PROCESS = 400 * _MB  # what a driver and its kernels take of a graphics processor; not measured here

_COMFORTABLE = 0.9  # of what is free; the rest is for other programs and for what grows while chatting
_PAGED = 0.5  # of the weights may stay in the file before every token waits for the disk


@dataclass(frozen=True)
class Need:
    """Bytes. weights: once, whether mapped, copied or rearranged. cache: keys, values and states for the context.
    compute: what the largest batch needs while it is computed. overhead: the process, its code, the tokenizer's tables.
    mapped: of the weights, what stays in the file's own pages, which the system may take back and read again.
    """

    weights: int
    cache: int
    compute: int
    overhead: int
    mapped: int = 0

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.compute + self.overhead

    def __add__(self, other: Need) -> Need:
        return Need(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


def needed(
    header: GGUFHeader,
    *,
    context: int,
    cache_type: str = "f16",
    flash_attention: bool | None = None,
    batch: int = 512,
    gpu_layers: int = 0,
    mmap: bool = True,
    threads: int | None = None,
    draft: GGUFHeader | None = None,
    adapters: Sequence[GGUFHeader] = (),
) -> Need:
    """Main memory for a model whose last `gpu_layers` layers are elsewhere (-1: all), as `LlamaRuntime` opens it.

    context: positions, cut to those the model was trained for. draft, adapters: of files that are opened with it.
    threads make no difference worth counting.
    """
    sizes = ModelSizes(header)
    own = _Split(sizes, gpu_layers)
    options = Opened.of(sizes, context, cache_type, flash_attention, batch)
    here = [tensor for tensor in sizes.tensors if not own.is_on_gpu(tensor)]
    weights = sum(tensor.size for tensor in here)
    types = rearranged_types()
    rearranged = sum(tensor.size for tensor in here if _is_interleaved(tensor, types) and not _is_looked_up(tensor))
    if sizes.tied and sizes.output and own.output_here and _is_interleaved(sizes.output, types):
        # one copy gives the logits, the other is looked up in; in a mapped file only few of its pages are
        rearranged += sizes.output.size
        weights += 0 if mmap else sizes.output.size
    cache = sum(size for index, size in enumerate(options.cache) if index < own.first)
    compute = options.reserved(own.first > 0, own.output_here) + (options.workspace() if own.first else 0)
    need = Need(weights, cache, compute, _PROCESS + _tables(header), weights - rearranged if mmap else 0)
    need += Need(sum(tensor.size for adapter in adapters for tensor in adapter.tensors.values()), 0, 0, 0)
    if draft is not None:
        beside = needed(draft, context=context, cache_type=cache_type, flash_attention=flash_attention, batch=batch,
                        gpu_layers=gpu_layers, mmap=mmap)  # fmt: skip
        need += Need(beside.weights, beside.cache, beside.compute, beside.overhead - _PROCESS, beside.mapped)
    return need


def needed_on_gpu(
    header: GGUFHeader,
    layers: int,
    *,
    context: int,
    cache_type: str = "f16",
    flash_attention: bool | None = None,
    batch: int = 512,
    **_options: Any,
) -> Need:
    """Memory of a graphics processor that holds the last `layers` of blocks + 1 (the last one is the output)."""
    sizes = ModelSizes(header)
    split = _Split(sizes, layers)
    options = Opened.of(sizes, context, cache_type, flash_attention, batch)
    weights = sum(tensor.size for tensor in sizes.tensors if split.is_on_gpu(tensor))
    if split.on_gpu and sizes.tied and sizes.output:
        weights += sizes.output.size  # the embedding itself stays in main memory
    cache = sum(options.cache[split.first :])
    return Need(weights, cache, options.reserved(split.first < sizes.blocks, True), _GPU_PROCESS)


def verdict(need: Need, memory: Memory, freed: int = 0) -> Verdict:
    """memory: of this machine. freed: bytes that unloading what is loaded now would give back.

    slow: it takes nearly all that is free, or part of the weights would stay in their file and be read again and
    again. Needs beyond that are too large.
    """
    available = min(memory.available + freed, memory.total)
    if need.total <= _COMFORTABLE * available:
        return "fits"
    return "slow" if need.total - _PAGED * need.mapped <= available else "too_large"


def largest_context(header: GGUFHeader, memory: Memory, freed: int = 0, **options: Any) -> int:
    """The most positions with which the model fits, at most those it was trained for; 0 where it fits with none."""

    def need_of(context: int) -> Need:
        return needed(header, **{**options, "context": context})

    return largest_fitting(need_of, ModelSizes(header).context, memory, freed)


def largest_fitting(need_of: Callable[[int], Need], trained: int, memory: Memory, freed: int = 0) -> int:
    """As `largest_context`, of any model: need_of tells what it takes with so many positions."""

    def fits(context: int) -> bool:
        return verdict(need_of(context), memory, freed) == "fits"

    if fits(trained):
        return trained
    steps = bisect.bisect_left(range(1, trained // CACHE_STEP + 1), True, key=lambda step: not fits(step * CACHE_STEP))
    return steps * CACHE_STEP


def suggested_gpu_layers(header: GGUFHeader, vram: int, **options: Any) -> int:
    """How many layers to put on a graphics processor with `vram` free bytes; blocks + 1 is all of them."""
    layers = ModelSizes(header).blocks + 1
    while layers and needed_on_gpu(header, layers, **options).total > _COMFORTABLE * vram:
        layers -= 1
    return layers


def gpu_verdict(header: GGUFHeader, size: int, vram: int, **options: Any) -> Verdict:
    """Whether all of a file, some layers of it, or none has room in `vram` free bytes of a graphics processor.

    header: of this model in any quantization. size: bytes of the file itself, its layers taken to be equal.
    """
    layers = ModelSizes(header).blocks + 1

    def has_room(count: int) -> bool:
        need = needed_on_gpu(header, count, **options)
        return replace(need, weights=size * count // layers).total <= _COMFORTABLE * vram

    return "fits" if has_room(layers) else "slow" if has_room(1) else "too_large"


def rough(size_bytes: int, parameters: int | None = None, context: int = 4096) -> Need:
    """For a file whose header is not here: from its size, and how many parameters it has if that is known.

    Cache and compute are those of a usual model of that size (grouped queries, f16, flash attention, batches of 512):
    within a quarter for the dense models of the last years, more than enough for those with few heads of keys.
    """
    billions = (parameters or size_bytes / 0.6) / 1e9  # at 4.8 bits a weight
    cache = int(48_000 * billions**0.5) * context
    compute = int(52_000_000 * billions**0.45) + 1024 * context
    return Need(size_bytes, cache, compute, _PROCESS + 128_000 * (_TOKEN + _MERGE), size_bytes)


def rough_folder(parameters: int, context: int = 4096) -> Need:
    """As `rough`, of a model folder, whose weights are float32 and not mapped."""
    return replace(rough(4 * parameters, parameters, context), overhead=FOLDER_PROCESS, mapped=0)


# --- the parts -------------------------------------------------------------------------------------------------------


class _Split:
    """Which tensors are on a graphics processor: llama.cpp takes the output first, then blocks from the last on."""

    def __init__(self, sizes: ModelSizes, gpu_layers: int) -> None:
        self.on_gpu = sizes.blocks + 1 if gpu_layers < 0 else min(gpu_layers, sizes.blocks + 1)
        self.first = min(sizes.blocks, sizes.blocks + 1 - self.on_gpu)  # the first block there
        self._sizes = sizes

    @property
    def output_here(self) -> bool:
        return not self.on_gpu

    def is_on_gpu(self, tensor: GGUFTensor) -> bool:
        block = self._sizes.block_of(tensor)
        if block is None:
            return bool(self.on_gpu) and tensor.name.startswith("output")
        return block >= self.first


@dataclass(frozen=True)
class Opened:
    """A model's sizes together with the options it is opened with, in llama.cpp's own units."""

    sizes: ModelSizes
    tokens: int  # in a batch
    cells: int  # in the cache
    flash: bool
    cache_type: str

    @classmethod
    def of(cls, sizes: ModelSizes, context: int, cache_type: str, flash: bool | None, batch: int) -> Opened:
        positions = min(context, sizes.context) if sizes.context else context
        # on a processor flash attention is what llama.cpp chooses by itself, for all models with heads
        return cls(sizes, min(batch, positions), padded(positions), flash is not False, cache_type)

    @property
    def cache(self) -> list[int]:
        return self.sizes.cache_bytes(self.cells, self.cache_type, self.flash)

    def reserved(self, blocks: bool = True, output: bool = True) -> int:
        """The most that is alive at once, of a block or of the output, which is what llama.cpp reserves before it
        computes. Rows are float32.
        """
        return max(self._block() + self._masks() if blocks else 0, self._output() if output else 0)

    def _block(self) -> int:
        """llama.cpp's allocator on its graphs: beside the feed-forward network four rows of the stream are alive; in
        attention three, queries and keys twice, and without flash attention a score for every cell and head; in
        layers with a state six rows of that.
        """
        sizes = self.sizes
        rows = max(sizes.feed_forward + 4 * sizes.width, sizes.width + 6 * sizes.number("ssm.inner_size"))
        attention = 0
        for layer in sizes.layers:
            own = 4 * self.tokens * (3 * sizes.width + 2 * layer.heads * layer.head + 2 * layer.keys)
            if not self.flash:
                own += 4 * self.tokens * self.cells * layer.heads
            elif self.cache_type == "f32":  # computed in f16, one layer after another
                own += 2 * self.cells * (layer.keys + layer.values)
            attention = max(attention, own)
        return max(4 * self.tokens * rows, attention)

    def _masks(self) -> int:
        """Which cells a token may see; twice where some layers have a window."""
        kinds = 2 if self.sizes.number("attention.sliding_window") else 1
        if not any(layer.keys for layer in self.sizes.layers):
            return 0
        return kinds * self.tokens * self.cells * (2 if self.flash else 4)

    def _output(self) -> int:
        rows = min(self.tokens, LOGITS_ROWS)
        return 4 * (rows * self.sizes.vocabulary + 2 * self.tokens * self.sizes.width)

    def workspace(self) -> int:
        """What a processor takes beside that: its own copy of one matrix' input, in the format of its products."""
        inputs = row_bytes("q8_1", max(self.sizes.feed_forward // 3, self.sizes.width))
        heads = max((layer.heads for layer in self.sizes.layers), default=0)
        scores = 0 if self.flash or self.cache_type == "f32" else 2 * heads * self.cells
        return self.tokens * max(inputs, scores)


def _tables(header: GGUFHeader) -> int:
    """Bytes of the tokenizer as llama.cpp holds it."""
    tokens, merges = (header.metadata.get(f"tokenizer.ggml.{name}") for name in ("tokens", "merges"))
    count = [len(array) if isinstance(array, GGUFArray) else 0 for array in (tokens, merges)]
    return _TOKEN * count[0] + _MERGE * count[1]


# --- weights that llama.cpp rearranges -------------------------------------------------------------------------------
#
# Its processor code keeps a copy of its own of some matrices, eight rows interleaved, and does not look at the file's
# again (`ggml_repack_get_optimal_repack_type`).

_X86 = {"avx2": ("Q4_0", "Q4_K", "IQ4_NL", "MXFP4"), "avx512f": ("Q2_K",)}
_ARM = {"asimddp": ("Q4_0", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "IQ4_NL", "MXFP4")}
_ROWS = 8
# Not multiplied by, so they stay as they are.
_LOOKED_UP = re.compile(r"token_embd|position_embd|token_types|conv1d|shortconv\.conv|rope_freqs|\.ssm_[ad]\b")


def rearranged_types() -> frozenset[str]:
    """Of weights, on this processor."""
    flags = hardware.processor_flags()
    if flags is None:  # Windows and macOS do not say; every processor of the last ten years has these
        flags = {"asimddp"} if platform.machine().lower() in ("arm64", "aarch64") else {"avx2"}
    return frozenset(kind for flag, kinds in (_X86 | _ARM).items() if flag in flags for kind in kinds)


def _is_interleaved(tensor: GGUFTensor, types: frozenset[str]) -> bool:
    return tensor.type in types and len(tensor.shape) > 1 and tensor.shape[1] % _ROWS == 0


def _is_looked_up(tensor: GGUFTensor) -> bool:
    return bool(_LOOKED_UP.search(tensor.name))
