"""llama.cpp's library: loaded once, listened to, opening and rewriting files. The only file that imports llama_cpp."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine import files, hardware
from engine.errors import EngineError
from engine.runtime import c_file, llamafile
from engine.runtime.gguf_header import GGUFHeader, shown
from engine.runtime.llama_log import RecentLog
from engine.runtime.preflight import check_model

os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # else ggml starts a debugger when it aborts

import llama_cpp.llama_cpp as _binding

c = _binding  # for the modules beside this one

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

log = RecentLog()


@c.llama_log_callback  # type: ignore[untyped-decorator]
def _on_log(_level: int, text: bytes | None, _user_data: object) -> None:
    log.add(text or b"")


# The function must outlive every call, hence a module's name for it. Importing the binding has set its own.
c.llama_log_set(_on_log, None)
c.llama_backend_init()


def system_info() -> str:
    """The library's version and what it was built to use of this machine."""
    version, features = c.llama_version().decode(), c.llama_print_system_info().decode("utf-8", "replace")
    return f"llama.cpp {version}: {features.strip(' |')}"


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
        raise _load_error(header)
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


def _load_error(header: GGUFHeader) -> EngineError:
    reason = log.reason()
    if reason.startswith("unknown model architecture"):
        architecture = shown(header.architecture)
        return EngineError("unknown_architecture", log.tail(), place=header.path.name, architecture=architecture)
    if "unable to allocate" in log.tail() or "failed to allocate" in log.tail():
        return EngineError("out_of_memory", log.tail())
    return EngineError("model_not_loaded", log.tail(), place=header.path.name, reason=reason)


def quantize(source: Path, target: Path, kind: str, threads: int | None = None) -> None:
    """Write `source`, an f32, f16 or bf16 GGUF, to `target` as one of `QUANTIZATIONS`, whole or not at all.

    Where rows do not divide into the type's blocks, llama.cpp takes another type for that tensor.
    Raises EngineError `bad_option`, `quantize_failed`, or as opening the model does.
    """
    if kind not in _FILE_TYPES:
        raise EngineError("bad_option", option="quantize", expected="one of " + ", ".join(QUANTIZATIONS), value=kind)
    header = check_model(source)
    parameters = c.llama_model_quantize_default_params()
    parameters.ftype = _FILE_TYPES[kind]
    parameters.nthread = threads or hardware.threads_for("background")
    log.clear()
    with files.whole_file(target) as partial:
        if c.llama_model_quantize(os.fsencode(source), os.fsencode(partial), ctypes.byref(parameters)) != 0:
            raise EngineError("quantize_failed", log.tail(), place=header.path.name, kind=kind, reason=log.reason())
