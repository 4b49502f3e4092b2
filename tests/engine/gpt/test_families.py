"""Every family against transformers and llama.cpp: random weights of theirs, read, run, written and exported.

The models are built by transformers from its own configurations, so nothing here leans on what we write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from random_gpt import english_tokenizer
from safetensors.torch import load_file, save_file

from engine.errors import EngineError
from engine.gpt import hf
from engine.gpt.check import check_parity
from engine.gpt.config import SHAPES
from engine.gpt.generate import generate, greedy
from engine.gpt.gguf import write_gguf
from engine.gpt.model import GPT

torch.set_num_threads(1)

VOCABULARY, CONTEXT = 416, 64
SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": CONTEXT,
}
LLAMA3 = {
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32, "rope_theta": 1000.0,
}  # fmt: skip
GEMMA = {"head_dim": 12, "query_pre_attn_scalar": 12, "sliding_window": 16}
NEOX = {name: size for name, size in SIZES.items() if name != "num_key_value_heads"} | {"num_attention_heads": 2}
CASES: dict[str, dict[str, Any]] = {
    "gpt2": {"model_type": "gpt2", "n_embd": 32, "n_head": 4, "n_layer": 2, "n_positions": CONTEXT},
    "llama": {"model_type": "llama", **SIZES},
    "llama tied": {"model_type": "llama", **SIZES, "tie_word_embeddings": True, "head_dim": 12},
    "llama 3.1": {"model_type": "llama", **SIZES, "rope_parameters": LLAMA3},
    "llama linear": {
        "model_type": "llama",
        **SIZES,
        "rope_parameters": {"rope_type": "linear", "factor": 2.5, "rope_theta": 500.0},
    },
    "gemma2": {"model_type": "gemma2", **SIZES, **GEMMA},
    "gemma2 caps": {
        "model_type": "gemma2",
        **SIZES,
        **GEMMA,
        "num_hidden_layers": 3,
        "attn_logit_softcapping": 5.0,
        "final_logit_softcapping": 3.0,
    },
    "gemma3_text": {"model_type": "gemma3_text", **SIZES, **GEMMA, "num_hidden_layers": 6},
    "gemma3_text linear": {
        "model_type": "gemma3_text",
        **SIZES,
        **GEMMA,
        "num_hidden_layers": 6,
        "rope_parameters": {
            "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 5e5},
            "sliding_attention": {"rope_type": "default", "rope_theta": 2e3},
        },
    },
    "mistral": {"model_type": "mistral", **SIZES, "sliding_window": None, "head_dim": 8},
    "mistral window": {"model_type": "mistral", **SIZES, "sliding_window": 16},
    "olmo2": {"model_type": "olmo2", **SIZES},
    "olmo2 tied": {"model_type": "olmo2", **SIZES, "tie_word_embeddings": True, "num_key_value_heads": 4},
    "gpt_neox": {"model_type": "gpt_neox", **NEOX},
    "gpt_neox half": {"model_type": "gpt_neox", **NEOX, "rotary_pct": 0.5, "tie_word_embeddings": True},
    "starcoder2": {"model_type": "starcoder2", **SIZES},
    "starcoder2 window": {
        "model_type": "starcoder2",
        **SIZES,
        "sliding_window": 16,
        "tie_word_embeddings": False,
    },
    "phi3": {"model_type": "phi3", **SIZES, "pad_token_id": 0},
    "phi3 window": {
        "model_type": "phi3",
        **SIZES,
        "num_attention_heads": 2,
        "pad_token_id": 0,
        "sliding_window": 16,
        "partial_rotary_factor": 0.75,
        "tie_word_embeddings": True,
    },
    "qwen2": {"model_type": "qwen2", **SIZES, "rope_theta": 1e6},
    "qwen2 tied": {"model_type": "qwen2", **SIZES, "tie_word_embeddings": True},
    "qwen3": {"model_type": "qwen3", **SIZES, "head_dim": 16},
}
every_case = pytest.mark.parametrize("case", CASES)


@pytest.fixture(scope="module", autouse=True)
def quiet_transformers() -> None:
    import transformers

    transformers.utils.logging.disable_progress_bar()


def randomise(model: torch.nn.Module) -> None:
    """Weights that make logits of about 4 on either side of zero; norms and biases that matter."""
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name or ".ln_" in name:
                parameter.add_(torch.randn(parameter.shape, generator=draw), alpha=0.2)
            elif parameter.dim() == 1:
                parameter.normal_(0, 0.3, generator=draw)
            elif len(parameter) == VOCABULARY:
                parameter.normal_(0, 4 * parameter.shape[1] ** -0.5, generator=draw)
            else:
                parameter.normal_(0, parameter.shape[1] ** -0.5, generator=draw)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """A case -> (the model in transformers, the folder it wrote)."""
    from transformers import AutoConfig, AutoModelForCausalLM

    @cache
    def build(case: str):  # type: ignore[no-untyped-def]
        values = {"vocab_size": VOCABULARY, **CASES[case]}
        config = AutoConfig.for_model(values.pop("model_type"), **values)
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
        randomise(model)
        folder = tmp_path_factory.mktemp("theirs") / case.replace(" ", "-")
        model.save_pretrained(folder)
        return model, folder

    return build


def ids_of_length(length: int) -> torch.Tensor:
    return torch.randint(VOCABULARY, (2, length), generator=torch.Generator().manual_seed(2))


def logits(model) -> torch.Tensor:  # type: ignore[no-untyped-def]
    with torch.no_grad():
        found = model(ids_of_length(CONTEXT))
    return found if isinstance(found, torch.Tensor) else found.logits


def test_every_shape_is_here() -> None:
    assert {values["model_type"] for values in CASES.values()} == set(SHAPES)


@every_case
def test_the_logits_are_those_of_transformers(case: str, theirs) -> None:  # type: ignore[no-untyped-def]
    model, folder = theirs(case)
    expected = logits(model)
    assert expected.std() > 1
    torch.testing.assert_close(logits(GPT.load(folder)), expected, atol=1e-4, rtol=0)


@every_case
def test_cached_generation_equals_plain_generation(case: str, theirs) -> None:  # type: ignore[no-untyped-def]
    def likeliest_new_one(logits: torch.Tensor, ids: Sequence[int]) -> int:
        return greedy(logits.index_fill(0, torch.tensor(ids), -torch.inf))

    model = GPT.load(theirs(case)[1])
    ids = ids_of_length(9)[0].tolist()
    cached = list(generate(model, ids, likeliest_new_one))
    with torch.no_grad():
        while len(ids) <= CONTEXT:
            ids.append(likeliest_new_one(model(torch.tensor([ids]))[0, -1], ids))
    assert cached == ids[9:]


@every_case
def test_there_and_back_is_bit_equal_and_transformers_reads_it(  # type: ignore[no-untyped-def]
    case: str, theirs, tmp_path: Path
) -> None:
    from transformers import AutoModelForCausalLM

    model, folder = theirs(case)
    ours = GPT.load(folder)
    hf.save(ours, english_tokenizer(), tmp_path / "ours")
    before, after = (load_file(path / "model.safetensors") for path in (folder, tmp_path / "ours"))
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    again = GPT.load(tmp_path / "ours")
    assert again.config == ours.config
    assert all(torch.equal(a, b) for a, b in zip(again.parameters(), ours.parameters(), strict=True))
    read, report = AutoModelForCausalLM.from_pretrained(
        tmp_path / "ours", output_loading_info=True, attn_implementation="eager", dtype=torch.float32
    )
    assert not any(report[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert type(read) is type(model)
    assert torch.equal(logits(read), logits(model))


@every_case
def test_llama_cpp_computes_the_same(case: str, theirs, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    model = GPT.load(theirs(case)[1])
    write_gguf(model, english_tokenizer(), tmp_path / "m.gguf")
    parity = check_parity(model, english_tokenizer(), tmp_path / "m.gguf")
    assert parity.max_logit_difference <= parity.limit
    gelu = model.config.shape.startswith(("gpt", "gemma", "starcoder"))
    assert parity.limit == (parity.rounding if gelu else 1e-4)


def damaged(folder: Path, copy: Path, edit) -> Path:  # type: ignore[no-untyped-def]
    copy.mkdir()
    weights = load_file(folder / "model.safetensors")
    edit(weights)
    save_file(weights, copy / "model.safetensors")
    (copy / "config.json").write_bytes((folder / "config.json").read_bytes())
    return copy


@pytest.mark.parametrize("case", SHAPES)
def test_every_tensor_that_does_not_fit_is_named(case: str, theirs, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    _, folder = theirs(case)
    weights = load_file(folder / "model.safetensors")
    of_all_kinds = [name for name in weights if ".0." in name or not re.search(r"\.\d+\.", name)]
    for number, name in enumerate(of_all_kinds):
        tensor = weights[name]
        bad = {name: torch.zeros(*tensor.shape[:-1], tensor.shape[-1] + 1)}
        with pytest.raises(EngineError) as caught:
            GPT.load(damaged(folder, tmp_path / f"wrong {number}", lambda weights, bad=bad: weights.update(bad)))
        assert (caught.value.code, caught.value.data["tensor"]) == ("tensor_mismatch", name)
        with pytest.raises(EngineError) as caught:
            GPT.load(damaged(folder, tmp_path / f"less {number}", lambda weights, name=name: weights.pop(name)))
        assert (caught.value.code, caught.value.data["tensor"]) == ("missing_tensor", name)
    more = {name.replace("weight", "bias_of_mine"): tensor.clone()}
    with pytest.raises(EngineError) as caught:
        GPT.load(damaged(folder, tmp_path / "more", lambda weights: weights.update(more)))
    assert (caught.value.code, [caught.value.data["tensor"]]) == ("unknown_tensor", list(more))


# --- the configurations of well-known models, as published, and their numbers of parameters ---

PUBLISHED: dict[str, tuple[int, dict[str, Any]]] = {
    "SmolLM2-135M": (
        134_515_008,
        {
            "model_type": "llama", "attention_bias": False, "hidden_act": "silu", "hidden_size": 576,
            "intermediate_size": 1536, "max_position_embeddings": 8192, "num_attention_heads": 9,
            "num_hidden_layers": 30, "num_key_value_heads": 3, "pretraining_tp": 1, "rms_norm_eps": 1e-05,
            "rope_interleaved": False, "rope_scaling": None, "rope_theta": 100000, "tie_word_embeddings": True,
            "vocab_size": 49152,
        },
    ),
    "Llama-3.2-1B": (
        1_235_814_400,
        {
            "model_type": "llama", "attention_bias": False, "attention_dropout": 0.0, "head_dim": 64,
            "hidden_act": "silu", "hidden_size": 2048, "intermediate_size": 8192, "max_position_embeddings": 131072,
            "mlp_bias": False, "num_attention_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8,
            "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_theta": 500000.0, "tie_word_embeddings": True,
            "rope_scaling": {
                "factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                "original_max_position_embeddings": 8192, "rope_type": "llama3",
            },
            "vocab_size": 128256,
        },
    ),
    "Qwen2.5-0.5B": (
        494_032_768,
        {
            "model_type": "qwen2", "attention_dropout": 0.0, "hidden_act": "silu", "hidden_size": 896,
            "intermediate_size": 4864, "max_position_embeddings": 32768, "max_window_layers": 24,
            "num_attention_heads": 14, "num_hidden_layers": 24, "num_key_value_heads": 2, "rms_norm_eps": 1e-06,
            "rope_theta": 1000000.0, "sliding_window": 32768, "tie_word_embeddings": True, "use_mrope": False,
            "use_sliding_window": False, "vocab_size": 151936,
        },
    ),
    "Qwen3-0.6B": (
        596_049_920,
        {
            "model_type": "qwen3", "attention_bias": False, "head_dim": 128, "hidden_act": "silu", "hidden_size": 1024,
            "intermediate_size": 3072, "max_position_embeddings": 40960, "max_window_layers": 28,
            "num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 8, "rms_norm_eps": 1e-06,
            "rope_scaling": None, "rope_theta": 1000000, "sliding_window": None, "tie_word_embeddings": True,
            "use_sliding_window": False, "vocab_size": 151936,
        },
    ),
    "Mistral-7B-v0.1": (
        7_241_732_096,
        {
            "model_type": "mistral", "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336,
            "max_position_embeddings": 32768, "num_attention_heads": 32, "num_hidden_layers": 32,
            "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "sliding_window": 4096,
            "tie_word_embeddings": False, "vocab_size": 32000,
        },
    ),
    "gemma-2-2b": (
        2_614_341_888,
        {
            "model_type": "gemma2", "attention_bias": False, "attn_logit_softcapping": 50.0,
            "final_logit_softcapping": 30.0, "head_dim": 256, "hidden_act": "gelu_pytorch_tanh",
            "hidden_activation": "gelu_pytorch_tanh", "hidden_size": 2304, "intermediate_size": 9216,
            "max_position_embeddings": 8192, "num_attention_heads": 8, "num_hidden_layers": 26,
            "num_key_value_heads": 4, "query_pre_attn_scalar": 256, "rms_norm_eps": 1e-06, "rope_theta": 10000.0,
            "sliding_window": 4096, "vocab_size": 256000,
        },
    ),
    "gemma-3-1b": (
        999_885_952,
        {
            "model_type": "gemma3_text", "attention_bias": False, "attn_logit_softcapping": None,
            "final_logit_softcapping": None, "head_dim": 256, "hidden_activation": "gelu_pytorch_tanh",
            "hidden_size": 1152, "intermediate_size": 6912, "max_position_embeddings": 32768,
            "num_attention_heads": 4, "num_hidden_layers": 26, "num_key_value_heads": 1, "query_pre_attn_scalar": 256,
            "rms_norm_eps": 1e-06, "rope_local_base_freq": 10000, "rope_scaling": None, "rope_theta": 1000000,
            "sliding_window": 512, "sliding_window_pattern": 6, "vocab_size": 262144,
        },
    ),
    "OLMo-2-0425-1B": (
        1_484_916_736,
        {
            "model_type": "olmo2", "attention_bias": False, "hidden_act": "silu", "hidden_size": 2048,
            "intermediate_size": 8192, "max_position_embeddings": 4096, "num_attention_heads": 16,
            "num_hidden_layers": 16, "num_key_value_heads": 16, "rms_norm_eps": 1e-06, "rope_scaling": None,
            "rope_theta": 500000, "tie_word_embeddings": False, "vocab_size": 100352,
        },
    ),
    "pythia-70m": (
        70_426_624,
        {
            "model_type": "gpt_neox", "hidden_act": "gelu", "hidden_size": 512, "intermediate_size": 2048,
            "layer_norm_eps": 1e-05, "max_position_embeddings": 2048, "num_attention_heads": 8,
            "num_hidden_layers": 6, "rotary_emb_base": 10000, "rotary_pct": 0.25, "tie_word_embeddings": False,
            "use_parallel_residual": True, "vocab_size": 50304,
        },
    ),
    "Phi-3-mini-4k": (
        3_821_079_552,
        {
            "model_type": "phi3", "attention_bias": False, "attention_dropout": 0.0, "embd_pdrop": 0.0,
            "hidden_act": "silu", "hidden_size": 3072, "intermediate_size": 8192, "max_position_embeddings": 4096,
            "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 32,
            "original_max_position_embeddings": 4096, "resid_pdrop": 0.0, "rms_norm_eps": 1e-05, "rope_scaling": None,
            "rope_theta": 10000.0, "sliding_window": 2047, "tie_word_embeddings": False, "vocab_size": 32064,
        },
    ),
    "starcoder2-3b": (
        3_030_371_328,
        {
            "model_type": "starcoder2", "attention_dropout": 0.1, "embedding_dropout": 0.1,
            "hidden_act": "gelu_pytorch_tanh", "hidden_size": 3072, "intermediate_size": 12288,
            "max_position_embeddings": 16384, "norm_epsilon": 1e-05, "num_attention_heads": 24,
            "num_hidden_layers": 30, "num_key_value_heads": 2, "residual_dropout": 0.1,
            "rope_theta": 999999.4420358813, "sliding_window": 4096, "use_bias": True, "vocab_size": 49152,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_configuration_has_the_published_number_of_parameters(name: str) -> None:
    parameters, data = PUBLISHED[name]
    config = hf.config_from_json(data, name)
    with torch.device("meta"):
        model = GPT(replace(config, context=64))
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters
    again = hf.config_from_json(hf.config_to_json(config, torch.bfloat16, 0), name)
    assert again == config


# --- what a family may have and we do not ---


@pytest.mark.parametrize(
    ("case", "changes", "code", "field"),
    [
        ("llama", {"attention_bias": True}, "unsupported_config", "attention_bias"),
        ("llama", {"mlp_bias": True}, "unsupported_config", "mlp_bias"),
        ("llama", {"hidden_act": "gelu"}, "unsupported_config", "hidden_act"),
        ("llama", {"rope_parameters": {"rope_type": "yarn", "factor": 4.0}}, "unsupported_config", "rope_parameters"),
        ("llama", {"rope_scaling": {"type": "dynamic", "factor": 4.0}}, "unsupported_config", "rope_scaling"),
        ("llama", {"rope_parameters": {"rope_type": "linear"}}, "bad_config", "factor"),
        ("llama", {"rope_parameters": LLAMA3 | {"factor": 0}}, "bad_config", "factor"),
        ("llama", {"rope_parameters": LLAMA3 | {"low_freq_factor": 4.0}}, "bad_config", "high_freq_factor"),
        (
            "llama",
            {"rope_parameters": LLAMA3 | {"original_max_position_embeddings": 0.5}},
            "bad_config",
            "original_max_position_embeddings",
        ),
        ("mistral", {"layer_types": ["sliding_attention", "full_attention"]}, "unsupported_config", "layer_types"),
        ("mistral", {"sliding_window": -1}, "bad_config", "sliding_window"),
        ("mistral", {"rope_scaling": {"rope_type": "linear", "factor": 4.0}}, "unsupported_config", "rope_scaling"),
        ("gemma2", {"layer_types": ["full_attention", "full_attention"]}, "unsupported_config", "layer_types"),
        ("gemma2", {"sliding_window": None}, "bad_config", "sliding_window"),
        ("gemma2", {"attn_logit_softcapping": None}, "bad_config", "attn_logit_softcapping"),
        ("gemma2", {"final_logit_softcapping": 0.0}, "bad_config", "final_logit_softcapping"),
        ("gemma2", {"hidden_activation": "gelu"}, "unsupported_config", "hidden_activation"),
        ("gemma2", {"tie_word_embeddings": False}, "bad_config", "tie_word_embeddings"),
        ("gemma2", {"use_bidirectional_attention": True}, "unsupported_config", "use_bidirectional_attention"),
        ("gemma3_text", {"layer_types": ["sliding_attention"] * 6}, "unsupported_config", "layer_types"),
        ("gemma3_text", {"sliding_window_pattern": 3}, "unsupported_config", "sliding_window_pattern"),
        ("gemma3_text", {"final_logit_softcapping": 30.0}, "unsupported_config", "final_logit_softcapping"),
        ("gemma3_text", {"query_pre_attn_scalar": 0}, "bad_config", "query_pre_attn_scalar"),
        (
            "gemma3_text",
            {"rope_parameters": {"full_attention": {}, "sliding_attention": {"rope_type": "linear"}}},
            "unsupported_config",
            "rope_parameters",
        ),
        ("gpt_neox", {"use_parallel_residual": False}, "unsupported_config", "use_parallel_residual"),
        ("gpt_neox", {"hidden_act": "gelu_fast"}, "unsupported_config", "hidden_act"),
        ("gpt_neox", {"attention_bias": False}, "unsupported_config", "attention_bias"),
        ("gpt_neox", {"rope_parameters": {"partial_rotary_factor": 1.5}}, "bad_config", "rotary_pct"),
        ("gpt_neox", {"rope_parameters": {"partial_rotary_factor": 0.2}}, "bad_config", "rotary_pct"),
        ("starcoder2", {"use_bias": False}, "unsupported_config", "use_bias"),
        (
            "phi3",
            {"rope_scaling": {"type": "longrope", "short_factor": [1.0], "long_factor": [2.0]}},
            "unsupported_config",
            "rope_scaling",
        ),
        ("phi3", {"rope_scaling": {"type": "su"}}, "unsupported_config", "rope_scaling"),
        ("qwen2", {"use_sliding_window": True}, "unsupported_config", "use_sliding_window"),
        ("qwen2", {"rope_scaling": {"rope_type": "yarn", "factor": 4.0}}, "unsupported_config", "rope_scaling"),
        ("qwen2", {"rope_scaling": LLAMA3}, "unsupported_config", "rope_scaling"),
    ],
    ids=str,
)
def test_a_field_that_we_do_not_have_is_named(  # type: ignore[no-untyped-def]
    case: str, changes: dict[str, Any], code: str, field: str, theirs
) -> None:
    data = json.loads((theirs(case)[1] / "config.json").read_text()) | changes
    with pytest.raises(EngineError) as caught:
        hf.config_from_json(data, "config.json")
    assert (caught.value.code, caught.value.data["field"]) == (code, field)


@pytest.mark.parametrize("case", ["llama 3.1", "llama linear"])
def test_the_spelling_of_older_files_means_the_same(case: str, theirs) -> None:  # type: ignore[no-untyped-def]
    data = json.loads((theirs(case)[1] / "config.json").read_text())
    new = hf.config_from_json(data, "config.json")
    rope = data.pop("rope_parameters")
    data |= {"rope_theta": rope.pop("rope_theta"), "rope_scaling": rope}
    assert hf.config_from_json(data, "config.json") == new
    rope["type"] = rope.pop("rope_type")
    assert hf.config_from_json(data, "config.json") == new
    assert new.rope_scaling == rope["type"]


@pytest.mark.parametrize("case", ["gemma3_text", "gemma3_text linear"])
def test_the_two_rotations_of_older_gemmas(case: str, theirs) -> None:  # type: ignore[no-untyped-def]
    data = json.loads((theirs(case)[1] / "config.json").read_text())
    new = hf.config_from_json(data, "config.json")
    rope, local = (data["rope_parameters"][kind] for kind in ("full_attention", "sliding_attention"))
    del data["rope_parameters"], data["layer_types"]
    data |= {"rope_theta": rope.pop("rope_theta"), "rope_local_base_freq": local["rope_theta"], "rope_scaling": rope}
    assert hf.config_from_json(data, "config.json") == new
    assert hf.config_from_json(data | {"sliding_window_pattern": 6}, "config.json") == new
    assert new.local_rope_theta < new.rope_theta


def test_scores_that_llama_cpp_would_scale_differently(theirs, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """A query_pre_attn_scalar other than the size of a head: read and run, but not exported."""
    from transformers import AutoModelForCausalLM, Gemma3TextConfig

    values = {**CASES["gemma3_text"], "query_pre_attn_scalar": 30}
    del values["model_type"]
    model = AutoModelForCausalLM.from_config(Gemma3TextConfig(**values), attn_implementation="eager").eval()
    randomise(model)
    model.save_pretrained(tmp_path / "theirs")
    ours = GPT.load(tmp_path / "theirs")
    torch.testing.assert_close(logits(ours), logits(model), atol=1e-4, rtol=0)
    with pytest.raises(EngineError, match="gemma3 only with query_scalar 12, and this model has 30"):
        write_gguf(ours, english_tokenizer(), tmp_path / "m.gguf")
    assert not (tmp_path / "m.gguf").exists()
