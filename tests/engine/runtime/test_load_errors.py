"""Why a model did not open: by what llama.cpp printed, and by its failing here in earnest."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from copying_gpt import copying_gpt
from random_gpt import english_tokenizer

from engine.gpt import gguf
from engine.runtime import load_errors
from engine.runtime.gguf_header import GGUFHeader, read_header
from engine.runtime.llama_log import RecentLog

Data = Callable[[str], Path]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def header(data: Data) -> GGUFHeader:
    return read_header(data("malformed-models/gguf/valid-mini.gguf"))


# As llama.cpp prints it. Those of graphics processors are from its source: none is here.
PRINTED = {
    "out_of_memory": [
        """ggml_aligned_malloc: insufficient memory (attempted to allocate 456.10 MB)
ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 478252032
alloc_tensor_range: failed to allocate CPU buffer of size 478252032
llama_model_load: error loading model: unable to allocate CPU buffer""",
        """done_getting_tensors: tensor 'token_embd.weight' (f32) cannot be used with preferred buffer type CPU_REPACK
llama_model_load: error loading model: mmap failed: Cannot allocate memory
llama_model_load_from_file_impl: failed to load model""",
        "llama_model_load: error loading model: std::bad_alloc",
    ],
    "gpu_out_of_memory": [
        """ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9.0 MiB on device 0: cudaMalloc failed: out of memory
alloc_tensor_range: failed to allocate CUDA0 buffer of size 9437184000
llama_model_load: error loading model: unable to allocate CUDA0 buffer""",
        """ggml_vulkan: Device memory allocation of size 1073741824 failed.
ggml_vulkan: vk::Device::allocateMemory: ErrorOutOfDeviceMemory
llama_model_load: error loading model: unable to allocate Vulkan0 buffer""",
    ],
    "unknown_architecture": ["llama_model_load: error loading model: unknown model architecture: 'zebra'"],
    "unknown_tokenizer": [
        "llama_model_load: error loading model: error loading model vocabulary: unknown pre-tokenizer type: 'zebra'"
    ],
    "gguf_broken": [
        "llama_model_load: error loading model: missing tensor 'blk.0.attn_q.weight'",
        "llama_model_load: error loading model: check_tensor_dims: tensor 'a' has wrong shape; expected 1, got 2",
        "llama_model_load: error loading model: tensor 'a' data is not within the file bounds, model is corrupted or "
        "incomplete",
    ],
    "model_not_loaded": ["llama_model_load: error loading model: invalid n_rot: 7, expected 8"],
}


@pytest.mark.parametrize(("code", "said"), [(code, said) for code, texts in PRINTED.items() for said in texts])
def test_what_was_printed_tells_the_kind(header: GGUFHeader, code: str, said: str) -> None:
    log = RecentLog()
    log.add(said.encode())
    error = load_errors.not_loaded(header, log.reason(), log.tail())
    assert error.code == code
    assert error.detail == said
    assert "valid-mini.gguf" in str(error) or code.endswith("out_of_memory")


def test_a_context_beyond_the_memory() -> None:
    said = "alloc_tensor_range: failed to allocate {} buffer of size 402653184"
    reason = "failed to initialize the context: failed to allocate buffer for kv cache"
    on_processor, on_gpu = (
        load_errors.no_context("a", 4096, "f16", reason, said.format(on)) for on in ("CPU", "CUDA0")
    )
    assert str(on_processor).startswith("A context of 4096 tokens could not be set up: failed to initialize")
    assert on_gpu.code == "gpu_out_of_memory"


def test_an_old_driver_is_told_from_none() -> None:
    old = "ggml_cuda_init: failed to initialize CUDA: CUDA driver version is insufficient for CUDA runtime version\n"
    none = "ggml_cuda_init: failed to initialize CUDA: no CUDA-capable device is detected\n"
    assert str(load_errors.no_gpu(old)).startswith(
        "The driver of the graphics processor does not suit llama.cpp: CUDA driver version is insufficient for"
    )
    assert [load_errors.no_gpu(said).code for said in (none, "")] == ["no_gpu", "no_gpu"]


# --- in earnest ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of 40 MB, and a cache of 400 MB in float32."""
    path = tmp_path_factory.mktemp("model") / "large.gguf"
    gguf.write_gguf(copying_gpt(416, context=65_536), english_tokenizer(), path)
    return path


_OPEN = """
import resource, sys
from engine.errors import EngineError
from engine.runtime.llama import LlamaRuntime
path, megabytes, options = sys.argv[1], int(sys.argv[2]), eval(sys.argv[3])
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + megabytes * 2**20,) * 2)
try:
    LlamaRuntime(path, threads=1, **options)
    print("opened")
except EngineError as error:
    print(error.code)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's address space")
@pytest.mark.parametrize(
    ("megabytes", "options", "outcome"),
    [
        (16, {"mmap": True}, "out_of_memory"),
        (16, {"mmap": False}, "out_of_memory"),
        (150, {"context": 65_536, "cache_type": "f32"}, "no_context"),
        (2000, {}, "opened"),
    ],
    ids=str,
)
def test_without_memory(large: Path, megabytes: int, options: dict[str, object], outcome: str) -> None:
    assert run(_OPEN, str(large), str(megabytes), repr(options)) == outcome


_IMPORT = """
from engine.errors import EngineError
try:
    import engine.runtime.llama
except EngineError as error:
    print(error)
"""


@pytest.mark.parametrize(("content", "reason"), [(None, "not found"), ("not a library" * 100, "invalid ELF header")])
@pytest.mark.skipif(sys.platform != "linux", reason="named and refused otherwise elsewhere")
def test_without_its_library(tmp_path: Path, content: str | None, reason: str) -> None:
    if content is not None:
        (tmp_path / "libllama.so").write_text(content)
    said = run(_IMPORT, LLAMA_CPP_LIB_PATH=str(tmp_path))
    assert said.startswith("llama.cpp cannot be started: ")
    assert reason in said


def run(code: str, *arguments: str, **environment: str) -> str:
    """What this code prints in a process of its own."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
