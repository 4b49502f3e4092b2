from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gguf_files import GGUF

from engine.errors import EngineError
from engine.runtime.gguf_header import read_header
from engine.runtime.llama import LlamaRuntime
from engine.runtime.llama_library import quantize


@pytest.fixture
def wide(data: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose rows divide by 256, so that K-quants are what they say."""
    source = data("malformed-models/gguf/valid-mini.gguf")
    draw = np.random.default_rng(0)
    model = GGUF.read(source)
    model.set("llama.embedding_length", "u32", 256).set("llama.feed_forward_length", "u32", 256)
    model.set("llama.rope.dimension_count", "u32", 128)
    resized = []
    for name, shape, kind, _ in model.tensors:
        new = tuple(256 if size in (16, 32) else size for size in shape)
        values = draw.normal(0, 0.05, new).astype("<f4") + (1 if "norm" in name else 0)
        resized.append((name, new, kind, values.astype("<f4").tobytes()))
    model.tensors = resized
    return model.write(tmp_path_factory.mktemp("wide") / "wide-f32.gguf")


@pytest.mark.parametrize(
    ("kind", "expected"), [("q8_0", "Q8_0"), ("q6_k", "Q6_K"), ("q4_k_m", "Q4_K"), ("q4_0", "Q4_0")]
)
def test_quantize(wide: Path, tmp_path: Path, kind: str, expected: str) -> None:
    target = tmp_path / f"{kind}.gguf"
    quantize(wide, target, kind, threads=1)
    assert read_header(target).tensors["blk.0.attn_q.weight"].type == expected
    assert target.stat().st_size < wide.stat().st_size / 2
    runtime = LlamaRuntime(target, threads=1)
    assert np.isfinite(runtime.evaluate([1, 7, 8])).all()
    runtime.close()
    assert [file.name for file in tmp_path.iterdir()] == [target.name]


def test_quantize_refuses_what_it_does_not_know(wide: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="q4_k_m"):
        quantize(wide, tmp_path / "x.gguf", "q3_zebra")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_quantizing_leaves_the_old_file(wide: Path, tmp_path: Path) -> None:
    quantized = tmp_path / "q4.gguf"
    quantize(wide, quantized, "q4_0", threads=1)
    target = tmp_path / "out.gguf"
    target.write_bytes(b"old")
    with pytest.raises(EngineError) as caught:
        quantize(quantized, target, "q6_k", threads=1)  # from an already quantized file
    assert caught.value.code == "quantize_failed"
    assert "requantizing from type q4_0 is disabled" in str(caught.value)
    assert target.read_bytes() == b"old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.gguf", "q4.gguf"]
