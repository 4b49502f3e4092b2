"""llama.cpp's library: loaded once, listened to, opening and rewriting files. The only file that imports llama_cpp."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import files, hardware
from engine.errors import EngineError
from engine.runtime import c_file, llamafile, load_errors
from engine.runtime.base import one_of
from engine.runtime.gguf_header import GGUFHeader
from engine.runtime.llama_log import RecentLog
from engine.runtime.preflight import check_model

os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # else ggml starts a debugger when it aborts

try:
    import llama_cpp.llama_cpp as _binding
except (OSError, RuntimeError) as error:  # a library that it is linked with, of a graphics driver perhaps
    raise load_errors.no_library(error) from None
import llama_cpp
from llama_cpp._ctypes_extensions import load_shared_library

c = _binding  # for the modules beside this one
build: str = llama_cpp.__version__  # llama.cpp's states tell no version of their own

_FILE_TYPES = {
    "f16": c.LLAMA_FTYPE_MOSTLY_F16,
    "bf16": c.LLAMA_FTYPE_MOSTLY_BF16,
    "q8_0": c.LLAMA_FTYPE_MOSTLY_Q8_0,
    "q6_k": c.LLAMA_FTYPE_MOSTLY_Q6_K,
    "q5_k_m": c.LLAMA_FTYPE_MOSTLY_Q5_K_M,
    "q5_k_s": c.LLAMA_FTYPE_MOSTLY_Q5_K_S,
    "q5_0": c.LLAMA_FTYPE_MOSTLY_Q5_0,
    "q4_k_m": c.LLAMA_FTYPE_MOSTLY_Q4_K_M,
    "q4_k_s": c.LLAMA_FTYPE_MOSTLY_Q4_K_S,
    "q4_0": c.LLAMA_FTYPE_MOSTLY_Q4_0,
    "q3_k_m": c.LLAMA_FTYPE_MOSTLY_Q3_K_M,
    "q2_k": c.LLAMA_FTYPE_MOSTLY_Q2_K,
}
QUANTIZATIONS = tuple(_FILE_TYPES)

_LAST_WORDS = 4000  # characters of the log that are told when ggml ends the process

log = RecentLog()


@c.llama_log_callback  # type: ignore[untyped-decorator]
def _on_log(_level: int, text: bytes | None, _user_data: object) -> None:
    log.add(text or b"")


# What the binding leaves out of ggml: which devices there are, and their memory.
_GPU_KINDS = (1, 2)  # with memory of its own, or with a share of the main memory
_libraries = Path(_binding.__file__).parent / "lib"
_devices, _device = load_shared_library("ggml", _libraries), load_shared_library("ggml-base", _libraries)
_devices.ggml_backend_dev_count.restype = ctypes.c_size_t
_devices.ggml_backend_dev_get.argtypes, _devices.ggml_backend_dev_get.restype = [ctypes.c_size_t], ctypes.c_void_p
_device.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
_device.ggml_backend_dev_description.argtypes = [ctypes.c_void_p]
_device.ggml_backend_dev_description.restype = ctypes.c_char_p
_device.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, *[ctypes.POINTER(ctypes.c_size_t)] * 2]
_device.ggml_backend_dev_memory.restype = None
_devices.ggml_backend_load_all_from_path.argtypes = [ctypes.c_char_p]
_devices.ggml_backend_load_all_from_path.restype = None


@ctypes.CFUNCTYPE(None, ctypes.c_char_p)  # type: ignore[untyped-decorator]
def _on_abort(text: bytes | None) -> None:
    """ggml is about to end the process: whoever started it reads why at the end of what it printed."""
    os.write(2, f"{log.tail()[-_LAST_WORDS:]}\n{(text or b'').decode('utf-8', 'replace')}\n".encode())


# The functions must outlive every call, hence a module's names for them. Importing the binding has set its own.
_device.ggml_set_abort_callback.argtypes, _device.ggml_set_abort_callback.restype = [ctypes.c_void_p], ctypes.c_void_p
_device.ggml_set_abort_callback(_on_abort)
c.llama_log_set(_on_log, None)
if any(_libraries.glob("*ggml-cpu-*")):  # built for every processor: the best module of this one's is loaded
    _devices.ggml_backend_load_all_from_path(os.fsencode(_libraries))
c.llama_backend_init()
has_gpu: bool = c.llama_supports_gpu_offload()  # asks the drivers, which may complain
_said_at_start = log.tail()
_module = re.search(r"loaded CPU backend from .*ggml-cpu-(\w+)\.", _said_at_start)
processor_module = _module[1] if _module else ""  # as llama.cpp names them: `haswell`, `zen4`; empty: one for all


def system_info() -> str:
    """The library's version, which of its modules was loaded where it has some, and what they use of this machine."""
    version, features = c.llama_version().decode(), c.llama_print_system_info().decode("utf-8", "replace")
    module = f" for {processor_module}" if processor_module else ""
    return f"llama.cpp {version}{module}: {features.strip(' |')}"


def high_level() -> Any:
    """llama-cpp-python's own class for whole models, which benchmarks compare with. It imports what we do not need."""
    from llama_cpp import Llama

    return Llama


def no_gpu() -> EngineError:
    """Why llama.cpp uses no graphics processor here."""
    return load_errors.no_gpu(_said_at_start)


@dataclass(frozen=True)
class Gpu:
    """A graphics processor that llama.cpp was built for and finds here."""

    name: str
    memory: hardware.Memory


def gpus() -> list[Gpu]:
    """In the order in which llama.cpp numbers them. None has been at hand to run this with."""
    found = []
    for index in range(_devices.ggml_backend_dev_count()):
        device = _devices.ggml_backend_dev_get(index)
        if _device.ggml_backend_dev_type(device) in _GPU_KINDS:
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            _device.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            name = _device.ggml_backend_dev_description(device).decode("utf-8", "replace")
            found.append(Gpu(name, hardware.Memory(total.value, free.value)))
    return found


def load(
    header: GGUFHeader,
    gpu_layers: int,
    load_mode: int = c.LLAMA_LOAD_MODE_AUTO,
    vocabulary_only: bool = False,
    on_load: Callable[[float], None] | None = None,
) -> Any:
    """llama.cpp's model. An exception out of `on_load` stops the loading and is raised here."""
    stopped: list[BaseException] = []

    @c.llama_progress_callback  # type: ignore[untyped-decorator]
    def on_progress(share: float, _user_data: object) -> bool:
        try:
            if on_load is not None:
                on_load(share)
        except BaseException as error:
            stopped.append(error)
        return not stopped

    parameters = c.llama_model_default_params()
    parameters.n_gpu_layers = gpu_layers
    parameters.load_mode = load_mode
    parameters.vocab_only = vocabulary_only
    parameters.progress_callback = on_progress
    log.clear()
    model = _opened(header, parameters, on_load)
    if stopped:
        if model:
            c.llama_model_free(model)
        raise stopped[0]
    if not model:
        raise load_errors.not_loaded(header, log.reason(), log.tail())
    return model


def _opened(header: GGUFHeader, parameters: Any, on_load: Callable[[float], None] | None) -> Any:
    """Of a file, or of the GGUF inside one: in place where llama.cpp can map it there, else from a copy."""
    if header.start % llamafile.ALIGNMENT:
        copy = llamafile.unpacked(
            header.path, header.start, header.file_size, lambda: None if on_load is None else on_load(0.0)
        )
        return c.llama_model_load_from_file(os.fsencode(copy), parameters)
    if not header.start:
        return c.llama_model_load_from_file(os.fsencode(header.path), parameters)
    with c_file.opened(header.path, header.start) as file:
        return c.llama_model_load_from_file_ptr(file, parameters)


def quantize(source: Path, target: Path, kind: str, threads: int | None = None) -> None:
    """Write `source`, an f32, f16 or bf16 GGUF, to `target` as one of `QUANTIZATIONS`, whole or not at all.

    Where rows do not divide into the type's blocks, llama.cpp takes another type for that tensor.
    Raises EngineError `bad_option`, `quantize_failed`, or as opening the model does.
    """
    if kind not in _FILE_TYPES:
        raise EngineError("bad_option", option="quantize", expected=one_of(QUANTIZATIONS), value=kind)
    header = check_model(source)
    parameters = c.llama_model_quantize_default_params()
    parameters.ftype = _FILE_TYPES[kind]
    parameters.nthread = threads or hardware.threads_for("background")
    log.clear()
    with files.whole_file(target) as partial:
        if c.llama_model_quantize(os.fsencode(source), os.fsencode(partial), ctypes.byref(parameters)) != 0:
            raise EngineError("quantize_failed", log.tail(), place=header.path.name, kind=kind, reason=log.reason())
