"""Model folders: transformers reads ours to the same logits and ids, and nothing bad gets in."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import stat
import struct
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.errors import EngineError
from engine.gpt import hf
from engine.gpt.config import GPTConfig, default_config
from engine.gpt.hf_names import FAMILIES, tensor_names
from engine.gpt.model import GPT
from engine.gpt.tokenizer import CHAT_TEMPLATE, TURN_END, Tokenizer, read_template

torch.set_num_threads(1)

GPT2 = default_config("gpt2", vocabulary=320, context=32, layers=2, width=32, heads=4)
QWEN3 = default_config("qwen3", vocabulary=320, context=32, layers=2, width=32, heads=4)
CONFIGS = {
    "gpt2": GPT2,
    "gpt2 qkv bias": replace(GPT2, qkv_bias=True, dropout=0.1, norm_epsilon=1e-3),
    "gpt2 untied": replace(GPT2, tied=False, feed_forward=48),
    "qwen3": QWEN3,
    "qwen3 untied": replace(QWEN3, tied=False, rope_theta=500.0, norm_epsilon=1e-2),
    "qwen3 wide heads": replace(QWEN3, head_dim=24, heads=3, kv_heads=3, dropout=0.2),
}
every_config = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
TEXT = "Once upon a time, 12 little seeds didn't grow… e\u0301 'ſ 種 🌱<|im_start|>user\nhi<|im_end|>\n"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(["Once upon a time, little seeds grow. " * 30], 300)


def random_model(config: GPTConfig) -> GPT:
    """Every parameter random: the initial ones are zero in places, where a mistake would not show."""
    model = GPT(config, seed=0).eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0.0, 0.2, generator=generator)
    return model


def same(first: GPT, second: GPT) -> bool:
    a, b = first.state_dict(), second.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.fixture
def folder(tmp_path: Path, tokenizer: Tokenizer) -> Path:
    """A good folder, to be damaged."""
    hf.save(random_model(GPT2), tokenizer, tmp_path / "model")
    return tmp_path / "model"


# --- against transformers ---


@pytest.fixture
def quiet_transformers(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    import transformers

    transformers.utils.logging.disable_progress_bar()
    return transformers


@every_config
def test_transformers_gives_our_logits(  # type: ignore[no-untyped-def]
    config: GPTConfig, tokenizer: Tokenizer, tmp_path: Path, quiet_transformers
) -> None:
    model = random_model(config)
    hf.save(model, tokenizer, tmp_path / "model")
    theirs, report = quiet_transformers.AutoModelForCausalLM.from_pretrained(
        tmp_path / "model", dtype=torch.float32, output_loading_info=True
    )
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert not report["mismatched_keys"]
    assert type(theirs).__name__ == FAMILIES[config.shape].architecture
    ids = torch.randint(320, (2, 32), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        torch.testing.assert_close(model(ids), theirs.eval()(ids).logits, atol=1e-4, rtol=0)
    assert theirs.generation_config.eos_token_id == [tokenizer.end_id, tokenizer.turn_end_id]
    assert theirs.generation_config.pad_token_id == tokenizer.end_id


@every_config
def test_we_read_what_transformers_writes(  # type: ignore[no-untyped-def]
    config: GPTConfig, tokenizer: Tokenizer, tmp_path: Path, quiet_transformers
) -> None:
    model = random_model(config)
    hf.save(model, tokenizer, tmp_path / "ours")
    theirs = quiet_transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "ours")
    theirs.save_pretrained(tmp_path / "theirs")
    loaded = GPT.load(tmp_path / "theirs")
    assert same(loaded, model)
    assert loaded.config == config


@pytest.mark.parametrize("pattern", ["qwen2", "gpt-2"])
def test_transformers_gives_our_ids_and_renders_our_template(  # type: ignore[no-untyped-def]
    pattern: str, tmp_path: Path, quiet_transformers
) -> None:
    for shape, config in (("gpt2", GPT2), ("qwen3", QWEN3)):  # AutoTokenizer looks at the model type too
        tokenizer = Tokenizer.train([TEXT * 20], 300, pattern)
        hf.save(GPT(config, seed=0), tokenizer, tmp_path / shape)
        theirs = quiet_transformers.AutoTokenizer.from_pretrained(tmp_path / shape)
        assert theirs(TEXT)["input_ids"] == tokenizer.encode(TEXT, special=True)
        assert theirs.decode(theirs(TEXT)["input_ids"]) == TEXT
        assert (theirs.eos_token_id, theirs.pad_token_id) == (tokenizer.end_id, tokenizer.end_id)
        assert len(theirs) == tokenizer.vocabulary
        assert theirs.model_max_length == 32
        messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]
        rendered = theirs.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        assert rendered == (
            "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
        )
        rendered = theirs.apply_chat_template(messages[1:], tokenize=False)
        assert rendered == "<|im_start|>user\nHi<|im_end|>\n"


# --- there and back ---


@every_config
@pytest.mark.parametrize("shard_bytes", [hf.SHARD_BYTES, 20_000, 1])
def test_round_trip_is_bit_equal(config: GPTConfig, shard_bytes: int, tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = random_model(config)
    hf.save(model, tokenizer, tmp_path / "model", shard_bytes=shard_bytes)
    loaded = GPT.load(tmp_path / "model")
    assert loaded.config == config
    assert same(loaded, model)
    assert not loaded.training
    assert all(p.requires_grad and p.dtype == torch.float32 and p.is_contiguous() for p in loaded.parameters())
    ids = torch.arange(20).view(2, 10)
    assert torch.equal(loaded(ids), model(ids))


def test_the_folder_holds_exactly_its_files(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "chat_template.jinja",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    assert (folder / "chat_template.jinja").read_text() == CHAT_TEMPLATE
    assert "4 heads" not in (folder / "README.md").read_text()
    assert "| heads | 4 |" in (folder / "README.md").read_text()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert len(modes) == 1  # the weights may be read by whoever may read the rest


def test_what_the_configurations_say(folder: Path, tokenizer: Tokenizer, tmp_path: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    end = tokenizer.end_id
    expected = {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "vocab_size": 320,
        "n_ctx": 32,
        "n_inner": 128,
    }
    expected |= {"n_positions": 32, "activation_function": "gelu_new", "dtype": "float32", "torch_dtype": "float32"}
    expected |= {"bos_token_id": end, "eos_token_id": end, "pad_token_id": end, "tie_word_embeddings": True}
    assert expected.items() <= {key: value for key, value in config.items() if key in expected}.items()
    hf.save(random_model(QWEN3), tokenizer, tmp_path / "qwen3", dtype=torch.bfloat16)
    config = json.loads((tmp_path / "qwen3" / "config.json").read_text())
    assert config["rope_parameters"] == {"rope_type": "default", "rope_theta": 10_000.0}
    assert (config["rope_theta"], config["head_dim"], config["hidden_act"], config["dtype"]) == (
        1e4,
        8,
        "silu",
        "bfloat16",
    )
    generation = json.loads((folder / "generation_config.json").read_text())
    assert generation["eos_token_id"] == [end, tokenizer.encode(TURN_END, special=True)[0]]


@every_config
def test_the_weights_in_the_file(config: GPTConfig, tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = random_model(config)
    hf.save(model, tokenizer, tmp_path / "model")
    weights = load_file(tmp_path / "model" / "model.safetensors")
    assert ("lm_head.weight" in weights) == (not config.tied)
    assert set(weights) == set(tensor_names(config))
    with open(tmp_path / "model" / "model.safetensors", "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    assert header["__metadata__"] == {"format": "pt"}
    if config.shape == "gpt2":
        attention = model.blocks[1].attention
        stacked = torch.cat([attention.query.weight, attention.key.weight, attention.value.weight]).T
        assert torch.equal(weights["transformer.h.1.attn.c_attn.weight"], stacked)
        assert weights["transformer.h.1.attn.c_attn.bias"].any().item() == config.qkv_bias


def test_bfloat16_files_are_half_as_large_and_load_as_float32(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = random_model(QWEN3)
    hf.save(model, tokenizer, tmp_path / "full")
    hf.save(model, tokenizer, tmp_path / "half", dtype=torch.bfloat16)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("full", "half")]
    assert sizes[1] < 0.55 * sizes[0]
    loaded = GPT.load(tmp_path / "half")
    assert loaded.embedding.weight.dtype == torch.float32
    assert torch.equal(loaded.embedding.weight, model.embedding.weight.to(torch.bfloat16).float())
    model.to(torch.bfloat16)
    hf.save(model, tokenizer, tmp_path / "own")  # the default is the parameters' own
    assert (tmp_path / "own" / "model.safetensors").read_bytes() == (
        tmp_path / "half" / "model.safetensors"
    ).read_bytes()


def test_shards_and_their_index(tokenizer: Tokenizer, tmp_path: Path) -> None:
    hf.save(random_model(GPT2), tokenizer, tmp_path / "model", shard_bytes=30_000)
    index = json.loads((tmp_path / "model" / "model.safetensors.index.json").read_text())
    shards = sorted((tmp_path / "model").glob("*.safetensors"))
    assert [path.name for path in shards] == sorted(set(index["weight_map"].values()))
    assert shards[0].name == f"model-00001-of-{len(shards):05}.safetensors"
    assert len(shards) > 2
    total = 0
    for path in shards:
        weights = load_file(path)
        size = sum(tensor.nbytes for tensor in weights.values())
        assert size <= 30_000 or len(weights) == 1
        assert {index["weight_map"][name] for name in weights} == {path.name}
        total += size
    assert index["metadata"]["total_size"] == total


def test_a_seeded_model_survives_being_trained_elsewhere(  # type: ignore[no-untyped-def]
    folder: Path, quiet_transformers
) -> None:
    """Another program finds biases for queries, keys and values in the file, and trains them."""
    path = folder / "model.safetensors"
    weights = load_file(path)
    weights["transformer.h.0.attn.c_attn.bias"][5] = 0.5
    save_file(weights, path)
    loaded = GPT.load(folder)
    assert loaded.config == replace(GPT2, qkv_bias=True)
    theirs = quiet_transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    ids = torch.arange(12).view(1, 12)
    with torch.no_grad():
        torch.testing.assert_close(loaded(ids), theirs(ids).logits, atol=1e-4, rtol=0)


def test_files_of_the_bare_model_and_old_buffers_load(folder: Path) -> None:
    """The first GPT-2 files: no prefix, the mask as a tensor, the head written out."""
    path, expected = folder / "model.safetensors", GPT.load(folder)
    weights = {name.removeprefix("transformer."): tensor for name, tensor in load_file(path).items()}
    weights |= {"h.0.attn.bias": torch.ones(1, 1, 32, 32), "h.0.attn.masked_bias": torch.tensor(-1e4)}
    weights["lm_head.weight"] = weights["wte.weight"].clone()
    save_file(weights, path)
    assert same(GPT.load(folder), expected)


def test_a_loaded_model_keeps_nothing_of_the_file(folder: Path, tokenizer: Tokenizer) -> None:
    """Its memory is its own: the folder may be replaced while the model lives."""
    model = GPT.load(folder)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    (folder / "model.safetensors").write_bytes(b"\xff" * (folder / "model.safetensors").stat().st_size)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    storages = [parameter.untyped_storage().data_ptr() for parameter in model.parameters()]
    assert len(set(storages)) == len(storages)  # nor do parameters share any


# --- saving: whole or not at all, and never over somebody's files ---


def test_saving_again_replaces_the_folder(folder: Path, tokenizer: Tokenizer) -> None:
    hf.save(random_model(QWEN3), tokenizer, folder, card="# Mine\n")
    assert GPT.load(folder).config == QWEN3
    assert (folder / "README.md").read_text() == "# Mine\n"
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_folder_with_other_files_is_left_alone(folder: Path, tokenizer: Tokenizer) -> None:
    (folder / "novel.txt").write_text("two years of work")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(EngineError, match=r"already holds novel\.txt"):
        hf.save(random_model(QWEN3), tokenizer, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_with_folders_is_left_alone(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "config.json").mkdir()
    with pytest.raises(EngineError, match=r"already holds config\.json"):
        hf.save(random_model(QWEN3), tokenizer, tmp_path)


def test_a_file_is_left_alone(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "model").write_text("x")
    with pytest.raises(EngineError, match="it is a file"):
        hf.save(random_model(QWEN3), tokenizer, tmp_path / "model")
    assert (tmp_path / "model").read_text() == "x"


def test_a_tokenizer_larger_than_the_model_is_refused(tmp_path: Path, tokenizer: Tokenizer) -> None:
    small = replace(QWEN3, vocabulary=tokenizer.vocabulary - 1)
    with pytest.raises(EngineError, match="tokens and the model only"):
        hf.save(GPT(small, seed=0), tokenizer, tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes there")
def test_a_disk_that_takes_no_more_leaves_the_old_folder(folder: Path, tokenizer: Tokenizer) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    model = random_model(QWEN3)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limits[1]))
    try:
        with pytest.raises(EngineError, match="too large") as caught:
            hf.save(model, tokenizer, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.code == "os_error"
    assert "model.safetensors" in str(caught.value)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_full_disk_is_named(folder: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise hf.SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(hf, "save_file", full)
    with pytest.raises(EngineError) as caught:
        hf.save(random_model(QWEN3), tokenizer, folder)
    assert caught.value.code == "disk_full"
    assert GPT.load(folder).config == GPT2


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
