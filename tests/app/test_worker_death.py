"""Why a worker ended: signals, exit codes and last words as sentences."""

from __future__ import annotations

import signal
import sys

import pytest

from app import worker_death
from app.worker_death import explain


@pytest.mark.parametrize(
    "stderr",
    [
        b"llama_init_from_model: failed to allocate compute buffers\nSomething later\n",
        b"terminate called after throwing an instance of 'std::bad_alloc'",
        b"MemoryError\n",
    ],
)
def test_memory_that_ran_out_is_recognised_whatever_the_exit(stderr: bytes) -> None:
    assert explain(True, 6, stderr) == ("worker_out_of_memory", {})


@pytest.mark.parametrize(
    "stderr",
    [
        b"ggml_backend_cuda_buffer_type_alloc_buffer: allocating 6144.00 MiB on device 0: cudaMalloc failed",
        b"CUDA error: out of memory\n  current device: 0, in function alloc\nggml-cuda.cu:88: CUDA error",
        b"terminate called\n  what():  vk::Device::allocateMemory: ErrorOutOfDeviceMemory",
    ],
)
def test_memory_of_the_graphics_processor_is_told_apart(stderr: bytes) -> None:
    assert explain(True, 6, stderr) == ("gpu_out_of_memory", {})


def test_a_chip_is_no_graphics_processor() -> None:
    assert explain(True, 6, b"chip 0: failed to allocate buffer") == ("worker_out_of_memory", {})
    assert explain(True, 6, b"hipMalloc failed on device 0") == ("gpu_out_of_memory", {})


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        (b"CUDA error: unknown error\n  current device: 0\nggml-cuda.cu:88: CUDA error\n", "CUDA error: unknown error"),
        (b"noise\nCUDA error: an illegal memory access was encountered\n", "an illegal memory access"),
        (b"  what():  vk::Queue::submit: ErrorDeviceLost\n", "vk::Queue::submit: ErrorDeviceLost"),
    ],
)
def test_a_graphics_processor_that_failed_is_named(stderr: bytes, reason: str) -> None:
    code, data = explain(True, 6, stderr)
    assert code == "gpu_failed"
    assert reason in data["reason"]


def test_last_words_are_shown_whole_but_not_for_ever() -> None:
    _, data = explain(True, 6, b"\xff noise\nGGML_ASSERT(x) failed: " + b"y" * 5000 + b"\nmore noise")
    assert data["reason"].startswith("GGML_ASSERT(x) failed: yyy")
    assert len(data["reason"]) <= 300


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of POSIX")
@pytest.mark.parametrize("number", [s for s in signal.Signals if s.name in worker_death._SIGNALS])
def test_every_signal_has_its_words(number: signal.Signals) -> None:
    assert number.name in explain(True, number, b"")[1]["reason"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of POSIX")
def test_a_signal_without_words_is_named() -> None:
    assert explain(True, signal.SIGUSR1, b"")[1]["reason"] == "it was ended by SIGUSR1"
    assert explain(True, 250, b"")[1]["reason"] == "it was ended by signal 250"


@pytest.mark.parametrize(
    ("status", "words"), [(0xC0000005, "SIGSEGV"), (0xC000001D, "SIGILL"), (0xC0000409, "SIGABRT")]
)
def test_windows_says_the_same_in_its_own_codes(monkeypatch: pytest.MonkeyPatch, status: int, words: str) -> None:
    monkeypatch.setattr(worker_death.sys, "platform", "win32")
    for exit_code in (status, status - (1 << 32)):  # Qt hands it out as a signed number
        assert words in explain(True, exit_code, b"")[1]["reason"]
    assert explain(True, 0xC0000017, b"") == ("worker_out_of_memory", {})
    assert "0xC0001234" in explain(True, 0xC0001234, b"")[1]["reason"]
