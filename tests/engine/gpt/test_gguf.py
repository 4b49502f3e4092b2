"""Export to GGUF: every weight in its place, every key llama.cpp asks for, and the types as asked for or said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gguf as gguf_library
import numpy as np
import pytest
import torch
from random_gpt import english_tokenizer, random_gpt

from engine.errors import EngineError
from engine.gpt import gguf
from engine.gpt.check import check_parity, measure_likeness
from engine.gpt.config import SHAPES
from engine.gpt.gguf import ARCHITECTURES, QUANTIZED, TYPES, WRITTEN, read_contents, tensor_names, write_gguf
from engine.gpt.model import GELU, GPT, GeGLU
from engine.gpt.tokenizer import TURN_END, TURN_START, Tokenizer
from engine.runtime.gguf_header import read_header
from engine.runtime.llama import LlamaRuntime
from engine.runtime.llama_library import QUANTIZATIONS

LLAMA3 = {
    "rope_scaling": "llama3", "rope_factor": 8.0, "rope_low_factor": 1.0, "rope_high_factor": 4.0,
    "rope_original_context": 128,
}  # fmt: skip
# A model of each shape with as many tensors as it can have.
FULL: dict[str, dict[str, Any]] = {"gpt2": {"qkv_bias": True, "tied": False}, "gemma2": {}}
# Rows of four heads of 16 as llama.cpp's llama has them: each number beside the one it rotates with.
NEIGHBOURS = [16 * head + i + second for head in range(4) for i in range(8) for second in (0, 8)]
CONTROL, NORMAL, USER_DEFINED, UNUSED = 3, 1, 4, 5


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def write(model: GPT, folder: Path, type: str = "f32", **options: Any) -> Path:
    path = folder / f"model-{type}.gguf"
    write_gguf(model, english_tokenizer(), path, type, **options)
    return path


def uses_gelu(model: GPT) -> bool:
    """Whether llama.cpp's table of GELU makes it less exact."""
    return isinstance(model.blocks[0].feed_forward, (GELU, GeGLU))


def tensors_of(path: Path) -> dict[str, np.ndarray]:
    """Name -> values in float32, read by the library's own reader."""
    reader = gguf_library.GGUFReader(path)
    return {t.name: gguf_library.dequantize(t.data, t.tensor_type).reshape(t.shape[::-1]) for t in reader.tensors}


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_the_table_holds_every_parameter_once(shape: str) -> None:
    model = random_gpt(shape, **FULL.get(shape, {"tied": False}))
    used = [source for sources in tensor_names(model.config).values() for source in sources]
    assert sorted(used) == sorted(name for name, _ in model.named_parameters())


@pytest.mark.parametrize("shape", SHAPES)
def test_a_parameter_the_table_lacks_is_never_dropped(
    shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    architecture = ARCHITECTURES[shape]
    shorter = {name: sources for name, sources in architecture.tensors.items() if name != "blk.{n}.ffn_up.weight"}
    monkeypatch.setitem(ARCHITECTURES, shape, replace(architecture, tensors=shorter))
    with pytest.raises(AssertionError, match=r"feed_forward\.up\.weight"):
        write(random_gpt(shape), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_f32_holds_the_weights_bit_for_bit(shape: str, tmp_path: Path) -> None:
    model = random_gpt(shape, **FULL.get(shape, {"tied": False}))
    found = tensors_of(write(model, tmp_path))
    parameters = {name: p.detach().numpy() for name, p in model.named_parameters()}
    assert found.keys() == tensor_names(model.config).keys()
    for name, sources in tensor_names(model.config).items():
        expected = np.concatenate([parameters[source] for source in sources])
        if ARCHITECTURES[shape].name == "llama" and name.endswith(("attn_q.weight", "attn_k.weight")):
            expected = expected[NEIGHBOURS[: len(expected)]]
        if shape.startswith("gemma") and name.endswith("norm.weight"):
            expected = expected + 1
        assert np.array_equal(found[name], expected), name


def test_a_tied_model_has_no_output_tensor(tmp_path: Path) -> None:
    assert "output.weight" not in tensors_of(write(random_gpt("llama", tied=True), tmp_path))


def test_gpt2_without_qkv_bias_gets_zeros(tmp_path: Path) -> None:
    found = tensors_of(write(random_gpt("gpt2", qkv_bias=False), tmp_path))
    assert np.array_equal(found["blk.1.attn_qkv.bias"], np.zeros(3 * 64, np.float32))


def test_gpt2_has_a_position_for_each_place_of_its_context(tmp_path: Path) -> None:
    found = tensors_of(write(random_gpt("gpt2", context=48), tmp_path, "q8_0"))
    assert found["position_embd.weight"].shape == (48, 64)


# --- metadata --------------------------------------------------------------------------------------------------------


def test_the_metadata_of_qwen3(tmp_path: Path) -> None:
    model = random_gpt("qwen3", kv_heads=2, head_dim=32, rope_theta=5e5, norm_epsilon=1e-5, context=96)
    header = read_header(write(model, tmp_path, general={"name": "Ahorn", "license": "apache-2.0"}))
    config, metadata = model.config, header.metadata
    expected = {
        "general.architecture": "qwen3",
        "general.type": "model",
        "general.name": "Ahorn",
        "general.license": "apache-2.0",
        "general.quantization_version": 2,
        "general.file_type": 0,
        "general.alignment": 32,
        "qwen3.vocab_size": 416,
        "qwen3.context_length": 96,
        "qwen3.embedding_length": 64,
        "qwen3.block_count": 2,
        "qwen3.feed_forward_length": config.feed_forward,
        "qwen3.attention.head_count": 4,
        "qwen3.attention.head_count_kv": 2,
        "qwen3.attention.key_length": 32,
        "qwen3.attention.value_length": 32,
        "qwen3.rope.dimension_count": 32,
        "qwen3.rope.freq_base": pytest.approx(5e5),
        "qwen3.attention.layer_norm_rms_epsilon": pytest.approx(1e-5),
    }
    assert {key: metadata.get(key) for key in expected} == expected


def test_the_metadata_of_gpt2(tmp_path: Path) -> None:
    metadata = read_header(write(random_gpt("gpt2"), tmp_path, "bf16")).metadata
    assert metadata["gpt2.attention.layer_norm_epsilon"] == pytest.approx(1e-5)
    assert metadata["gpt2.attention.head_count"] == 4
    assert metadata["general.file_type"] == 32
    assert not any("rope" in key for key in metadata)


def test_the_metadata_of_a_stretched_llama(tmp_path: Path) -> None:
    header = read_header(write(random_gpt("llama", **LLAMA3), tmp_path, "q8_0"))
    assert header.metadata["llama.rope.freq_base"] == pytest.approx(1e4)
    assert "llama.rope.scaling.type" not in header.metadata  # the factors say it
    factors = tensors_of(header.path)["rope_freqs.weight"]
    assert header.tensors["rope_freqs.weight"].type == "F32"
    # Of 128 / 2π = 20 turns within the original context, each pair does 10^-0.5 of those of the one before it.
    assert factors[:3].tolist() == [1, 1, pytest.approx(3 / (2.037 - 1 + (4 - 2.037) / 8), rel=1e-3)]
    assert factors[3:].tolist() == [8] * 5
    linear = read_header(write(random_gpt("llama", rope_scaling="linear", rope_factor=4.0), tmp_path)).metadata
    assert (linear["llama.rope.scaling.type"], linear["llama.rope.scaling.factor"]) == ("linear", 4.0)


def test_the_metadata_of_gemma(tmp_path: Path) -> None:
    metadata = read_header(write(random_gpt("gemma2", window=24), tmp_path)).metadata
    assert metadata["gemma2.context_length"] == 64  # llama.cpp has its windows
    assert metadata["gemma2.attention.sliding_window"] == 24
    assert (metadata["gemma2.attn_logit_softcapping"], metadata["gemma2.final_logit_softcapping"]) == (50.0, 30.0)
    model = random_gpt("gemma3_text", layers=1, rope_scaling="linear", rope_factor=8.0, local_rope_theta=2e3)
    metadata = read_header(write(model, tmp_path)).metadata
    assert metadata["general.architecture"] == "gemma3"
    assert (metadata["gemma3.rope.freq_base"], metadata["gemma3.rope.freq_base_swa"]) == (1e6, 2e3)
    assert (metadata["gemma3.rope.scaling.type"], metadata["gemma3.rope.scaling.factor"]) == ("linear", 8.0)


def test_a_window_that_llama_cpp_does_not_have_ends_the_context(tmp_path: Path) -> None:
    metadata = read_header(write(random_gpt("mistral", window=24), tmp_path)).metadata
    assert (metadata["general.architecture"], metadata["llama.context_length"]) == ("llama", 24)
    assert not any("sliding" in key for key in metadata)
    assert read_header(write(random_gpt("mistral", window=99), tmp_path)).metadata["llama.context_length"] == 64


@pytest.mark.parametrize(("type", "number"), [("f32", 0), ("f16", 1), ("q8_0", 7), ("bf16", 32)])
def test_the_file_type_is_llama_cpps_number(type: str, number: int, tmp_path: Path) -> None:
    assert read_header(write(random_gpt("qwen3"), tmp_path, type)).metadata["general.file_type"] == number


def test_the_tokenizer_travels_along(tmp_path: Path) -> None:
    tokenizer = english_tokenizer()
    metadata = read_header(write(random_gpt("qwen3"), tmp_path)).metadata
    tokens = metadata["tokenizer.ggml.tokens"].values()
    types = metadata["tokenizer.ggml.token_type"].values()
    assert metadata["tokenizer.ggml.model"] == "gpt2"
    assert metadata["tokenizer.ggml.pre"] == "qwen2"
    assert metadata["tokenizer.ggml.merges"].values() == tokenizer.merges
    assert len(tokens) == len(types) == 416
    assert [tokens[id] for id in range(400)] == [tokenizer.token(id) for id in range(400)]
    assert types[:400] == [CONTROL if id in tokenizer.special_ids else NORMAL for id in range(400)]
    assert types[400:] == [UNUSED] * 16
    assert len(set(tokens)) == 416
    for name in ("bos", "eos", "padding"):
        assert metadata[f"tokenizer.ggml.{name}_token_id"] == tokenizer.end_id
    assert metadata["tokenizer.ggml.eot_token_id"] == tokenizer.turn_end_id
    assert metadata["tokenizer.ggml.add_bos_token"] is False
    assert metadata["tokenizer.ggml.add_eos_token"] is False
    assert metadata["tokenizer.chat_template"] == tokenizer.template


def test_a_pattern_of_gpt2_says_so(tmp_path: Path) -> None:
    write_gguf(random_gpt("gpt2"), english_tokenizer(pattern="gpt-2"), tmp_path / "m.gguf")
    assert read_header(tmp_path / "m.gguf").metadata["tokenizer.ggml.pre"] == "gpt-2"


def test_added_tokens_that_are_not_special_are_always_tokens(tmp_path: Path) -> None:
    """As `<think>` is in some models: in llama.cpp USER_DEFINED, found in a text without being asked for."""
    import tokenizers

    english_tokenizer().save(tmp_path)
    backend = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    backend.add_tokens([tokenizers.AddedToken("<think>", special=False, normalized=False)])
    backend.save(str(tmp_path / "tokenizer.json"))
    tokenizer = Tokenizer.load(tmp_path)
    write_gguf(random_gpt("qwen3"), tokenizer, tmp_path / "m.gguf")
    runtime = LlamaRuntime(tmp_path / "m.gguf", threads=1)
    try:
        for special in (False, True):
            ids = tokenizer.encode("a<think>b", special)
            assert len(ids) == 3
            assert runtime.tokenize("a<think>b", special) == ids
    finally:
        runtime.close()


# --- types -----------------------------------------------------------------------------------------------------------


def test_every_type_that_llama_cpp_makes_is_one_the_runtime_knows() -> None:
    assert set(QUANTIZED) <= set(QUANTIZATIONS)
    assert set(WRITTEN).isdisjoint(QUANTIZED)


@pytest.mark.parametrize(("type", "bits"), [("f32", 32.0), ("f16", 16.0), ("bf16", 16.0), ("q8_0", 8.5)])
def test_matrices_have_the_type_and_vectors_stay_f32(type: str, bits: float, tmp_path: Path) -> None:
    model = random_gpt("qwen3")
    contents = write_gguf(model, english_tokenizer(), tmp_path / "m.gguf", type)
    for name, tensor in read_header(tmp_path / "m.gguf").tensors.items():
        assert tensor.type == ("F32" if len(tensor.shape) == 1 else type.upper()), name
    assert contents.bits_per_matrix_weight == bits
    assert contents.fallbacks == {}
    assert contents.size_bytes == (tmp_path / "m.gguf").stat().st_size
    matrices = sum(p.numel() for p in model.parameters() if p.dim() > 1)
    vectors = sum(p.numel() for p in model.parameters() if p.dim() == 1)
    assert contents.types[type.upper()]["bytes"] == matrices * bits / 8 + (vectors * 4 if type == "f32" else 0)
    assert contents.bits_per_weight == pytest.approx((matrices * bits + vectors * 32) / (matrices + vectors))


def test_positions_stay_f32(tmp_path: Path) -> None:
    contents = write_gguf(random_gpt("gpt2"), english_tokenizer(), tmp_path / "m.gguf", "q8_0")
    assert read_header(tmp_path / "m.gguf").tensors["position_embd.weight"].type == "F32"
    assert contents.fallbacks == {}


def test_rows_that_blocks_do_not_divide_become_f16_and_are_named(tmp_path: Path) -> None:
    contents = write_gguf(random_gpt("qwen3", feed_forward=80), english_tokenizer(), tmp_path / "m.gguf", "q8_0")
    assert contents.fallbacks == {"blk.0.ffn_down.weight": "F16", "blk.1.ffn_down.weight": "F16"}
    assert contents.types["F16"]["tensors"] == 2


@pytest.mark.parametrize("type", QUANTIZED)
def test_quantized_by_llama_cpp(type: str, tmp_path: Path) -> None:
    model = random_gpt("qwen3", width=256, layers=1, heads=4, feed_forward=256)
    contents = write_gguf(model, english_tokenizer(), tmp_path / "m.gguf", type)
    assert contents.fallbacks == {}
    assert contents.bits_per_matrix_weight < 8.5
    assert [path.name for path in tmp_path.iterdir()] == ["m.gguf"]
    wanted = type.upper().removesuffix("_M").removesuffix("_S")
    assert wanted in contents.types


def test_rows_too_short_for_k_quants_are_named(tmp_path: Path) -> None:
    contents = write_gguf(random_gpt("qwen3"), english_tokenizer(), tmp_path / "m.gguf", "q4_k_m")
    matrices = {name for name, t in read_header(tmp_path / "m.gguf").tensors.items() if len(t.shape) > 1}
    assert contents.fallbacks.keys() == matrices
    assert not any(type.endswith("_K") for type in contents.fallbacks.values())


def test_the_contents_are_the_files_own(tmp_path: Path) -> None:
    """Asked as something else, the same file is nothing but fallbacks: the report comes from its header."""
    path = write(random_gpt("qwen3"), tmp_path, "f16")
    assert set(read_contents(path, "q8_0").fallbacks.values()) == {"F16"}


# --- what llama.cpp computes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": "gpt2"},
        {"shape": "gpt2", "qkv_bias": True, "tied": False},
        {"shape": "gpt2", "heads": 2, "layers": 3, "feed_forward": 96},
        {"shape": "gpt2", "heads": 1, "width": 48, "context": 33},
        {"shape": "qwen3"},
        {"shape": "qwen3", "tied": False},
        {"shape": "qwen3", "kv_heads": 1},
        {"shape": "qwen3", "kv_heads": 4, "head_dim": 8},
        {"shape": "qwen3", "heads": 2, "kv_heads": 1, "head_dim": 64},
        {"shape": "qwen3", "heads": 3, "width": 48, "kv_heads": 3, "head_dim": 10, "feed_forward": 80},
        {"shape": "qwen3", "rope_theta": 1e6, "norm_epsilon": 1e-5, "layers": 4},
        {"shape": "qwen3", "context": 600, "vocabulary": 512},
        {"shape": "llama", "context": 600, **LLAMA3},
        {"shape": "llama", "context": 600, "rope_scaling": "linear", "rope_factor": 4.0, "tied": False},
        {"shape": "llama", "heads": 3, "width": 48, "kv_heads": 3, "head_dim": 10, "rope_theta": 5e5},
        {"shape": "mistral", "window": 600, "context": 700},
        {"shape": "qwen2", "tied": False, "rope_theta": 1e6, "heads": 8, "kv_heads": 2},
    ],
    ids=str,
)
def test_llama_cpp_computes_the_same(changes: dict[str, Any], tmp_path: Path) -> None:
    model = random_gpt(seed=3, **changes)
    parity = check_parity(model, english_tokenizer(), write(model, tmp_path))
    assert parity.positions == min(64, model.config.context)
    if uses_gelu(model):
        assert parity.max_logit_difference <= parity.rounding < 0.02
    else:
        assert parity.max_logit_difference <= 1e-4
        assert parity.limit == 1e-4


def test_a_model_of_tiny_activations_is_equal_in_gpt2_as_well(tmp_path: Path) -> None:
    """Where llama.cpp's GELU table has nothing to round, nothing else differs."""
    model = random_gpt("gpt2")
    with torch.no_grad():
        for block in model.blocks:
            block.feed_forward.up.weight.mul_(0.01)
            block.feed_forward.up.bias.mul_(0.01)
    assert check_parity(model, english_tokenizer(), write(model, tmp_path)).max_logit_difference <= 1e-4


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("type", "mean_kl"), [("f16", 1e-4), ("bf16", 2e-3), ("q8_0", 1e-2)])
def test_rounded_types_stay_close(shape: str, type: str, mean_kl: float, tmp_path: Path) -> None:
    model = random_gpt(shape)
    likeness = measure_likeness(model, english_tokenizer(), write(model, tmp_path, type))
    assert likeness.mean_kl < mean_kl
    assert likeness.same_argmax > 0.9


def test_k_quants_stay_close_on_a_width_of_256(tmp_path: Path) -> None:
    model = random_gpt("qwen3", width=256, layers=1, feed_forward=256)
    divergence = {
        type: measure_likeness(model, english_tokenizer(), write(model, tmp_path, type)).mean_kl
        for type in ("q8_0", "q6_k", "q5_k_m", "q4_k_m")
    }
    assert list(divergence.values()) == sorted(divergence.values())
    assert divergence["q4_k_m"] < 0.5


# --- refusals --------------------------------------------------------------------------------------------------------


def refused(folder: Path, code: str, model: GPT, tokenizer: Tokenizer | None = None, type: str = "f32") -> EngineError:
    """The refusal, after which neither a file nor a part of one is there."""
    with pytest.raises(EngineError) as error:
        write_gguf(model, tokenizer or english_tokenizer(), folder / "m.gguf", type)
    assert error.value.code == code
    assert list(folder.iterdir()) == []
    return error.value


def test_an_unknown_type(tmp_path: Path) -> None:
    error = refused(tmp_path, "unknown_gguf_type", random_gpt("qwen3"), type="q9_0")
    assert "q9_0" in str(error)
    assert all(type in str(error) for type in TYPES)


def test_a_split_pattern_that_llama_cpp_does_not_know(tmp_path: Path) -> None:
    tokenizer = Tokenizer.train(["text"], 300)
    tokenizer.pattern = ""
    refused(tmp_path, "gguf_pattern", random_gpt("qwen3"), tokenizer)


@pytest.mark.parametrize(("shape", "every"), [("gemma2", 3), ("gemma3_text", 2)])
def test_windows_in_another_order_than_llama_cpp_knows(shape: str, every: int, tmp_path: Path) -> None:
    error = refused(tmp_path, "gguf_unlike", random_gpt(shape, global_every=every))
    assert f"global_every {6 if shape == 'gemma3_text' else 2}, and this model has {every}" in str(error)


def test_more_tokens_than_rows(tmp_path: Path) -> None:
    assert "400 tokens" in str(refused(tmp_path, "gguf_vocabulary", random_gpt("qwen3", vocabulary=399)))


@pytest.mark.parametrize("type", ["f32", "q8_0", "q6_k"])
def test_weights_that_are_not_finite(type: str, tmp_path: Path) -> None:
    model = random_gpt("qwen3")
    with torch.no_grad():
        model.blocks[1].feed_forward.down.weight[3, 5] = torch.nan
    assert "blk.1.ffn_down.weight" in str(refused(tmp_path, "weights_not_finite", model, type=type))


def test_weights_beyond_f16(tmp_path: Path) -> None:
    model = random_gpt("qwen3")
    with torch.no_grad():
        model.blocks[0].attention.query.weight[0, 0] = 1e5
    assert "blk.0.attn_q.weight" in str(refused(tmp_path, "weights_beyond_f16", model, type="f16"))
    write(model, tmp_path, "bf16")


def test_a_file_of_that_name_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = write(random_gpt("qwen3"), tmp_path)
    before = path.read_bytes()
    broken = random_gpt("qwen3", seed=1)
    with torch.no_grad():
        broken.norm.weight[0] = torch.inf
    with pytest.raises(EngineError):
        write(broken, tmp_path)
    assert path.read_bytes() == before
    write(random_gpt("qwen3", seed=1), tmp_path)
    assert path.read_bytes() != before


def test_names_that_llama_cpp_gives_a_meaning_have_none(tmp_path: Path) -> None:
    """llama.cpp strips the space behind special tokens when `general.name` says phi-3."""
    path = write(random_gpt("qwen3"), tmp_path, general={"name": "My Phi-3 of phi3"})
    text = f"{TURN_START} a  {TURN_END}  b"
    runtime = LlamaRuntime(path, threads=1)
    try:
        assert runtime.tokenize(text, special=True) == english_tokenizer().encode(text, special=True)
    finally:
        runtime.close()


def test_one_home_for_the_vocabulary_of_architectures() -> None:
    assert set(ARCHITECTURES) == set(SHAPES)
    assert gguf.WRITTEN.keys() == {"f32", "f16", "bf16", "q8_0"}
