"""Why a worker ended, in words: from its exit code, its signal and the end of what it wrote to stderr."""

from __future__ import annotations

import re
import signal
import sys
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

CONTEXT = "worker"

# What llama.cpp and its devices print when memory runs out.
_OUT_OF_MEMORY = (
    "out of memory",
    "out of device memory",
    "cudamalloc failed",
    "hipmalloc failed",
    "cublas_status_alloc_failed",
    "failed to allocate",
    "allocation failed",
    "not enough memory",
    "insufficient memory",
    "cannot allocate memory",
    "erroroutofmemory",
    "erroroutofdevicememory",
    "std::bad_alloc",
    "memoryerror",
)
# Lines that speak of a graphics processor, and those with which one fails, is reset or is unplugged.
_GPU = re.compile(r"cuda|cublas|rocm|\bhip|vulkan|metal|sycl|device ?memory")
_GPU_FAILED = ("cuda error", "rocm error", "hip error", "musa error", "devicelost", "device lost", "gpu is lost")
# Lines with which the libraries below us say goodbye; shown as they are.
_LAST_WORDS = ("GGML_ASSERT", "GGML_ABORT", "terminate called", "what():", "Fatal Python error")

_SIGNALS: dict[str, Any] = {
    "SIGABRT": QT_TRANSLATE_NOOP("worker", "it stopped itself after an internal error (SIGABRT)"),
    "SIGBUS": QT_TRANSLATE_NOOP("worker", "its model file changed or its drive was unplugged (SIGBUS)"),
    "SIGFPE": QT_TRANSLATE_NOOP("worker", "a calculation failed (SIGFPE)"),
    "SIGILL": QT_TRANSLATE_NOOP("worker", "this processor lacks an instruction that it uses (SIGILL)"),
    "SIGKILL": QT_TRANSLATE_NOOP("worker", "the system ended it, most likely because memory ran out (SIGKILL)"),
    "SIGSEGV": QT_TRANSLATE_NOOP("worker", "it read memory that is not its own (SIGSEGV)"),
    "SIGTERM": QT_TRANSLATE_NOOP("worker", "another program ended it (SIGTERM)"),
}
# Windows tells the same in NTSTATUS codes.
_NTSTATUS = {
    0xC0000005: "SIGSEGV",
    0xC0000006: "SIGBUS",
    0xC000001D: "SIGILL",
    0xC0000094: "SIGFPE",
    0xC0000409: "SIGABRT",
}
_NTSTATUS_NO_MEMORY = (0xC0000017, 0xC000012D)
_WORDS_SHOWN = 300


def explain(crashed: bool, exit_code: int, stderr: bytes) -> tuple[str, dict[str, str]]:
    """An error code of `engine.errors` and its data."""
    text = stderr.decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines()]
    if complaints := [line.lower() for line in lines if _speaks_of(_OUT_OF_MEMORY, line)]:
        return "gpu_out_of_memory" if _GPU.search(complaints[-1]) else "worker_out_of_memory", {}
    if (exit_code & 0xFFFFFFFF) in _NTSTATUS_NO_MEMORY:
        return "worker_out_of_memory", {}
    if failures := [line for line in lines if _speaks_of(_GPU_FAILED, line)]:
        return "gpu_failed", {"reason": failures[0][:_WORDS_SHOWN].rstrip(".")}
    last_words = [line for line in lines if any(words in line for words in _LAST_WORDS)]
    return "worker_died", {"reason": last_words[-1][:_WORDS_SHOWN] if last_words else _reason(crashed, exit_code)}


def _speaks_of(phrases: tuple[str, ...], line: str) -> bool:
    return any(phrase in line.lower() for phrase in phrases)


def _reason(crashed: bool, exit_code: int) -> str:
    name = _signal_name(exit_code) if crashed else ""
    if name in _SIGNALS:
        return QCoreApplication.translate(CONTEXT, _SIGNALS[name])
    if name:
        return QCoreApplication.translate("worker", "it was ended by {signal}").format(signal=name)
    return QCoreApplication.translate("worker", "it ended with exit code {code}").format(code=exit_code)


def _signal_name(exit_code: int) -> str:
    if sys.platform == "win32":
        status = exit_code & 0xFFFFFFFF
        return _NTSTATUS.get(status, f"0x{status:08X}")
    try:
        return signal.Signals(exit_code).name
    except ValueError:
        return f"signal {exit_code}"
