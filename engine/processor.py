"""What this processor can do, asked of the processor itself before a library is loaded that takes it for granted.

numpy, PyArrow and Qt are built for x86-64-v2, which Intel's processors have since 2008 and AMD's since 2011; on an
older one they end the process, or the processor does. llama.cpp and PyTorch choose their code at run time.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from functools import cache

from engine import errors

# Name -> register and bit of leaf 1 of the instruction CPUID (Intel's manual, volume 2). What x86-64-v2 adds.
_ECX = 2
_NEEDED = {"SSSE3": 9, "CMPXCHG16B": 13, "SSE4.1": 19, "SSE4.2": 20, "POPCNT": 23}
_FMA = 12
# winnt.h: PF_SSSE3_, PF_COMPARE_EXCHANGE128, PF_SSE4_1_, PF_SSE4_2_ and PF_AVX2_INSTRUCTIONS_AVAILABLE
_ON_WINDOWS = {"SSSE3": 36, "CMPXCHG16B": 14, "SSE4.1": 37, "SSE4.2": 38}
_AVX2_ON_WINDOWS = 40


def ready() -> str | None:
    """Prepare this process and what it starts for the processor, or say in a sentence why Seedling cannot run.

    numpy's OpenBLAS (0.3.31) takes every processor that it does not know by name for a Haswell, which computes with FMA.
    """
    lacking, fused = _asked()
    if lacking:
        return errors.describe("processor_too_old", {"names": ", ".join(lacking)})
    if not fused:
        os.environ.setdefault("OPENBLAS_CORETYPE", "Nehalem")
    return None


@cache
def _asked() -> tuple[list[str], bool]:
    """The instructions it lacks of those that are needed, and whether it multiplies and adds at once (FMA)."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return [], True
    if sys.platform == "win32":
        has = ctypes.windll.kernel32.IsProcessorFeaturePresent
        return [name for name, number in _ON_WINDOWS.items() if not has(number)], bool(has(_AVX2_ON_WINDOWS))
    ecx = _leaf_one()
    if ecx is None:
        return [], True
    return [name for name, bit in _NEEDED.items() if not ecx >> bit & 1], bool(ecx >> _FMA & 1)


def _leaf_one() -> int | None:
    """Register ECX of CPUID's leaf 1, which the C library has read (sys/platform/x86.h, glibc 2.33 and later)."""
    try:
        ask = ctypes.CDLL(None).__x86_get_cpuid_feature_leaf
    except (OSError, AttributeError):
        return None
    ask.argtypes, ask.restype = [ctypes.c_uint], ctypes.POINTER(ctypes.c_uint)
    return int(ask(0)[_ECX])
