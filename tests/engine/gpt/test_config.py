"""Configurations: what is refused, by name, and the usual proportions."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from engine.errors import EngineError
from engine.gpt.config import SHAPES, GPTConfig, default_config

QWEN3 = default_config("qwen3", vocabulary=300, context=64, layers=2, width=64, heads=4)
GPT2 = default_config("gpt2", vocabulary=300, context=64, layers=2, width=64, heads=4)
LLAMA3 = {
    "rope_scaling": "llama3", "rope_factor": 8.0, "rope_low_factor": 1.0, "rope_high_factor": 4.0,
    "rope_original_context": 32,
}  # fmt: skip


@pytest.mark.parametrize("config", [QWEN3, GPT2], ids=["qwen3", "gpt2"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shape", "zebra"),
        ("vocabulary", 0),
        ("vocabulary", 2**40),
        ("context", -1),
        ("context", True),
        ("width", "64"),
        ("layers", 1.5),
        ("layers", 10**9),
        ("heads", None),
        ("kv_heads", 3),
        ("feed_forward", 0),
        ("dropout", 1.0),
        ("dropout", -0.1),
        ("dropout", "0"),
        ("tied", 1),
        ("qkv_bias", None),
        ("rope_theta", 0),
        ("rope_theta", float("inf")),
        ("norm_epsilon", float("nan")),
        ("norm_epsilon", 0.0),
        ("rope_scaling", 7),
        ("rope_scaling", "yarn"),
        ("rope_factor", -1.0),
        ("rope_original_context", -1),
        ("rope_original_context", 2**30),
        ("window", -1),
        ("window", None),
        ("rotary_share", 1.1),
        ("rotary_share", 0.5),
    ],
)
def test_a_bad_field_is_named(config: GPTConfig, field: str, value: object) -> None:
    with pytest.raises(EngineError) as caught:
        replace(config, **{field: value})
    assert caught.value.code == "bad_config"
    assert caught.value.data["field"] == field
    assert field in str(caught.value)


def test_gpt2_heads_divide_the_width() -> None:
    with pytest.raises(EngineError, match="heads \\(3\\) times head_dim \\(16\\) must be the width \\(64\\)"):
        replace(GPT2, heads=3, kv_heads=3)
    with pytest.raises(EngineError, match="kv_heads"):
        replace(GPT2, kv_heads=2)


def test_qwen3_heads_need_not_divide_the_width_but_head_dim_is_even() -> None:
    assert replace(QWEN3, heads=3, kv_heads=1, head_dim=32).heads == 3
    with pytest.raises(EngineError, match="head_dim \\(15\\) must give an even number"):
        replace(QWEN3, head_dim=15)


def test_a_table_of_angles_that_fills_the_memory_is_refused() -> None:
    with pytest.raises(EngineError, match="context \\(2097152\\) times head_dim \\(512\\) is above"):
        replace(QWEN3, context=2**21, head_dim=512)


def test_what_a_shape_cannot_have_and_what_it_cannot_be_without() -> None:
    with pytest.raises(EngineError, match="qkv_bias must be left out in the shape qwen3"):
        replace(QWEN3, qkv_bias=True)
    with pytest.raises(EngineError, match="rope_scaling must be left out in the shape qwen3"):
        replace(QWEN3, rope_scaling="linear", rope_factor=2.0)
    with pytest.raises(EngineError, match="qkv_bias must be on in the shape qwen2"):
        replace(default_config("qwen2", 300, 64, 2, 64, 4), qkv_bias=False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rope_scaling": "linear"}, "rope_factor"),
        ({"rope_scaling": "llama3", "rope_factor": 8.0}, "rope_low_factor"),
        ({**LLAMA3, "rope_original_context": 0}, "rope_original_context"),
        ({**LLAMA3, "rope_high_factor": 1.0}, "rope_high_factor"),
    ],
)
def test_a_stretched_rotation_needs_its_numbers(changes: dict[str, Any], field: str) -> None:
    llama = default_config("llama", 300, 64, 2, 64, 4)
    replace(llama, **LLAMA3)
    with pytest.raises(EngineError) as caught:
        replace(llama, **changes)
    assert caught.value.data["field"] == field


def test_a_configuration_from_before_there_were_these_fields() -> None:
    old = {
        "shape": "qwen3", "vocabulary": 300, "context": 64, "width": 64, "layers": 2, "heads": 4, "kv_heads": 2,
        "head_dim": 16, "feed_forward": 192, "dropout": 0.0, "qkv_bias": False, "tied": True, "rope_theta": 10000.0,
        "norm_epsilon": 1e-06,
    }  # fmt: skip
    assert GPTConfig(**old) == QWEN3


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("width", [256, 512, 768, 1024])
def test_rows_of_default_shapes_divide_by_256(shape: str, width: int) -> None:
    config = default_config(shape, vocabulary=4096, context=256, layers=4, width=width, heads=8)
    assert config.width % 256 == config.feed_forward % 256 == config.heads * config.head_dim % 256 == 0


def test_default_proportions() -> None:
    assert (GPT2.feed_forward, GPT2.kv_heads, GPT2.head_dim, GPT2.norm_epsilon) == (256, 4, 16, 1e-5)
    assert (QWEN3.feed_forward, QWEN3.kv_heads, QWEN3.head_dim, QWEN3.norm_epsilon) == (192, 2, 16, 1e-6)
    assert default_config("qwen3", 300, 64, 2, width=48, heads=2).kv_heads == 2


@pytest.mark.parametrize(("width", "heads"), [(64, 3), (64, 0), (64, "4"), (0, 4), (64, True)])
def test_default_config_refuses_what_does_not_divide(width: int, heads: int) -> None:
    with pytest.raises(EngineError) as caught:
        default_config("qwen3", 300, 64, 2, width, heads)
    assert caught.value.code == "bad_config"


def test_importing_it_loads_no_torch() -> None:
    code = "import sys, engine.gpt.config; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
