"""Configurations: what is refused, by name, and the usual proportions."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from engine.errors import EngineError
from engine.gpt.config import SHAPES, GPTConfig, default_config

QWEN3 = default_config("qwen3", vocabulary=300, context=64, layers=2, width=64, heads=4)
GPT2 = default_config("gpt2", vocabulary=300, context=64, layers=2, width=64, heads=4)


@pytest.mark.parametrize("config", [QWEN3, GPT2], ids=SHAPES[::-1])
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
    with pytest.raises(EngineError, match="head_dim \\(15\\) must be even"):
        replace(QWEN3, head_dim=15)
    with pytest.raises(EngineError, match="qkv_bias must be off"):
        replace(QWEN3, qkv_bias=True)


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
