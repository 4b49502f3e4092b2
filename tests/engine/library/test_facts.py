from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.library.facts import check_folder, of_folder

Data = Callable[[str], Path]


def header(content: object) -> bytes:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return len(raw).to_bytes(8, "little") + raw


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text('{"model_type": "gpt2", "n_positions": 128}')
    (tmp_path / "tokenizer.json").write_text("{}")
    tensors = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]},
        "b": {"dtype": "F32", "shape": [], "data_offsets": [12, 16]},
    }
    (tmp_path / "model.safetensors").write_bytes(header(tensors) + bytes(16))
    return tmp_path


def test_numbers_of_a_folder(folder: Path) -> None:
    facts = of_folder(folder)
    assert (facts["parameters"], facts["types"], facts["context"]) == (7, {"BF16": 1, "F32": 1}, 128)
    assert facts["bits_per_weight"] == round(8 * 16 / 7, 2)
    assert facts["size_bytes"] == (folder / "model.safetensors").stat().st_size
    assert facts["quantization"] == "bf16"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1234567",
        header(b"{"),
        header([1]),
        header({"a": 7}),
        header({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}),
        header({"a": {"dtype": "F32", "shape": [1] * 1000, "data_offsets": [0, 4]}}),
        header({"a": {"dtype": "F32", "shape": ["1"], "data_offsets": [0, 4]}}),
        header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0]}}),
        header({"a": {"dtype": "F32", "shape": [1]}}),
        (2**63).to_bytes(8, "little") + b"{}",
        (200_000_000).to_bytes(8, "little") + b"{}",
        header(b"[" * 100_000),
    ],
    ids=range(13),
)
def test_headers_that_safetensors_would_not_write(folder: Path, content: bytes) -> None:
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(EngineError) as caught:
        of_folder(folder)
    assert caught.value.code == "bad_weights"


@pytest.mark.parametrize("name", ["config-truncated", "tokenizer-truncated"])
def test_broken_configurations(folder: Path, data: Data, name: str) -> None:
    (folder / "config.json").write_bytes(data(f"malformed-models/hf/{name}.json").read_bytes())
    with pytest.raises(EngineError, match=r"config\.json is not valid JSON"):
        of_folder(folder)


def test_a_byte_order_mark_is_fine(folder: Path, data: Data) -> None:
    (folder / "config.json").write_bytes(data("malformed-models/hf/config-bom.json").read_bytes())
    assert of_folder(folder)["architecture"] == "gpt2"


def test_names_from_files_are_safe_to_show(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"model_type": "x\x1b[31m" + "y" * 500, "vocab_size": "many"}))
    facts = of_folder(folder)
    assert facts["architecture"].startswith("x\ufffd[31my")
    assert len(facts["architecture"]) == 80
    assert facts["vocabulary"] is None


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_missing_files_are_named(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(EngineError) as caught:
        check_folder(folder)
    assert caught.value.data["file"] == missing


def test_pickled_weights_are_called_so(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(EngineError, match="pickled weights"):
        check_folder(folder)


def test_a_missing_shard_is_named(folder: Path, data: Data) -> None:
    index = json.loads(data("malformed-models/hf/index-missing-shard.json").read_text())
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(EngineError) as caught:
        check_folder(folder)
    assert caught.value.data["file"] in index["weight_map"].values()


def test_an_index_reaches_nothing_outside(folder: Path) -> None:
    (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../../model.safetensors"}}')
    check_folder(folder)  # the name without its path is a file of this folder


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"chat_template": "x"}, True),
        ({"chat_template": [{"name": "default", "template": "x"}]}, True),
        ({"chat_template": [{"name": "default"}]}, False),
        ({"chat_template": 7}, False),
    ],
)
def test_templates(folder: Path, settings: dict[str, object], expected: bool) -> None:
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    assert of_folder(folder)["template"] is expected


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: mit\n---\n", "mit"),
        ('---\nlicense: "cc-by-4.0"\n---\n', "cc-by-4.0"),
        ("---\nlanguage: en\n---\nlicense: mit\n", None),
        ("license: mit\n", None),
        ("", None),
    ],
)
def test_licence(folder: Path, card: str, licence: str | None) -> None:
    (folder / "README.md").write_text(card)
    assert of_folder(folder)["licence"] == licence
