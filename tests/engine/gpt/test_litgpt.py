"""LitGPT's folders: what is written holds what LitGPT looks for, and comes back bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from random_gpt import english_tokenizer, random_gpt

from engine.errors import EngineError
from engine.gpt import litgpt
from engine.gpt.litgpt import read_settings, to_yaml

SHAPES = ("llama", "mistral", "qwen2", "qwen3")
LLAMA3 = {
    "rope_scaling": "llama3", "rope_factor": 8.0, "rope_low_factor": 1.0, "rope_high_factor": 4.0,
    "rope_original_context": 32,
}  # fmt: skip


def save(shape: str, folder: Path, dtype: torch.dtype = torch.float32, **changes: Any) -> Any:
    model = random_gpt(shape, **changes)
    litgpt.save(model, english_tokenizer(), folder, "mine", dtype, "# A card\n")
    return model


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_model_comes_back_bit_for_bit(shape: str, tied: bool, tmp_path: Path) -> None:
    changes = {"window": 16} if shape == "mistral" else {}
    model = save(shape, tmp_path / "lit", tied=tied, **changes)
    again, tokenizer = litgpt.load(tmp_path / "lit")
    assert again.config == model.config
    state = again.state_dict()
    assert all(torch.equal(state[name], tensor) for name, tensor in model.state_dict().items())
    assert tokenizer.encode("a seed") == english_tokenizer().encode("a seed")


@pytest.mark.parametrize("scaling", [LLAMA3, {"rope_scaling": "linear", "rope_factor": 4.0}], ids=["llama3", "linear"])
def test_stretched_rotations_come_back(scaling: dict[str, Any], tmp_path: Path) -> None:
    model = save("llama", tmp_path / "lit", **scaling)
    assert litgpt.load(tmp_path / "lit")[0].config == model.config


def test_the_tensors_are_those_of_litgpt(tmp_path: Path) -> None:
    """Its names; queries, keys and values one below the other; an output layer even where it is the embedding."""
    model = save("qwen3", tmp_path / "lit", torch.bfloat16, layers=1)
    state = torch.load(tmp_path / "lit" / "lit_model.pth", weights_only=True)
    assert state.keys() == {
        "transformer.wte.weight",
        *(f"transformer.h.0.{part}.weight" for part in ("norm_1", "norm_2", "attn.qkv", "attn.proj")),
        *(f"transformer.h.0.{part}.weight" for part in ("attn.norm_q", "attn.norm_k")),
        *(f"transformer.h.0.mlp.{part}.weight" for part in ("fc_1", "fc_2", "proj")),
        "transformer.ln_f.weight",
        "lm_head.weight",
    }
    attention = model.blocks[0].attention
    stacked = torch.cat([attention.query.weight, attention.key.weight, attention.value.weight])
    assert torch.equal(state["transformer.h.0.attn.qkv.weight"], stacked.bfloat16())
    assert torch.equal(state["lm_head.weight"], state["transformer.wte.weight"])


def test_the_settings_are_yaml_as_others_read_it(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    save("llama", tmp_path / "lit", **LLAMA3)
    text = (tmp_path / "lit" / "model_config.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text) == read_settings(tmp_path / "lit" / "model_config.yaml")
    assert yaml.safe_load(text)["norm_eps"] == 1e-5
    odd = {"a": 1e-7, "b": 1e22, "c": 'quo"te: #é', "d": None, "e": True, "f": {"g": 2, "h": 0.5}, "i": -3}
    assert yaml.safe_load(to_yaml(odd)) == odd


def test_settings_as_litgpt_writes_them_are_read(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    save("llama", tmp_path / "lit")
    path = tmp_path / "lit" / "model_config.yaml"
    settings = read_settings(path) | {
        "sliding_window_indices": None,
        "rope_indices": None,
        "moe_intermediate_size": None,
    }
    path.write_text(yaml.dump(settings | {"hf_config": {"org": "x", "name": "Llama: 3"}}), encoding="utf-8")
    assert litgpt.load(tmp_path / "lit")[0].config.shape == "llama"
    state = torch.load(tmp_path / "lit" / "lit_model.pth", weights_only=True)
    torch.save({"model": state, "step_count": 7}, tmp_path / "lit" / "lit_model.pth")  # as after a training there
    assert litgpt.load(tmp_path / "lit")[0].config.shape == "llama"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"norm_class_name": "LayerNorm"}, "unsupported_config"),
        ({"mlp_class_name": "GemmaMLP"}, "unsupported_config"),
        ({"rotary_percentage": 0.25}, "unsupported_config"),
        ({"parallel_residual": True}, "unsupported_config"),
        ({"n_expert": 8}, "unsupported_config"),
        ({"attn_bias": True, "norm_qk": True}, "unsupported_config"),
        ({"rope_adjustments": {"factor": 2.0}}, "unsupported_config"),
        ({"n_head": "four"}, "bad_config"),
        ({"n_head": None}, "bad_config"),
        ({"n_layer": 3}, "missing_tensor"),
        ({"n_layer": 1}, "unknown_tensor"),
        ({"intermediate_size": 8}, "tensor_mismatch"),
    ],
)
def test_what_we_do_not_have_is_refused_by_name(change: dict[str, Any], code: str, tmp_path: Path) -> None:
    save("llama", tmp_path / "lit")
    path = tmp_path / "lit" / "model_config.yaml"
    path.write_text(to_yaml(read_settings(path) | change))
    with pytest.raises(EngineError) as caught:
        litgpt.load(tmp_path / "lit")
    assert caught.value.code == code
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("text", ["just words", "a: 1\n? b", "- x\n\tb: 2", "!!python/object:os.system x"])
def test_settings_that_are_none_are_refused(text: str, tmp_path: Path) -> None:
    save("llama", tmp_path / "lit")
    (tmp_path / "lit" / "model_config.yaml").write_text(text)
    with pytest.raises(EngineError) as caught:
        litgpt.load(tmp_path / "lit")
    assert caught.value.code == "bad_config"


def test_a_shape_that_litgpt_lacks_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="gpt2") as caught:
        save("gpt2", tmp_path / "lit")
    assert caught.value.code == "litgpt_lacks"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("x")
    with pytest.raises(EngineError, match=r"photo\.jpg"):
        save("llama", tmp_path)
