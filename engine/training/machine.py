"""What torch finds on this machine: the device to train on, its number formats, the versions at work."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine import hardware


@dataclass(frozen=True)
class Compute:
    """Where a run computes, and in which precision (`float32` or `bf16`)."""

    device: torch.device
    precision: str

    def autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")

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
