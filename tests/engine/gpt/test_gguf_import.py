"""GGUF files as models of ours: every weight back in its place, from any type, and bad files refused by name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from any_text import any_text
from gguf_files import GGUF, mutant, settings_mutant
from random_gpt import english_tokenizer, random_gpt

from engine.errors import EngineError
from engine.gpt import gguf_import
from engine.gpt.config import SHAPES
from engine.gpt.gguf import write_gguf
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.paths import resource
from engine.runtime.llama import LlamaRuntime

Data = Callable[..., Path]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def there_and_back(model: GPT, folder: Path, type: str = "f32") -> GPT:
    path = folder / "model.gguf"
    write_gguf(model, english_tokenizer(), path, type)
    return gguf_import.load(path)[0]


def weights(model: GPT) -> dict[str, torch.Tensor]:
    return {name: parameter.detach() for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_float32_comes_back_bit_for_bit(shape: str, tied: bool, tmp_path: Path) -> None:
    if shape == "gemma2" and not tied:
        pytest.skip("there is none")
    model = random_gpt(shape, tied=tied)
    again = there_and_back(model, tmp_path)
    # llama.cpp has one architecture for both.
    assert again.config == replace(model.config, shape="llama" if shape == "mistral" else shape)
    for name, weight in weights(model).items():
        raised = shape.startswith("gemma") and "norm" in name  # one is added in the file
        assert torch.allclose(weight, weights(again)[name], rtol=0, atol=2e-7 if raised else 0), name
    assert not again.training


def test_mistral_comes_back_as_the_llama_it_is_within_its_window(tmp_path: Path) -> None:
    model = random_gpt("mistral", window=32)
    again = there_and_back(model, tmp_path)
    assert (again.config.shape, again.config.context, again.config.window) == ("llama", 32, 0)
    ids = torch.arange(32)[None]
    with torch.inference_mode():
        assert torch.equal(model(ids), again(ids))


@pytest.mark.parametrize("biases", [True, False])
def test_zeros_that_llama_cpp_wants_are_no_biases(biases: bool, tmp_path: Path) -> None:
    model = random_gpt("gpt2", qkv_bias=biases)
    assert there_and_back(model, tmp_path).config == model.config


@pytest.mark.parametrize(
    "scaling",
    [
        {"rope_scaling": "linear", "rope_factor": 4.0},
        {
            "rope_scaling": "llama3", "rope_factor": 8.0, "rope_low_factor": 1.0, "rope_high_factor": 4.0,
            "rope_original_context": 32, "rope_theta": 500.0,
        },
    ],
    ids=["linear", "llama3"],
)  # fmt: skip
def test_stretched_rotations_come_back(scaling: dict[str, Any], tmp_path: Path) -> None:
    model = random_gpt("llama", **scaling)
    assert there_and_back(model, tmp_path).config == model.config


@pytest.mark.parametrize(
    ("type", "error"), [("f16", 1e-3), ("bf16", 0.01), ("q8_0", 0.01), ("q6_k", 0.05), ("q4_k_m", 0.15)]
)
def test_other_types_come_back_within_their_rounding(type: str, error: float, tmp_path: Path) -> None:
    model = random_gpt("llama", width=256, heads=4)
    again = there_and_back(model, tmp_path, type)
    for name, weight in weights(model).items():
        assert (weights(again)[name] - weight).abs().max() <= error * weight.abs().max(), name


def test_the_starter_comes_back_from_the_file_people_chat_with() -> None:
    model, tokenizer = gguf_import.load(resource("starter") / "starter-q8_0.gguf")
    ours, theirs = GPT.load(resource("starter")), Tokenizer.load(resource("starter"))
    assert model.config == ours.config
    for name, weight in weights(ours).items():
        assert (weights(model)[name] - weight).abs().max() <= weight.abs().max() / 220, (
            name
        )  # half a step of 1/127, and its rounding to f16
    marks = ("vocabulary", "end_id", "turn_start_id", "turn_end_id", "special_ids", "pattern", "template", "end_ids")
    assert [getattr(tokenizer, name) for name in marks] == [getattr(theirs, name) for name in marks]
    for seed in range(50):
        for special in (False, True):
            assert tokenizer.encode(any_text(seed), special) == theirs.encode(any_text(seed), special)


def test_a_real_file_of_llama_2_gives_the_logits_known_of_it(data: Data) -> None:
    path = data("gguf-tiny-random/llama-2-tiny-random.gguf")
    model, tokenizer = gguf_import.load(path)
    runtime = LlamaRuntime(path, threads=1)
    assert tokenizer.encode("Hello world") == runtime.tokenize("Hello world", False) == [15043, 3186]
    assert (tokenizer.begin_id, tokenizer.end_id, tokenizer.adds_begin) == (1, 2, True)
    for sequence in json.loads(path.with_name("expected.json").read_text())["seqs"]:
        with torch.inference_mode():
            logits = model(torch.tensor([sequence["ids"]]))[0, -1].numpy()
        for id, expected in sequence["top"]:
            assert logits[id] == pytest.approx(expected, abs=1e-3)
        assert np.abs(runtime.evaluate(sequence["ids"])[-1] - logits).max() < 1e-3  # its cache is float16
    runtime.close()


def test_every_malformed_file_has_its_verdict(data: Data) -> None:
    for line in data("malformed-models/manifest.jsonl").read_text().splitlines():
        row = json.loads(line)
        if not row["file"].startswith("gguf/"):
            continue
        path = data(f"malformed-models/{row['file']}")
        # A template is looked at when a chat is rendered; values that are no numbers are refused here.
        if row["verdict"].startswith("reject"):
            with pytest.raises(EngineError, match=re.escape(path.name)):
                gguf_import.load(path)
        else:
            gguf_import.load(path)


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def mini(data: Data) -> GGUF:
    return GGUF.read(data("malformed-models/gguf/valid-mini.gguf"))


def _rename(model: GGUF, name: str, new: str) -> None:
    model.tensors = [(new if tensor[0] == name else tensor[0], *tensor[1:]) for tensor in model.tensors]


def _reshape(model: GGUF, name: str) -> None:
    swapped = [(tensor[0], tensor[1][::-1], *tensor[2:]) for tensor in model.tensors if tensor[0] == name]
    model.tensors = [swapped[0] if tensor[0] == name else tensor for tensor in model.tensors]


def _whole_numbers(model: GGUF) -> None:
    name, shape, _, content = model.tensors[0]
    model.tensors[0] = (name, shape, "I32", content)


REFUSED: dict[str, tuple[Callable[[GGUF], object], str, str]] = {
    "another family": (lambda g: g.rename_architecture("mamba"), "unknown_family", "mamba"),
    "a family with another norm": (lambda g: g.rename_architecture("falcon"), "unknown_family", "falcon"),
    "experts": (lambda g: g.set("llama.expert_count", "u32", 4), "unsupported_config", "expert_count"),
    "a stretched rotation": (lambda g: g.set("llama.rope.scaling.type", "text", "yarn"), "unsupported_config", "yarn"),
    "a partial rotation": (lambda g: g.set("llama.rope.dimension_count", "u32", 4), "bad_config", "rotary_share"),
    "other values than keys": (
        lambda g: g.set("llama.attention.value_length", "u32", 4), "unsupported_config", "value_length"
    ),
    "a base that is no number": (lambda g: g.set("llama.rope.freq_base", "text", "x"), "bad_config", "rope_theta"),
    "a tensor of another name": (lambda g: _rename(g, "output.weight", "head"), "unknown_tensor", "head"),
    "a tensor of another shape": (lambda g: _reshape(g, "blk.0.ffn_up.weight"), "tensor_mismatch", "ffn_up"),
    "weights that are no weights": (_whole_numbers, "bad_weights", "I32"),
    "a tokenizer of another kind": (lambda g: g.set("tokenizer.ggml.model", "text", "t5"), "bad_tokenizer", "t5"),
    "a pattern we lack": (lambda g: g.set("tokenizer.ggml.model", "text", "gpt2"), "bad_tokenizer", "default"),
    "factors of another kind": (
        lambda g: g.tensors.append(("rope_freqs.weight", (4,), "F32", np.float32([1, 7, 2, 9]).tobytes())),
        "unsupported_config",
        "rope_freqs",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_we_do_not_have_is_refused_by_name(name: str, mini: GGUF, tmp_path: Path) -> None:
    change, code, says = REFUSED[name]
    change(mini)
    with pytest.raises(EngineError, match=says) as caught:
        gguf_import.load(mini.write(tmp_path / "model.gguf"))
    assert caught.value.code == code
    assert "model.gguf" in str(caught.value)


def test_more_tokens_than_rows_are_refused(mini: GGUF, tmp_path: Path) -> None:
    mini.set("tokenizer.ggml.tokens", "texts", [f"t{n}" for n in range(70)])
    mini.remove("tokenizer.ggml.scores").remove("tokenizer.ggml.token_type")
    with pytest.raises(EngineError, match="70 tokens and the model only 64"):
        gguf_import.load(mini.write(tmp_path / "model.gguf"))


@pytest.mark.trial(sample=150, full=10_000)
def test_mutants_are_opened_or_named(trials: range, data: Data, tmp_path: Path) -> None:
    source = data("malformed-models/gguf/valid-mini.gguf")
    original, path = source.read_bytes(), tmp_path / "mutant.gguf"
    for seed in trials:
        path.write_bytes(settings_mutant(source, seed) if seed % 3 else mutant(original, 3000, seed))
        with suppress(EngineError):  # nothing else may come out
            gguf_import.load(path)
