"""Every family against transformers and llama.cpp: random weights of theirs, read, run, written and exported.

The models are built by transformers from its own configurations, so nothing here leans on what we write.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    gelu = model.config.shape in ("gpt2",)
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
    first_layer = {name: t for name, t in load_file(folder / "model.safetensors").items() if ".1." not in name}
    for number, (name, tensor) in enumerate(first_layer.items()):
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
