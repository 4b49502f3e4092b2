"""Model folders: transformers reads ours to the same logits and ids, and nothing bad gets in."""

from __future__ import annotations

import json
import resource
import signal
import stat
import struct
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from model_folders import CONFIGS, GPT2, QWEN3, random_model, same, seeds_tokenizer
from safetensors.torch import load_file, save_file

from engine.errors import EngineError
from engine.gpt import hf
from engine.gpt.config import GPTConfig
from engine.gpt.hf_names import FAMILIES, tensor_names
from engine.gpt.model import GPT
from engine.gpt.tokenizer import CHAT_TEMPLATE, TURN_END, Tokenizer

torch.set_num_threads(1)

every_config = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
TEXT = "Once upon a time, 12 little seeds didn't grow… e\u0301 'ſ 種 🌱<|im_start|>user\nhi<|im_end|>\n"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return seeds_tokenizer()


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
