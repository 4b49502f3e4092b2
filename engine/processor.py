"""What this processor can do, asked of the processor itself before a library is loaded that takes it for granted.

numpy, PyArrow and Qt are built for x86-64-v2, which Intel's processors have since 2008 and AMD's since 2011; on an
older one they end the process, or the processor does. llama.cpp and PyTorch choose their code at run time.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from functools import cache

from engine import errors

# Name -> register and bit of leaf 1 of the instruction CPUID (Intel's manual, volume 2). What x86-64-v2 adds.
_ECX = 2
_NEEDED = {"SSSE3": 9, "CMPXCHG16B": 13, "SSE4.1": 19, "SSE4.2": 20, "POPCNT": 23}
# winnt.h: PF_SSSE3_, PF_COMPARE_EXCHANGE128, PF_SSE4_1_ and PF_SSE4_2_INSTRUCTIONS_AVAILABLE; POPCNT has no number.
_ON_WINDOWS = {"SSSE3": 36, "CMPXCHG16B": 14, "SSE4.1": 37, "SSE4.2": 38}


@cache
def problem() -> str | None:
    """One sentence about why Seedling cannot run on this processor, or None."""
    lacking = _lacking()
    return errors.describe("processor_too_old", {"names": ", ".join(lacking)}) if lacking else None


def _lacking() -> list[str]:
    """The instructions it lacks of those that are needed."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return []
    if sys.platform == "win32":
        has = ctypes.windll.kernel32.IsProcessorFeaturePresent
        return [name for name, number in _ON_WINDOWS.items() if not has(number)]
    ecx = _leaf_one()
    return [] if ecx is None else [name for name, bit in _NEEDED.items() if not ecx >> bit & 1]


def _leaf_one() -> int | None:
    """Register ECX of CPUID's leaf 1, which the C library has read (sys/platform/x86.h, glibc 2.33 and later)."""
    try:
        ask = ctypes.CDLL(None).__x86_get_cpuid_feature_leaf
    except (OSError, AttributeError):
        return None
    ask.argtypes, ask.restype = [ctypes.c_uint], ctypes.POINTER(ctypes.c_uint)
    return int(ask(0)[_ECX])
