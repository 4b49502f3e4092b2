"""The forms of models that are added: files in parts, adapters, classifiers, image parts, models of texts' meaning."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from gguf_files import GGUF

from engine.errors import MESSAGES, EngineError
from engine.library import forms, models
from engine.library.models import add, describe, entries, find, rename, resolve

Data = Callable[[str], Path]


@pytest.fixture
def mini(data: Data, tmp_path: Path) -> Path:
    return Path(shutil.copy(data("malformed-models/gguf/valid-mini.gguf"), tmp_path / "mini.gguf"))


@pytest.fixture
def split(mini: Path, tmp_path: Path) -> list[Path]:
    folder = tmp_path / "split"
    folder.mkdir()
    return GGUF.read(mini).write_split(folder, "large", 3)


@pytest.fixture
def adapter(mini: Path, tmp_path: Path) -> Path:
    """An adapter as llama.cpp's converter writes it."""
    about = GGUF([], GGUF.read(mini).tensors[:1]).set("general.architecture", "text", "llama")
    about.set("general.type", "text", "adapter").set("adapter.type", "text", "lora").set("adapter.lora.alpha", "f32", 8)
    return about.write(tmp_path / "adapter.gguf")


@pytest.fixture
def folder(data: Data, tmp_path: Path) -> Path:
    path = tmp_path / "little"
    path.mkdir()
    (path / "config.json").write_text('{"model_type": "qwen3"}')
    (path / "tokenizer.json").write_text("{}")
    shutil.copy(data("malformed-models/safetensors/valid.safetensors"), path / "model.safetensors")
    return path


def refused(action: Callable[[], object]) -> EngineError:
    with pytest.raises(EngineError) as caught:
        action()
    return caught.value


# --- several files, one model ----------------------------------------------------------------------------------------


def test_a_split_model_is_one_entry_by_any_of_its_files(split: list[Path]) -> None:
    for path in (*split, split[0].parent):
        entry = add(path)
        assert (entry.name, entry.path, entry.kind) == ("large", split[0], "gguf")
    assert len(entries()) == 3
    assert describe(entry)["size_bytes"] == sum(path.stat().st_size for path in split) == describe(entry)["disk_bytes"]
    assert resolve(split[2]).path == split[0]


def test_a_missing_sibling_is_its_problem(split: list[Path]) -> None:
    add(split[0])
    split[1].unlink()
    assert "large-00002-of-00003.gguf is not beside it" in str(entries()[-1].problem)
    assert refused(lambda: resolve("large")).code == "model_unusable"
    assert find("large").name == "large"
    error = models.trouble(find("large"))
    assert error is not None
    assert error.code == "gguf_part_missing"
    split[0].unlink()
    assert refused(lambda: add(split[2])).code == "gguf_part_missing"


def test_image_parts_are_no_models_of_their_own(split: list[Path], mini: Path) -> None:
    shutil.copy(mini, split[0].with_name("mmproj-large-f16.gguf"))
    entry = add(split[0].parent)
    assert entry.path == split[0]
    assert "vision" in describe(entry)["badges"]
    assert "vision" not in describe(find(mini))["badges"]


# --- adapters and classifiers ----------------------------------------------------------------------------------------


def test_an_adapter_in_a_gguf(adapter: Path) -> None:
    entry = add(adapter)
    assert (entry.kind, entry.backend, entry.problem) == ("adapter-gguf", "llama", None)
    assert entries()[-1] == entry
    about = describe(entry)
    assert (about["badges"], about["problem"], about["template"]) == (["adapter"], None, False)


def test_an_adapter_in_a_gguf_that_llama_cpp_would_not_take(adapter: Path) -> None:
    add(adapter)
    GGUF.read(adapter).remove("adapter.lora.alpha").write(adapter)
    assert "adapter.lora.alpha is missing" in str(describe(entries()[-1])["problem"])
    assert refused(lambda: add(adapter)).code == "gguf_broken"


def test_an_adapter_without_weights(folder: Path, tmp_path: Path) -> None:
    over = tmp_path / "over"
    over.mkdir()
    (over / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": str(folder)}))
    assert refused(lambda: add(over)).data["file"] == "adapter_model.safetensors"
    shutil.copy(folder / "model.safetensors", over / "adapter_model.safetensors")
    assert add(over).kind == "adapter"
    about = describe(find("over"))
    assert about["lineage"]["parent"] == str(folder)
    assert about["size_bytes"] == 2 * (folder / "model.safetensors").stat().st_size
    assert about["badges"] == ["adapter", "base"]
    shutil.rmtree(folder)
    about = describe(entries()[-1])
    assert about["error"]["code"] == "adapter_base"
    assert about["badges"] == ["adapter"]


def test_a_classifier(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "qwen3", "architectures": ["Qwen3ForSequenceClassification"]}')
    entry = add(folder)
    assert (entry.kind, entry.backend) == ("classifier", "gpt")
    assert entries()[-1].kind == "classifier"
    assert describe(entry)["badges"] == ["classifier"]


def test_a_folder_of_a_family_that_is_not_ours(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "zebra"}')
    error = refused(lambda: add(folder))
    assert error.code == "unknown_family"
    assert "zebra" in str(error)


def test_an_embedding_model_is_listed_and_says_what_it_is(mini: Path) -> None:
    GGUF.read(mini).set("llama.pooling_type", "u32", 1).write(mini)
    entry = add(mini)
    about = describe(entry)
    assert about["badges"] == ["embedding"]
    assert about["error"]["code"] == "embedding_model"
    assert "an embedding model (llama)" in about["problem"]


# --- names and origins -----------------------------------------------------------------------------------------------


def test_rename_keeps_the_place_in_the_list(mini: Path, split: list[Path]) -> None:
    add(mini)
    add(split[0])
    entry = rename("mini", " tiny ")
    assert (entry.name, entry.path) == ("tiny", mini)
    assert [each.name for each in entries()[2:]] == ["tiny", "large"]
    assert rename("tiny", "tiny").name == "tiny"
    assert refused(lambda: resolve("mini")).code == "unknown_model"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("starter", "x", "model_bundled"),
        ("none", "x", "unknown_model"),
        ("mini", "starter", "model_name_taken"),
        ("mini", "large", "model_name_taken"),
        ("mini", "", "bad_model_name"),
        ("mini", "a\x1bb", "bad_model_name"),
    ],
)
def test_names_that_cannot_be(mini: Path, split: list[Path], old: str, new: str, code: str) -> None:
    add(mini)
    add(split[0])
    before = entries()
    assert refused(lambda: rename(old, new)).code == code
    assert entries() == before


def test_one_file_by_two_names(mini: Path) -> None:
    add(mini, "warm")
    add(mini, "cold")
    assert [each.path for each in entries()[2:]] == [mini, mini]
    assert add(mini).name == "warm"


def test_origins(mini: Path, folder: Path, tmp_path: Path) -> None:
    assert [each.origin for each in entries()] == ["bundled", "bundled"]
    assert add(mini, origin="ollama").origin == "ollama"
    assert add(mini).origin == "ollama"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}")
    trained = shutil.copytree(folder, tmp_path / "run" / "model")
    assert add(trained, "trained").origin == "trained"
    assert [each.origin for each in entries()[2:]] == ["ollama", "trained"]


# --- what a person can do about it -----------------------------------------------------------------------------------


def test_whatever_is_wrong_with_a_model_of_the_list_has_a_remedy(mini: Path, folder: Path, split: list[Path]) -> None:
    for path in (mini, folder, split[0]):
        add(path)

    def troubles() -> list[str]:
        found = [models.trouble(entry) for entry in entries()[2:]]
        assert all(error is None or MESSAGES[error.code].remedy for error in found)
        return ["" if error is None else error.code for error in found]

    assert troubles() == ["", "", ""]
    mini.write_bytes(mini.read_bytes()[:-100])
    (folder / "config.json").write_text("{")
    split[2].unlink()
    assert troubles() == ["gguf_broken", "bad_json", "gguf_part_missing"]
    mini.write_bytes(b"hello")
    (folder / "config.json").unlink()
    shutil.rmtree(split[0].parent)
    assert troubles() == ["gguf_not", "folder_without_config", "model_gone"]
    mini.unlink()
    (folder / "config.json").write_text('{"model_type": "qwen3"}')
    (folder / "model.safetensors").unlink()
    assert troubles() == ["model_gone", "missing_file", "model_gone"]


def test_files_of_a_folder(folder: Path) -> None:
    for name in ("README.md", "LICENSE", "special_tokens_map.json", "notes.docx", ".cache.json", "model.bin"):
        (folder / name).write_text("x")
    (folder / "checkpoints").mkdir()
    names = [path.name for path in forms.files_of(folder, "folder")]
    kept = ["LICENSE", "README.md", "config.json", "model.safetensors", "special_tokens_map.json", "tokenizer.json"]
    assert names == kept
