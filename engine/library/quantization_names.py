"""How GGUF files say their quantization in their names, and how many bits a weight it takes."""

from __future__ import annotations

import re

# Bits a weight takes in a whole file of that name: K-quants mix types, and small models have larger shares of the
# finer ones. From llama.cpp's table of `llama-quantize --help` and files of 1 to 30 billion weights.
BITS = {
    "iq1_s": 1.8,
    "iq1_m": 2.0,
    "iq2_xxs": 2.4,
    "iq2_xs": 2.6,
    "iq2_s": 2.75,
    "iq2_m": 2.95,
    "q2_k": 3.2,
    "q2_k_s": 3.0,
    "iq3_xxs": 3.25,
    "iq3_xs": 3.5,
    "iq3_s": 3.65,
    "iq3_m": 3.75,
    "q3_k_s": 3.65,
    "q3_k_m": 4.0,
    "q3_k_l": 4.3,
    "iq4_xs": 4.45,
    "iq4_nl": 4.65,
    "mxfp4": 4.5,
    "mxfp4_moe": 4.5,
    "q4_0": 4.65,
    "q4_1": 5.1,
    "q4_k_s": 4.65,
    "q4_k_m": 4.85,
    "q5_0": 5.55,
    "q5_1": 6.0,
    "q5_k_s": 5.55,
    "q5_k_m": 5.7,
    "q6_k": 6.56,
    "q8_0": 8.5,
    "bf16": 16.0,
    "f16": 16.0,
    "f32": 32.0,
}

_NAMED = re.compile(
    r"(?:^|[-._/])((?:ud-)?(?:i?q\d(?:_(?:[0148]|k|nl|x{0,2}s|m|x?l)){0,3}|tq\d_\d|b?f16|fp16|f(?:p)?32|mxfp4(?:_moe)?|nvfp4))(?=$|[-._/])"
)
_PART = re.compile(r"-(\d{5})-of-(\d{5})(?=\.gguf$)", re.IGNORECASE)
_SAME = {"fp16": "f16", "fp32": "f32"}


def quantization_of(name: str) -> str | None:
    """The quantization that a file or its folder is named after, in lower case: `q4_k_m`, `ud-q4_k_xl`, `bf16`.

    The last one that the name holds counts: `models/Q8_0/Qwen3-Q4_0-bf16.gguf` is `bf16`.
    """
    stem = _PART.sub("", name).lower().removesuffix(".gguf")
    found = _NAMED.findall(stem)
    return _SAME.get(found[-1], found[-1]) if found else None


def part_of(name: str) -> tuple[str, int, int] | None:
    """Of a model in several files: the name they share, which part this is, and how many there are; else None."""
    match = _PART.search(name)
    if match is None:
        return None
    return name[: match.start()] + name[match.end() :], int(match[1]), int(match[2])
