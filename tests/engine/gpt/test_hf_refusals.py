"""Model folders that are not what they should be: each is refused in one sentence that names the place."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from model_folders import GPT2, QWEN3, random_model, seeds_tokenizer
from safetensors.torch import load_file, save_file

from engine.errors import EngineError
from engine.gpt import hf
from engine.gpt.hf_names import tensor_names
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer, read_template
from engine.phrases import Phrase

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return seeds_tokenizer()


@pytest.fixture
def folder(tmp_path: Path, tokenizer: Tokenizer) -> Path:
    """A good folder, to be damaged."""
    hf.save(random_model(GPT2), tokenizer, tmp_path / "model")
    return tmp_path / "model"


# --- loading: folders that are not what they should be ---


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="nowhere does not exist"):
        GPT.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("model.safetensors", "it is a file; choose the folder it is in"),
        ("config.json", "it is a file; choose the folder it is in"),
        ("model.gguf", "which the llama backend opens"),
    ],
)
def test_a_file_instead_of_a_folder(folder: Path, name: str, says: str) -> None:
    (folder / "model.gguf").write_bytes(b"GGUF")
    with pytest.raises(EngineError, match=says) as caught:
        GPT.load(folder / name)
    assert caught.value.code == "not_a_model_folder"


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(EngineError, match=f"lacks the file {name}"):
        GPT.load(folder)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "consolidated.00.pth", "last.ckpt", "MODEL.BIN"])
def test_pickles_are_refused_with_the_way_out(folder: Path, name: str) -> None:
    (folder / "model.safetensors").rename(folder / name)
    with pytest.raises(EngineError, match="save_pretrained") as caught:
        GPT.load(folder)
    assert caught.value.code == "pickled_weights"
    with pytest.raises(EngineError, match="pickled"):
        GPT.load(folder / name)


def test_pickles_beside_good_weights_are_ignored(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(b"anything")
    assert GPT.load(folder).config == GPT2


def _edit_config(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not ...}))


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"model_type": "zebra"}, "unknown_family", '"zebra"'),
        ({"model_type": ["gpt2"]}, "unknown_family", "gpt2"),
        ({"model_type": ...}, "unknown_family", "null"),
        ({"n_embd": ...}, "bad_config", "n_embd is missing"),
        ({"n_embd": "32"}, "bad_config", "n_embd must be a whole number, not '32'"),
        ({"n_head": 3}, "bad_config", r"n_head \(3\) times head_dim"),
        ({"n_layer": 0}, "bad_config", "n_layer must be from 1"),
        ({"n_layer": 10**12}, "bad_config", "n_layer must be from 1"),
        ({"n_layer": True}, "bad_config", "n_layer must be a whole number"),
        ({"n_positions": None}, "bad_config", "n_positions must be a whole number"),
        ({"layer_norm_epsilon": "small"}, "bad_config", "layer_norm_epsilon must be a number"),
        ({"tie_word_embeddings": "yes"}, "bad_config", "tie_word_embeddings must be true or false"),
        ({"activation_function": "relu"}, "unsupported_config", 'activation_function is "relu"'),
        ({"activation_function": {"a": 1}}, "unsupported_config", "activation_function"),
        ({"scale_attn_by_inverse_layer_idx": True}, "unsupported_config", "scale_attn_by_inverse_layer_idx"),
        ({"n_layer": 3}, "missing_tensor", r"lacks the tensor transformer\.h\.2\.ln_1\.weight"),
        ({"n_layer": 1}, "unknown_tensor", r"transformer\.h\.1\."),
        ({"tie_word_embeddings": False}, "missing_tensor", r"lm_head\.weight"),
        ({"vocab_size": 321}, "tensor_mismatch", r"wte\.weight is \[320, 32\], but .* \[321, 32\]"),
        ({"n_positions": 64}, "tensor_mismatch", r"wpe\.weight is \[32, 32\]"),
        ({"n_inner": None}, "", ""),
        ({"n_inner": 96}, "tensor_mismatch", r"c_fc\.weight is \[32, 128\]"),
        ({"vocab_size": 2**24, "n_embd": 2**16, "n_head": 2**10}, "tensor_mismatch", r"wte\.weight"),
        ({"auto_map": {"AutoModelForCausalLM": "evil.Model"}, "_name_or_path": "/etc/passwd"}, "", ""),
    ],
    ids=str,
)
def test_configurations_that_do_not_fit(folder: Path, changes: dict[str, Any], code: str, says: str) -> None:
    (folder / "evil.py").write_text("raise SystemExit('it ran')")
    _edit_config(folder, **changes)
    if not code:
        assert GPT.load(folder).config == GPT2
        return
    with pytest.raises(EngineError, match=says) as caught:
        GPT.load(folder)
    assert caught.value.code == code
    assert str(folder) in str(caught.value)
    assert code != "bad_config" or isinstance(caught.value.data["reason"], Phrase)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rope_parameters": {"rope_type": "yarn", "factor": 4.0}}, "rope_parameters is yarn"),
        ({"rope_scaling": {"type": "linear", "factor": 2.0}}, "rope_scaling is linear"),
        ({"rope_scaling": "yarn"}, "rope_scaling is yarn"),
        ({"hidden_act": "gelu"}, "hidden_act"),
        ({"attention_bias": True}, "attention_bias is true"),
        ({"use_sliding_window": True}, "use_sliding_window"),
        ({"layer_types": ["full_attention", "sliding_attention"]}, "layer_types is sliding_attention"),
        ({"layer_types": 7}, "layer_types"),
    ],
    ids=str,
)
def test_what_qwen3_may_have_and_we_do_not(
    tmp_path: Path, tokenizer: Tokenizer, changes: dict[str, Any], says: str
) -> None:
    hf.save(random_model(QWEN3), tokenizer, tmp_path / "model")
    _edit_config(tmp_path / "model", **changes)
    with pytest.raises(EngineError, match=says) as caught:
        GPT.load(tmp_path / "model")
    assert caught.value.code == "unsupported_config"


@pytest.mark.parametrize(
    "changes",
    [
        {"rope_parameters": ..., "rope_theta": 500.0},
        {"rope_parameters": {"rope_theta": 500.0, "rope_type": "default"}, "rope_theta": ...},
        {"rope_parameters": {"rope_theta": 500.0}, "rope_theta": 7.0, "rope_scaling": None},
    ],
    ids=str,
)
def test_both_spellings_of_the_rotation(tmp_path: Path, tokenizer: Tokenizer, changes: dict[str, Any]) -> None:
    hf.save(random_model(replace(QWEN3, rope_theta=500.0)), tokenizer, tmp_path / "model")
    _edit_config(tmp_path / "model", **changes)
    assert GPT.load(tmp_path / "model").config.rope_theta == 500.0


def _rewrite(folder: Path, edit: Callable[[dict[str, torch.Tensor]], None]) -> None:
    weights = load_file(folder / "model.safetensors")
    edit(weights)
    save_file(weights, folder / "model.safetensors")


@pytest.mark.parametrize(
    ("edit", "code", "says"),
    [
        (lambda w: w.pop("transformer.ln_f.weight"), "missing_tensor", r"lacks the tensor transformer\.ln_f\.weight"),
        (lambda w: w.update(extra=torch.zeros(1)), "unknown_tensor", "the tensor extra"),
        (lambda w: w.update({"transformer.ln_f.weight": torch.zeros(31)}), "tensor_mismatch", r"is \[31\]"),
        (lambda w: w.update({"transformer.ln_f.weight": torch.zeros(32, 1)}), "tensor_mismatch", r"\[32, 1\]"),
        (lambda w: w.update({"transformer.ln_f.weight": torch.zeros(32).int()}), "bad_weights", r"ln_f.* torch\.int32"),
        (lambda w: w["transformer.ln_f.bias"].fill_(float("nan")), "bad_weights", r"ln_f\.bias.*finite"),
        (lambda w: w["transformer.ln_f.bias"].fill_(float("inf")), "bad_weights", r"ln_f\.bias.*finite"),
    ],
)
def test_weights_that_do_not_fit(  # type: ignore[no-untyped-def]
    folder: Path, edit, code: str, says: str
) -> None:
    _rewrite(folder, edit)
    with pytest.raises(EngineError, match=says) as caught:
        GPT.load(folder)
    assert caught.value.code == code


@pytest.mark.parametrize("length", [0, 7, 100, -1])
def test_truncated_weights(folder: Path, length: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(EngineError, match=r"weights in .*model\.safetensors cannot be used"):
        GPT.load(folder)


@pytest.mark.parametrize(
    ("index", "says"),
    [
        ({"weight_map": {"a": "../model.safetensors"}}, "not the name of a safetensors file"),
        ({"weight_map": {"a": "/etc/passwd"}}, "not the name of a safetensors file"),
        ({"weight_map": {"a": "C:\\x.safetensors"}}, "not the name of a safetensors file"),
        ({"weight_map": {"a": "pytorch_model.bin"}}, "not the name of a safetensors file"),
        ({"weight_map": {"a": 7}}, "not the name of a safetensors file"),
        ({"weight_map": {}}, "names no files"),
        ({"weight_map": []}, "names no files"),
        ({}, "names no files"),
        (
            {"weight_map": {"a": "model-00002-of-00002.safetensors"}},
            r"lacks the file model-00002-of-00002\.safetensors",
        ),
    ],
    ids=str,
)
def test_bad_indexes(folder: Path, index: dict[str, Any], says: str) -> None:
    shutil.move(folder / "model.safetensors", folder.parent / "model.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(EngineError, match=says):
        GPT.load(folder)


# --- the shared collection of malformed files: every entry, and its verdict ---

MANIFEST = "malformed-models/manifest.jsonl"
FILES = {  # file -> what it must end with: None accepts, else a code
    "safetensors/valid.safetensors": None,
    "safetensors/scalar-and-empty.safetensors": None,
    "safetensors/path-like-names.safetensors": None,  # as a file; as a model see below
    "hf/config-valid.json": None,
    "hf/config-bom.json": None,
    "hf/tokenizer-catastrophic-regex.json": None,  # loads; encoding ends: see test_tokenizer.py
    "hf/tokenizer_config-template-list.json": None,
    "hf/config-heads-not-dividing.json": "bad_config",
    "hf/config-strings-for-numbers.json": "bad_config",
    "hf/config-auto-map-remote-code.json": "unknown_family",
    "hf/config-unknown-model-type.json": "unknown_family",
    "hf/config-truncated.json": "bad_json",
    "hf/index-missing-shard.json": "missing_file",
    "hf/tokenizer-truncated.json": "bad_json",
    "hf/tokenizer-merge-unknown-token.json": "bad_tokenizer",
    "hf/tokenizer-duplicate-ids.json": "bad_tokenizer",
    "hf/tokenizer-added-token-clash.json": "bad_tokenizer",
    "hf/tokenizer_config-template-number.json": "bad_template",
    "pickle/pickle-named.safetensors": "bad_weights",
}


def _open_as_what_it_is(path: Path, folder: Path) -> None:
    """Put a loose file where a model folder has one of its kind, and open it."""
    shutil.copy(path.parent.parent / "hf" / "config-valid.json", folder / "config.json")
    if path.parent.name == "hf":
        kind = path.name.split("-")[0]
        shutil.copy(path, folder / {"index": "model.safetensors.index.json"}.get(kind, f"{kind}.json"))
        if kind == "config":
            hf.read_config(folder / "config.json")
        elif kind == "tokenizer":
            Tokenizer.load(folder)
        elif kind == "tokenizer_config":
            assert read_template(folder)
        else:
            GPT.load(folder)
    elif path.suffix == ".safetensors":
        hf.read_weights(path)
    else:
        shutil.copy(path, folder / path.name)
        GPT.load(folder)


def _verdict(path: Path, folder: Path) -> EngineError | None:
    try:
        _open_as_what_it_is(path, folder)
    except EngineError as error:
        return error
    return None


def test_every_malformed_file_gets_its_verdict(
    data: Callable[..., Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    manifest = [json.loads(line) for line in data(MANIFEST).read_text().splitlines()]
    entries = [entry for entry in manifest if entry["file"].split("/")[0] in ("hf", "safetensors", "pickle")]
    assert len(entries) == 43
    before = sorted(os.listdir(tmp_path.parent))
    for entry in entries:
        name, verdict = entry["file"], entry["verdict"]
        expected = FILES.get(name, "pickled_weights" if name.startswith("pickle/") else "bad_weights")
        folder = tmp_path / name.replace("/", "-")
        folder.mkdir()
        path = data("malformed-models/" + name)
        error = _verdict(path, folder)
        assert (error and error.code) == expected, entry
        if error is None:
            continue
        assert str(folder) in str(error) or str(path) in str(error), entry
        assert len(str(error)) < 600, entry
        assert "zebra" in str(error) or "names it" not in verdict
        assert "model-00001-of-00002.safetensors" in str(error) or "names the file" not in verdict
        assert not verdict.startswith("accept") or "or reject" in verdict
    captured = capfd.readouterr()
    assert "UNSAFE-PICKLE-EXECUTED" not in captured.out + captured.err
    assert sorted(os.listdir(tmp_path.parent)) == before  # nothing was written outside


def test_a_tensor_named_like_a_path_is_only_a_name(data: Callable[..., Path], folder: Path) -> None:
    shutil.copy(data("malformed-models/safetensors/path-like-names.safetensors"), folder / "model.safetensors")
    with pytest.raises(EngineError) as caught:
        GPT.load(folder)
    assert caught.value.code == "missing_tensor"
    _rewrite(folder, lambda w: w.update(random_weights(folder)))
    with pytest.raises(EngineError, match=r"the tensor \.\./\.\./etc/passwd is not part of a gpt2 model") as caught:
        GPT.load(folder)
    assert caught.value.code == "unknown_tensor"


def random_weights(folder: Path) -> dict[str, torch.Tensor]:
    model = random_model(hf.read_config(folder / "config.json"))
    return {name: hf.tensor_to_hf(model, name, torch.float32) for name in tensor_names(model.config)}
