"""Write an adapter as the GGUF file that llama.cpp lays over its model: `llama-cli --lora`, `llama_adapter_lora_init`.

Two tensors stand for each adapted one of the model, `<name>.lora_a` (rank, in) and `<name>.lora_b` (out, rank), and one
number, alpha, counts their product alpha / rank times. Names, stacking and the order of rows are the model's
(`gguf.ARCHITECTURES`). Format: llama.cpp's convert_lora_to_gguf.py and src/llama-adapter.cpp.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import gguf as library
import numpy as np

from engine import files
from engine.arrays import Told
from engine.errors import EngineError
from engine.gpt import adapter, gguf
from engine.gpt.lora import LoRAConfig
from engine.gpt.model import GPT

TYPES = ("f32", "f16", "bf16")


def write_adapter(
    model: GPT, config: LoRAConfig, path: str | Path, type: str = "f32", general: Mapping[str, str] | None = None
) -> gguf.Contents:
    """Write the adapter attached to `model`, whole or not at all, and read back what the file holds.

    config: its settings. type: one of `TYPES`. general: texts below `general.` (name, license, ...).
    Raises EngineError `unknown_gguf_type`, `weights_not_finite`, `weights_beyond_f16`.
    """
    path = Path(path)
    if type not in TYPES:
        raise EngineError("unknown_gguf_type", type=type, known=", ".join(TYPES))
    kind = gguf.WRITTEN[type][0]
    with files.whole_file(path) as partial:
        writer = library.GGUFWriter(partial, gguf.ARCHITECTURES[model.config.shape].name)
        try:
            writer.add_type("adapter")
            writer.add_string("adapter.type", "lora")
            # What llama.cpp divides by the rank to get the scale; with rslora it is not the adapter's own alpha.
            writer.add_float32("adapter.lora.alpha", config.scale * config.rank)
            writer.add_file_type(gguf.WRITTEN[type][1])
            gguf.add_texts(writer, general or {})
            for name, array in _arrays(model).items():
                writer.add_tensor(name, gguf.convert(name, array, kind).view(Told), raw_dtype=kind)
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
        finally:
            writer.close()
    return gguf.read_contents(path, type)


def _arrays(model: GPT) -> dict[str, np.ndarray]:
    """The tensors of the file, float32. Raises EngineError `weights_not_finite`."""
    config = model.config
    paired = gguf.ARCHITECTURES[config.shape].paired
    table = {name: ours for name, ours in gguf.tensor_names(config).items() if name.endswith(".weight")}
    found = {}
    for name, (a, b) in adapter.stacked(model, table).items():
        rows = b.numpy()
        found[f"{name}.lora_a"] = a.numpy()
        found[f"{name}.lora_b"] = gguf.pair(rows, config.head_dim) if paired.search(name) else rows
    for name, array in found.items():
        if not np.isfinite(array).all():
            raise EngineError("weights_not_finite", tensor=name)
    return found
