"""What torch finds on this machine: the device to train on, its number formats, the versions at work."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine import hardware


@dataclass(frozen=True)
class Compute:
    """Where a run computes, in which precision (`float32` or `bf16`), and whether by compiled functions."""

    device: torch.device
    precision: str
    compiles: bool = False

    def autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def compiled(self, function: Callable[..., Tensor]) -> Callable[..., Tensor]:
        """The function, compiled for the sizes it is called with, where the run compiles."""
        return torch.compile(function) if self.compiles else function

    def tensors(self, arrays: Sequence[np.ndarray[Any, Any]]) -> list[Tensor]:
        """The arrays as tensors of the device."""
        return [torch.from_numpy(array).to(self.device) for array in arrays]


def device() -> str:
    """The fastest device torch can use here: cuda, mps or cpu."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def has_bf16(device: str) -> bool:
    """Whether the device multiplies bfloat16 in hardware. Where it does not, bfloat16 is far slower than float32."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device == "mps":
        return False
    known = hardware.bf16()
    return bool(torch.cpu.get_capabilities().get("avx512_bf16")) if known is None else known


def has_compiler() -> bool:
    """Whether torch.compile finds what it needs on a processor: the C++ compiler it looks for by default.

    What it writes also includes Python's headers, and the frozen program carries none.
    """
    if getattr(sys, "frozen", False):
        return False
    usual = {"darwin": "clang++", "win32": "cl"}.get(sys.platform, "g++")
    return shutil.which(os.environ.get("CXX", usual)) is not None


def memory_used(device: torch.device) -> int:
    """Bytes that training holds now: of the graphics card where it computes there, else of this process."""
    return torch.cuda.memory_reserved(device) if device.type == "cuda" else hardware.resident()


# glibc's malloc.h: when freed memory at the end of the heap goes back to the system, what is fetched apart from it, and
# how many such stretches there may be.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
_USUAL = {_TRIM_THRESHOLD: 2**17, _MMAP_THRESHOLD: 2**17, _MMAP_MAX: 2**16}
_KEEPING = {_TRIM_THRESHOLD: -1, _MMAP_MAX: 0}  # nothing goes back, nothing is fetched apart
_SPARING = {_TRIM_THRESHOLD: 2**17, _MMAP_THRESHOLD: 2**16, _MMAP_MAX: 2**16}  # the second then stays as it is set


@contextmanager
def kept_memory(sparing: bool = False) -> Iterator[None]:
    """Keep freed memory for the next step instead of handing it back: asking for it again took an eighth of a step.

    sparing: hand back every tensor of any size as soon as it is freed, so that no more is held than is used.
    Only where the C library is glibc (Linux); elsewhere nothing changes.
    """
    glibc = ctypes.CDLL(None) if sys.platform == "linux" and platform.libc_ver()[0] == "glibc" else None
    if glibc is None:
        yield
        return
    for parameter, value in (_SPARING if sparing else _KEEPING).items():
        glibc.mallopt(parameter, value)
    try:
        yield
    finally:
        for parameter, value in _USUAL.items():
            glibc.mallopt(parameter, value)
        glibc.malloc_trim(0)


def describe() -> dict[str, Any]:
    """Versions and hardware, for run.json and the model card."""
    try:
        seedling = metadata.version("seedling")
    except metadata.PackageNotFoundError:
        seedling = "source"
    processor = torch.cpu.get_capabilities().get("cpu_name") or platform.processor() or platform.machine()
    return {
        "versions": {"seedling": seedling, "python": platform.python_version(), "torch": torch.__version__},
        "hardware": {
            "processor": processor,
            "cores": hardware.physical_cores(),
            "memory": hardware.memory().total,
            "system": f"{sys.platform} {platform.machine()}",
        },
    }
