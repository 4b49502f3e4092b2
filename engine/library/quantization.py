"""What people call the precision of a model's weights: `q4_k_m`, `f16`, `bf16`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.runtime.gguf_header import GGUFHeader, shown

# `general.file_type`: llama.cpp's llama_ftype, by the names that llama-quantize takes.
FILE_TYPES = {
    0: "f32",
    1: "f16",
    2: "q4_0",
    3: "q4_1",
    7: "q8_0",
    8: "q5_0",
    9: "q5_1",
    10: "q2_k",
    11: "q3_k_s",
    12: "q3_k_m",
    13: "q3_k_l",
    14: "q4_k_s",
    15: "q4_k_m",
    16: "q5_k_s",
    17: "q5_k_m",
    18: "q6_k",
    19: "iq2_xxs",
    20: "iq2_xs",
    21: "q2_k_s",
    22: "iq3_xs",
    23: "iq3_xxs",
    24: "iq1_s",
    25: "iq4_nl",
    26: "iq3_s",
    27: "iq3_m",
    28: "iq2_s",
    29: "iq2_m",
    30: "iq4_xs",
    31: "iq1_m",
    32: "bf16",
    36: "tq1_0",
    37: "tq2_0",
    38: "mxfp4_moe",
    39: "nvfp4",
    40: "q1_0",
}
_GUESSED = 1024  # llama.cpp adds it where the file did not say


def of_gguf(header: GGUFHeader) -> str | None:
    """By the file's own word where its tensors bear it out, else by the type that most weights have."""
    sizes: dict[str, int] = {}
    for tensor in header.tensors.values():
        sizes[tensor.type] = sizes.get(tensor.type, 0) + tensor.elements
    said = header.metadata.get("general.file_type")
    name = FILE_TYPES.get(said & ~_GUESSED) if isinstance(said, int) else None
    if name is not None and any(kind.lower().startswith(_family(name)) for kind in sizes):
        return name
    return max(sizes, key=lambda kind: sizes[kind]).lower() if sizes else None


def of_folder(config: Mapping[str, Any], elements: Mapping[str, int]) -> str | None:
    """elements: how many weights there are of each type of safetensors."""
    packed = config.get("quantization_config")
    if isinstance(packed, dict) and isinstance(packed.get("quant_method"), str):
        bits = packed.get("bits") or (4 if packed.get("load_in_4bit") else 8 if packed.get("load_in_8bit") else "")
        return shown(f"{packed['quant_method']} {bits}".strip(), 40)
    return max(elements, key=lambda kind: elements[kind]).lower() if elements else None


def _family(name: str) -> str:
    """What the types of most of its tensors begin with: mixes like iq3_m hold iq3_s, q4_k_m holds q4_K and q6_K."""
    return name[:3] if name.startswith("iq") else name.removesuffix("_moe")[:4]
