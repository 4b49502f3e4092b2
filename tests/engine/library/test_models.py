from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import paths
from engine.errors import EngineError
from engine.library import models
from engine.library.models import ModelEntry, add, describe, entries, remove, resolve

Data = Callable[[str], Path]
CONFIG = '{"model_type": "qwen3", "max_position_embeddings": 64, "vocab_size": 300}'


@pytest.fixture
def mini(data: Data, tmp_path: Path) -> Path:
    """A GGUF model of one's own."""
    return Path(shutil.copy(data("malformed-models/gguf/valid-mini.gguf"), tmp_path / "mini.gguf"))


@pytest.fixture
def folder(data: Data, tmp_path: Path) -> Path:
    """What a model folder has at the least."""
    path = tmp_path / "little model"
    path.mkdir()
    (path / "config.json").write_text(CONFIG)
    (path / "tokenizer.json").write_text("{}")
    shutil.copy(data("malformed-models/safetensors/valid.safetensors"), path / "model.safetensors")
    return path


@pytest.fixture
def starter(mini: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Resources with a starter in both forms."""
    there = tmp_path / "resources" / "starter"
    shutil.copytree(folder, there)
    shutil.copy(mini, there / "starter-q8_0.gguf")
    monkeypatch.setattr(paths, "resource", lambda name: tmp_path / "resources" / name)
    return there


def refused(model: str | Path, backend: str | None = None) -> EngineError:
    with pytest.raises(EngineError) as caught:
        resolve(model, backend)
    return caught.value


# --- which model is meant --------------------------------------------------------------------------------------------


def test_the_starter_in_both_forms(starter: Path) -> None:
    assert resolve("starter") == ModelEntry(
        "starter", starter / "starter-q8_0.gguf", "gguf", "llama", True, None, "bundled"
    )
    assert resolve("starter", "llama") == resolve("starter")
    assert resolve("starter", "gpt") == ModelEntry(
        "starter (in-house)", starter, "folder", "gpt", True, None, "bundled"
    )
    assert resolve("starter (in-house)") == resolve("starter", "gpt")


def test_a_starter_that_was_not_shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paths, "resource", lambda name: tmp_path / name)
    assert "came without its starter model" in str(refused("starter"))
    assert all(entry.problem for entry in entries())


def test_a_gguf_path(mini: Path) -> None:
    assert resolve(mini) == ModelEntry("mini", mini, "gguf", "llama", False)
    assert resolve(str(mini), "llama").path == mini


def test_a_gguf_by_any_other_name(mini: Path) -> None:
    other = mini.rename(mini.with_name("sha256-0123"))
    assert resolve(other).backend == "llama"


def test_a_model_folder(folder: Path) -> None:
    assert resolve(folder) == ModelEntry("little model", folder, "folder", "gpt", False)


def test_a_folder_with_one_gguf(mini: Path) -> None:
    assert resolve(mini.parent).path == mini


def test_a_folder_with_both_forms(folder: Path, mini: Path) -> None:
    shutil.move(mini, folder / "mini.gguf")
    assert resolve(folder).backend == "gpt"
    assert resolve(folder, "llama").path == folder / "mini.gguf"


def test_a_folder_with_several(mini: Path) -> None:
    shutil.copy(mini, mini.with_name("second.gguf"))
    assert "several GGUF files. Choose one of them, such as mini.gguf" in str(refused(mini.parent))


def test_a_folder_without_config(tmp_path: Path) -> None:
    assert "holds no config.json, so it is not a model folder. Choose the folder" in str(refused(tmp_path))


def test_an_adapter(data: Data) -> None:
    assert "an adapter for gpt2, which is not on this computer" in str(refused(data("gpt2-lora-adapter")))


def test_a_path_comes_before_a_name(mini: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(mini, "little model")
    assert resolve("little model").path == mini
    monkeypatch.chdir(folder.parent)
    assert resolve("little model").kind == "folder"


def test_but_the_starter_is_always_the_starter(starter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(starter.parent)
    assert resolve("starter").bundled


def test_backends_that_do_not_fit(mini: Path, folder: Path) -> None:
    assert "only the backend llama opens" in str(refused(mini, "gpt"))
    sentence = str(refused(folder, "llama"))
    assert "llama.cpp cannot open" in sentence
    assert "seedling export FOLDER OUT.gguf --to gguf" in sentence
    assert (
        str(refused(mini, "zebra")) == "There is no backend zebra. Models on this machine are opened by llama and gpt."
    )


@pytest.mark.parametrize("name", ["nothing.gguf", "a/b", "model\0name", "x" * 5000])
def test_what_does_not_exist(name: str) -> None:
    assert refused(name).code in ("not_found", "unknown_model")


def test_unknown_name() -> None:
    assert str(refused("zebra")).startswith("There is no model called zebra.")
    assert str(refused(Path("zebra"))) == "zebra does not exist."


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("safetensors/scalar-and-empty.safetensors", "weights_alone"),
        ("pickle/print-legacy.bin", "pickled_weights"),
        ("pickle/print-zip.pt", "pickled_weights"),
        ("pickle/eval-zip.pth", "pickled_weights"),
        ("pickle/pickle-named.safetensors", "pickled_weights"),
        ("pickle/garbage-opcodes.bin", "pickled_weights"),
        ("pickle/no-data-pkl.pt", "pickled_weights"),
        ("pickle/zip-slip.pt", "pickled_weights"),
        ("pickle/zip-bomb.pt", "pickled_weights"),
        ("safetensors/valid.safetensors", "weights_alone"),
        ("safetensors/empty.safetensors", "empty_file"),
        ("llama2c/truncated.bin", "not_a_model"),
        ("llama2c/zero-dim.bin", "not_a_model"),
        ("llama2c/huge.bin", "not_a_model"),
        ("llama2c/seven-ints-only.bin", "not_a_model"),
        ("gguf/old-ggjt.bin", "not_a_model"),
        ("gguf/bad-magic.gguf", "gguf_not"),
        ("gguf/empty.gguf", "empty_file"),
        ("manifest.jsonl", "not_a_model"),
    ],
)
def test_other_files_have_their_sentence(data: Data, capfd: pytest.CaptureFixture[str], name: str, code: str) -> None:
    error = refused(data(f"malformed-models/{name}"))
    assert error.code == code
    assert Path(name).name in str(error)
    assert "UNSAFE-PICKLE-EXECUTED" not in capfd.readouterr().out


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_bundled_come_first_then_those_added_in_order(starter: Path, mini: Path, folder: Path) -> None:
    add(folder)
    add(mini)
    assert [entry.name for entry in entries()] == ["starter", "starter (in-house)", "little model", "mini"]
    assert [entry.bundled for entry in entries()] == [True, True, False, False]
    assert all(entry.problem is None for entry in entries())


def test_added_models_are_found_by_name(mini: Path) -> None:
    entry = add(mini, "My model")
    assert entry == ModelEntry("My model", mini, "gguf", "llama", False)
    assert resolve("My model") == entry


def test_relative_paths_are_kept_whole(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mini.parent)
    assert add("mini.gguf").path == mini


def test_adding_twice_adds_once(mini: Path) -> None:
    assert add(mini) == add(mini)
    assert sum(not entry.bundled for entry in entries()) == 1


def test_names_are_made_unique(mini: Path, tmp_path: Path) -> None:
    names = [add(mini).name]
    for number in (2, 3):
        other = tmp_path / str(number) / "mini.gguf"
        other.parent.mkdir()
        names.append(add(shutil.copy(mini, other)).name)
    assert names == ["mini", "mini (2)", "mini (3)"]
    starter_named = shutil.copy(mini, tmp_path / "starter.gguf")
    assert add(starter_named).name == "starter (2)"


def test_names_that_are_taken_or_none(mini: Path, folder: Path) -> None:
    add(mini, "mine")
    for name, code in (
        ("mine", "model_name_taken"),
        ("starter", "model_name_taken"),
        ("  ", "bad_model_name"),
        ("x" * 101, "bad_model_name"),
        ("a\nb", "bad_model_name"),
    ):
        with pytest.raises(EngineError) as caught:
            add(folder, name)
        assert caught.value.code == code
    assert len(entries()) == 3


def test_the_name_comes_from_the_file_never_from_inside(data: Data) -> None:
    assert add(data("malformed-models/gguf/name-path-traversal.gguf")).name == "name-path-traversal"


def test_what_cannot_be_opened_is_not_added(data: Data, folder: Path, tmp_path: Path) -> None:
    (folder / "tokenizer.json").unlink()
    for path in (
        data("malformed-models/gguf/truncated-data.gguf"),
        data("gguf-vocab/ggml-vocab-gpt-2.gguf"),
        data("malformed-models/pickle/print-zip.pt"),
        folder,
        tmp_path / "missing.gguf",
    ):
        with pytest.raises(EngineError):
            add(path)
    assert not (paths.home() / "models.json").exists()


def test_only_the_list_changes(mini: Path) -> None:
    add(mini)
    remove("mini")
    assert mini.exists()
    assert all(entry.bundled for entry in entries())


def test_what_cannot_be_removed(mini: Path) -> None:
    for name, code in (("starter", "model_bundled"), ("starter (in-house)", "model_bundled"), ("x", "unknown_model")):
        with pytest.raises(EngineError) as caught:
            remove(name)
        assert caught.value.code == code


def test_a_model_that_is_gone_is_a_row_with_a_reason(mini: Path, folder: Path) -> None:
    add(mini)
    add(folder)
    mini.unlink()
    (folder / "config.json").unlink()
    rows = {entry.name: entry for entry in entries()}
    assert str(rows["mini"].problem).startswith(f"{mini} is not there any more. Connect its disk")
    assert "no config.json" in str(rows["little model"].problem)
    assert (rows["mini"].kind, rows["little model"].kind) == ("gguf", "folder")
    assert "mini cannot be opened" in str(refused("mini"))


def test_a_model_that_became_something_else(mini: Path) -> None:
    add(mini)
    mini.write_bytes(b"hello")
    assert "not a GGUF file" in str(entries()[-1].problem)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 100, b"{", b"[]", b'{"models": 7}', b'{"models": [{"name": "x"}]}', b"\xff\xfe", b"[" * 100_000],
    ids=lambda content: content[:12].decode("latin1"),
)
def test_a_damaged_list_is_moved_aside_and_reported(content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = paths.home() / "models.json"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert len(entries()) == 2
    assert "damaged" in caplog.text
    assert not path.exists()
    assert [file.read_bytes() for file in paths.home().glob("models.broken-*.json")] == [content]


def test_adding_after_damage_starts_a_new_list(mini: Path) -> None:
    (paths.home() / "models.json").write_bytes(b"{")
    add(mini)
    rows = json.loads((paths.home() / "models.json").read_text())["models"]
    assert [(row["name"], row["path"]) for row in rows] == [("mini", str(mini))]


# --- what there is to know -------------------------------------------------------------------------------------------


def test_describe_a_gguf(data: Data) -> None:
    assert describe(resolve(data("gguf-tiny-random/llama-2-tiny-random.gguf"))) == {
        "architecture": "llama",
        "parameters": 513_048,
        "size_bytes": 1_750_560,
        "bits_per_weight": 16.0,
        "types": {"F16": 9, "F32": 3},
        "context": 4096,
        "vocabulary": 32_000,
        "template": False,
        "licence": None,
        "quantization": "f16",
        "disk_bytes": 1_750_560,
        "badges": ["base"],
        "lineage": {"parent": None, "data": [], "run": None},
        "problem": None,
        "error": None,
    }


def test_describe_tells_what_is_wrong(data: Data) -> None:
    facts = describe(resolve(data("malformed-models/gguf/missing-attn-q.gguf")))
    assert "blk.0.attn_q.weight is missing" in facts["problem"]
    assert facts["architecture"] == "llama"


def test_describe_a_folder(folder: Path) -> None:
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n# Little\nlicense: other\n")
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    facts = describe(resolve(folder))
    assert (facts["architecture"], facts["context"], facts["vocabulary"]) == ("qwen3", 64, 300)
    assert (facts["licence"], facts["template"], facts["problem"]) == ("apache-2.0", True, None)
    assert facts["parameters"] > 0
    assert sum(facts["types"].values()) == 2


# --- the floors ------------------------------------------------------------------------------------------------------


def test_neither_torch_nor_llama_cpp_is_imported(mini: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from engine.library import models\n"
        "entry = models.add(Path(sys.argv[1])); models.describe(entry); models.entries()\n"
        "assert not {'torch', 'llama_cpp', 'numpy', 'gguf', 'PySide6'} & set(sys.modules), sorted(sys.modules)"
    )
    root = Path(models.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script, mini], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
