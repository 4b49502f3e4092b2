from __future__ import annotations

import subprocess
import sys

from engine.runtime.llama_log import RecentLog


def test_bytes_that_are_no_text_are_replaced() -> None:
    log = RecentLog()
    log.add(b"name = \xff\n")
    assert log.tail() == "name = \ufffd\n"


def test_only_the_end_is_kept() -> None:
    log = RecentLog()
    for number in range(5000):
        log.add(b"line %d\n" % number)
    assert len(log.tail()) == 8192
    assert log.tail().endswith("line 4999\n")


def test_the_reason_is_the_last_error() -> None:
    log = RecentLog()
    log.add(b"llama_model_load: error loading model: first\nllama_model_load: error loading model: bad \x1b[31mrope.\n")
    log.add(b"llama_model_load_from_file_impl: failed to load model\n")
    assert log.reason() == "bad \ufffd[31mrope"


def test_without_an_error_there_is_no_reason() -> None:
    log = RecentLog()
    assert log.reason() == "it gave no reason"
    log.add(b"x: failed to allocate buffer of size 5\n")
    assert log.reason() == "failed to allocate buffer of size 5"
    log.clear()
    assert log.reason() == "it gave no reason"


def test_sizes_of_buffers_are_kept_until_they_are_cleared() -> None:
    log = RecentLog()
    log.add(b"load_tensors:   CPU_REPACK model buffer size =    56.95 MiB\n")
    log.add(b"llama_kv_cache: CPU KV buffer size = 4.00 MiB\nllama_kv_cache: CPU KV buffer size =  22.00 MiB\n")
    log.add(b"name = a model buffer size = 1.2.3 MiB or ... MiB\n")
    log.clear()
    assert log.sizes == {"CPU_REPACK model": round(56.95 * 2**20), "CPU KV": 26 * 2**20}


ABORTING = """
import ctypes
from engine.runtime.llama_library import _device, log
log.add(b"CUDA error: unspecified launch failure\\n  current device: 0\\n")
_device.ggml_abort(b"ggml-cuda.cu", 88, b"CUDA error")
"""


def test_when_ggml_ends_the_process_what_it_said_before_is_printed() -> None:
    """Its own words go into the log, which ends with the process, and would leave no reason behind."""
    done = subprocess.run([sys.executable, "-c", ABORTING], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "CUDA error: unspecified launch failure\n" in done.stderr
    assert done.stderr.endswith("ggml-cuda.cu:88: CUDA error\n")
