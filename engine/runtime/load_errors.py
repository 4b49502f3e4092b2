"""Why llama.cpp did not open a model, from what it printed: each kind of failure is an error of its own."""

from __future__ import annotations

import re

from engine.errors import EngineError
from engine.runtime.gguf_header import GGUFHeader, shown

_NO_MEMORY = re.compile(
    r"(unable|failed) to allocate|insufficient memory|out of memory|Cannot allocate memory|bad_alloc|"
    r"OutOf(Device|Host)Memory|not enough memory",
    re.IGNORECASE,
)
# The names of ggml's buffers and messages of those who compute elsewhere than on the processor.
_GPU = re.compile(r"\b(CUDA|ROCm|HIP|Vulkan|Metal|MTL|SYCL|OpenCL|CANN|MUSA)\w*|cudaMalloc|ErrorOutOfDeviceMemory")
_BROKEN = re.compile(
    r"corrupted or incomplete|has wrong shape|wrong number of tensors|missing tensor|key not found in model|"
    r"failed to read|not within the file bounds"
)
_TOKENIZER = re.compile(r"unknown pre-tokenizer type: '?([^']*)'?|unknown tokenizer: '?([^']*)'?")
_CUDA_FAILED = re.compile(r"failed to initialize CUDA: (.*)")
_OLD_DRIVER = re.compile(r"driver version is insufficient|forward compatibility was attempted|unsupported toolchain")
_NO_LIBRARY = re.compile(r"^Failed to load shared library '[^']*': ")


def not_loaded(header: GGUFHeader, reason: str, said: str) -> EngineError:
    """Why a model was not loaded. reason: llama.cpp's last; said: what it printed meanwhile."""
    place = header.path.name
    if reason.startswith("unknown model architecture"):
        return EngineError("unknown_architecture", said, place=place, architecture=shown(header.architecture))
    if tokenizer := _TOKENIZER.search(reason):
        return EngineError("unknown_tokenizer", said, place=place, tokenizer=shown(tokenizer[1] or tokenizer[2]))
    if lacking := _lacking_memory(said):
        return EngineError(lacking, said)
    code = "gguf_broken" if _BROKEN.search(reason) else "model_not_loaded"
    return EngineError(code, said, place=place, reason=reason)


def no_context(place: str, context: int, cache_type: str, reason: str, said: str) -> EngineError:
    """Why a loaded model got no cache of so many positions."""
    if "cache type" in reason:
        return EngineError("cache_unfit", said, place=place, cache_type=cache_type, reason=reason)
    if _lacking_memory(said) == "gpu_out_of_memory":
        return EngineError("gpu_out_of_memory", said)
    return EngineError("no_context", said, context=context, reason=reason)


def no_gpu(said: str) -> EngineError:
    """Why there is no graphics processor; said: what llama.cpp printed when it was started."""
    failed = _CUDA_FAILED.search(said)
    if failed and _OLD_DRIVER.search(failed[1]):
        return EngineError("driver_too_old", said, reason=shown(failed[1].rstrip(".")))
    return EngineError("no_gpu", said)


def no_library(error: Exception) -> EngineError:
    """Why llama.cpp itself cannot be loaded."""
    return EngineError("missing_library", str(error), reason=shown(_NO_LIBRARY.sub("", str(error)).rstrip("."), 200))


def _lacking_memory(said: str) -> str:
    """The code for it, empty where there was enough. Whose memory: of the last complaints."""
    lines = [line for line in said.splitlines() if _NO_MEMORY.search(line)]
    if not lines:
        return ""
    return "gpu_out_of_memory" if any(_GPU.search(line) for line in lines[-4:]) else "out_of_memory"
