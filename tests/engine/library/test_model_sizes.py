"""What of a header decides the size of the cache, and that it is llama.cpp's own figure."""

from pathlib import Path

import pytest
from gguf_files import GGUF

from engine.library.model_sizes import ModelSizes
from engine.runtime.gguf_header import read_header

HEADS = {"block_count": 2, "embedding_length": 128, "attention.head_count": 4, "attention.head_count_kv": 2}
LENGTHS = {"attention.key_length": 64, "attention.value_length": 48}


def sizes(folder: Path, architecture: str = "qwen3", **changed: object) -> ModelSizes:
    """Of a header with these values; `a__b` is the key `a.b`, a list holds one number for each block."""
    gguf = GGUF(tensors=[("w", (8, 4), "F32", bytes(128))]).set("general.architecture", "text", architecture)
    for name, value in (HEADS | LENGTHS | {name.replace("__", "."): value for name, value in changed.items()}).items():
        kinds = {int: "u32", str: "text", float: "f32", list: "u32s"}
        if value is not None:
            gguf.set(f"{architecture}.{name}", kinds[type(value)], value)
    return ModelSizes(read_header(gguf.write(folder / "m.gguf")))


@pytest.mark.parametrize(
    ("changed", "per_position"),
    [
        ({}, [2 * (64 + 48)] * 2),  # heads of keys and values, their lengths
        ({"attention__key_length": "long"}, [2 * (32 + 48)] * 2),
        ({"attention__value_length": 1.5}, [2 * (64 + 32)] * 2),
        ({"attention__head_count_kv": [3, 1]}, [3 * (64 + 48), 64 + 48]),
        ({"attention__head_count_kv": [3]}, [3 * (64 + 48), 0]),
        ({"attention__head_count_kv": None}, [4 * (64 + 48)] * 2),
        ({"attention__sliding_window": 16}, [2 * (64 + 48)] * 2),  # whole caches are kept
        ({"attention__key_length_swa": 32, "attention__sliding_window_pattern": [1, 0]}, [2 * 80, 2 * 112]),
        ({"attention__key_length_swa": 32, "attention__sliding_window_pattern": 2}, [2 * 80, 2 * 112]),
        ({"attention__key_length_mla": 8, "attention__value_length_mla": 8, "attention__head_count_kv": 1}, [64] * 2),
        ({"nextn_predict_layers": 1}, [2 * (64 + 48)]),
        ({"attention__shared_kv_layers": 1}, [2 * (64 + 48), 0]),
    ],
)
def test_keys_and_values_of_every_layer(tmp_path: Path, changed: dict[str, object], per_position: list[int]) -> None:
    found = sizes(tmp_path, **changed).cache_bytes(257, "f16", flash_attention=True)
    assert found == [512 * 2 * numbers for numbers in per_position]


@pytest.mark.parametrize(
    ("cache_type", "per_32"), [("f32", 128), ("f16", 64), ("bf16", 64), ("q8_0", 34), ("q5_1", 24), ("q5_0", 22),
                               ("q4_1", 20), ("q4_0", 18)]
)  # fmt: skip
def test_the_type_of_the_cache(tmp_path: Path, cache_type: str, per_32: int) -> None:
    found = sizes(tmp_path, attention__value_length=64).cache_bytes(256, cache_type, flash_attention=True)
    assert found == [256 * 8 * per_32] * 2


def test_without_flash_attention_values_are_as_wide_as_the_widest(tmp_path: Path) -> None:
    found = sizes(tmp_path, attention__head_count_kv=[3, 1]).cache_bytes(256, "f16", flash_attention=False)
    assert found == [512 * 3 * (64 + 48), 512 * (64 + 3 * 48)]


SSM = {"ssm__conv_kernel": 4, "ssm__inner_size": 32, "ssm__state_size": 16}
STATE = 4 * (3 * 32 + 16 * 32)
CACHED = 256 * 2 * 2 * (64 + 48)


@pytest.mark.parametrize(
    ("architecture", "changed", "layers"),
    [
        ("mamba", SSM, [STATE] * 2),
        ("mamba2", SSM | {"ssm__group_count": 1}, [4 * (3 * (32 + 2 * 16) + 16 * 32)] * 2),
        ("rwkv7", {"wkv__head_size": 64}, [4 * 128 * (2 + 64)] * 2),
        ("rwkv6qwen2", {"wkv__head_size": 64, "token_shift_count": 1}, [4 * 128 * (1 + 64)] * 2),
        ("lfm2", {"shortconv__l_cache": 3, "attention__head_count_kv": [0, 2]}, [4 * 128 * 2, CACHED]),
        ("jamba", SSM | {"attention__head_count_kv": [0, 2]}, [STATE, CACHED]),
        ("kimi-linear", {"kda__head_dim": 8, "attention__head_count_kv": [0, 2]}, [4 * 4 * 8 * (3 * 3 + 8), CACHED]),
        ("nemotron_h", SSM | {"attention__head_count_kv": [0, 0], "feed_forward_length": [0, 8]}, [STATE, 0]),
        ("falcon-h1", SSM, [STATE + CACHED] * 2),
        ("qwen3next", SSM | {"full_attention_interval": 2}, [STATE, CACHED]),
        ("qwen3next", SSM, [STATE] * 2),  # every fourth attends
        ("qwen35", SSM | {"attention__recurrent_layers": [0, 1]}, [CACHED, STATE]),
        ("minimax-01", {"full_attention_interval": 2}, [4 * 4 * 64 * 64, CACHED]),
    ],
)
def test_states_of_fixed_size(tmp_path: Path, architecture: str, changed: dict[str, object], layers: list[int]) -> None:
    found = sizes(tmp_path, architecture, **changed)
    assert found.cache_bytes(256, "f16", flash_attention=True) == layers
    states = [layer.state for layer in found.layers]
    assert sum(found.cache_bytes(512, "f16", flash_attention=True)) - sum(states) == 2 * (sum(layers) - sum(states))


@pytest.mark.parametrize("value", ["many", 1.5, [1, 2]])
def test_numbers_that_are_none_count_as_nothing(tmp_path: Path, value: object) -> None:
    found = sizes(tmp_path, block_count=value)
    assert (found.blocks, found.layers, found.cache_bytes(256, "f16", True)) == (0, [], [])


def test_more_blocks_than_can_run_are_not_counted_out(tmp_path: Path) -> None:
    assert len(sizes(tmp_path, block_count=2**32 - 1).layers) == 512
