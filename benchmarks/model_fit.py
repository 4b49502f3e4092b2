"""How far the memory predicted for a chat model lies from what its process takes, on synthetic models of real shapes.

    python benchmarks/model_fit.py [NAME ...]        # all models, or those whose name holds one of these
    python benchmarks/model_fit.py --reserved        # what is computed with, against what llama.cpp would reserve

Each model is written, opened in a process of its own as the chat opens it, made to read as many tokens as the table
says, and deleted. Nothing learned from earlier loads corrects the predictions. Prints the tables of docs/model_fit.md.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from model_shapes import SHAPES, write

from engine import hardware
from engine.library.memory_fit import Opened
from engine.library.model_sizes import ModelSizes
from engine.runtime.gguf_header import read_header

# What is opened, how, and how many tokens are read: whole contexts where scores are kept (no flash attention).
RUNS: list[tuple[str, str, dict[str, Any], int]] = [
    ("SmolLM2-135M", "q8_0", {"context": 8192}, 2048),
    ("SmolLM2-135M", "q4_0", {"context": 512}, 512),
    ("SmolLM2-360M", "f16", {"context": 2048, "flash_attention": False}, 2048),
    ("Qwen2.5-0.5B", "q4_k_m", {"context": 4096, "cache_type": "q8_0"}, 512),
    ("Qwen2.5-1.5B", "q4_0", {"context": 4096, "mmap": False}, 512),
    ("Qwen3-0.6B", "q8_0", {"context": 4096, "cache_type": "f32", "mmap": False}, 512),
    ("Qwen3-1.7B", "q6_k", {"context": 2048}, 512),
    ("Llama-3.2-1B", "q4_k_m", {"context": 4096}, 512),
    ("Llama-3.2-3B", "q4_k_m", {"context": 8192, "cache_type": "q4_0"}, 512),
    ("gemma-2-2b", "q4_0", {"context": 4096}, 512),
    ("gemma-3-1b", "q5_k_m", {"context": 8192, "mmap": False}, 512),
    ("Phi-3-mini", "q4_k_m", {"context": 2048, "batch": 256}, 256),
    ("Mistral-7B-v0.3", "q4_k_m", {"context": 4096, "batch": 128}, 128),
    ("OLMo-2-1B", "q8_0", {"context": 1024, "flash_attention": False}, 1024),
    ("starcoder2-3b", "q2_k", {"context": 4096, "cache_type": "q5_1"}, 512),
    ("gpt2", "f16", {"context": 1024, "cache_type": "f32", "flash_attention": False}, 1024),
    ("pythia-410m", "q8_0", {"context": 2048, "cache_type": "bf16", "mmap": False}, 512),
    ("TinyLlama-1.1B", "q5_k_m", {"context": 2048}, 512),
    ("Qwen2.5-3B", "q4_k_m", {"context": 4096, "cache_type": "q8_0", "mmap": False}, 512),
    ("granite-3.0-1b-a400m", "q4_k_m", {"context": 4096}, 512),
]  # fmt: skip


def main(names: list[str]) -> None:
    print("| model | weights | context | options | read | predicted | when loaded | at most | predicted / at most |")
    print("|---|---|---|---|---|---|---|---|---|")
    ratios = []
    for name, quantization, options, tokens in RUNS:
        if names and not any(part in name for part in names):
            continue
        predicted, loaded, most = measured(name, quantization, options, tokens)
        ratios.append(predicted / most)
        told = ", ".join(f"{key} {value}" for key, value in options.items() if key != "context") or "as they are"
        sizes = " | ".join(f"{size / 1e6:,.0f} MB" for size in (predicted, loaded, most))
        print(f"| {name} | {quantization} | {options['context']} | {told} | {tokens} | {sizes} | {ratios[-1]:.3f} |",
              flush=True)  # fmt: skip
    print(f"\nFurthest: {max(ratios, key=lambda ratio: abs(ratio - 1)):.3f}, over {len(ratios)} runs.")


def measured(name: str, quantization: str, options: dict[str, Any], tokens: int) -> tuple[int, int, int]:
    """Bytes predicted, in use when it was loaded, and in use at most."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(SHAPES[name], quantization, Path(folder) / "model.gguf")
        command = [sys.executable, __file__, "--measure", str(path), json.dumps(options), str(tokens)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ | {"SEEDLING_HOME": folder})
    predicted, loaded, most = json.loads(told.stdout)
    return predicted, loaded, most


def measure(path: str, options: dict[str, Any], tokens: int) -> None:
    """In a process of its own: open the model, read, print the three figures."""
    from engine.runtime.llama import LlamaRuntime, log

    runtime = LlamaRuntime(path, **options)
    assert runtime.memory is not None
    need, loaded = runtime.memory
    runtime.evaluate([number * 7919 % 20_000 for number in range(tokens)])
    left_behind = log.sizes["CPU_REPACK model"] if options.get("mmap", True) else 0
    print(json.dumps([need.total, loaded, hardware.most_resident() - left_behind]))
    runtime.close()


def reserved() -> None:
    """Compute buffers, over many settings: llama.cpp plans them from the header alone, without taking any memory."""
    print("| model | settings | predicted / reserved: least | median | most |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, shape in SHAPES.items():
            path = write(shape, "q4_0", Path(folder) / f"{name}.gguf", sparse=True)
            ratios = sorted(
                planned(path, min(context, shape.context), flash, batch)
                for context in (512, 4096, 16384)
                for flash in (True, False)
                for batch in (128, 512)
            )
            least, middle, most = ratios[0], statistics.median(ratios), ratios[-1]
            print(f"| {name} | {len(ratios)} | {least:.2f} | {middle:.2f} | {most:.2f} |", flush=True)


def planned(path: Path, context: int, flash: bool, batch: int) -> float:
    """Predicted bytes over those that llama.cpp plans to compute with."""
    from engine.runtime.llama_library import c, log
    from engine.runtime.llama_options import LlamaOptions

    options = LlamaOptions(context=context, flash_attention=flash, batch=batch)
    parameters = c.llama_model_default_params()
    parameters.no_alloc, parameters.load_mode = True, c.LLAMA_LOAD_MODE_NONE
    log.sizes.clear()
    model = c.llama_model_load_from_file(os.fsencode(path), parameters)
    handle = c.llama_init_from_model(model, options.context_parameters(context, threads=1))
    c.llama_free(handle)
    c.llama_model_free(model)
    opened = Opened.of(ModelSizes(read_header(path)), context, "f16", flash, batch)
    return opened.reserved() / log.sizes["CPU compute"]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--measure", path, options, tokens]:
            measure(path, json.loads(options), int(tokens))
        case ["--reserved"]:
            reserved()
        case names:
            main(names)
