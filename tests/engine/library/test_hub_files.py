"""A repository's files as choices: quantizations whole, what belongs to them apart, nothing under a hostile name."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.library import hub_files
from engine.library.hub_files import Choice, File

SHA = "ab" * 32


def _files(*names: str, size: int = 10) -> list[File]:
    return [File(name, size + index) for index, name in enumerate(names)]


def _models(*names: str) -> list[Choice]:
    return hub_files.choices_of_model("org/name", _files(*names))


def test_each_quantization_is_a_choice_the_smallest_first() -> None:
    files = [File("m-Q8_0.gguf", 80, SHA), File("m-Q4_K_M.gguf", 40), File("README.md", 3), File("odd.gguf", 50)]
    choices = hub_files.choices_of_model("org/name", files)
    assert [(c.name, c.quantization, c.size, c.sha256) for c in choices] == [
        ("m-Q4_K_M.gguf", "q4_k_m", 40, None),
        ("odd.gguf", None, 50, None),
        ("m-Q8_0.gguf", "q8_0", 80, SHA),
    ]
    assert all(c.kind == "gguf" and c.parts == 1 and c.problem is None for c in choices)


def test_a_split_model_is_one_choice_and_names_the_part_it_lacks() -> None:
    whole, lacking = _models(
        "Q8_0/m-Q8_0-00003-of-00003.gguf", "Q8_0/m-Q8_0-00001-of-00003.gguf", "Q8_0/m-Q8_0-00002-of-00003.gguf",
        "m-F16-00001-of-00002.gguf",
    )[::-1]  # fmt: skip
    assert whole.files == tuple(f"Q8_0/m-Q8_0-0000{n}-of-00003.gguf" for n in (1, 2, 3))
    assert (whole.name, whole.size, whole.parts, whole.quantization) == (whole.files[0], 10 + 11 + 12, 3, "q8_0")
    assert whole.sha256 is None
    assert lacking.problem is not None
    assert "m-F16-00002-of-00002.gguf" in str(lacking.problem)


def test_what_sees_is_apart_and_what_measured_is_no_choice() -> None:
    choices = _models("m-Q4_0.gguf", "mmproj-m-F16.gguf", "m.imatrix.gguf")
    assert [(c.kind, c.name) for c in choices] == [("gguf", "m-Q4_0.gguf"), ("projector", "mmproj-m-F16.gguf")]


def test_a_model_folder_is_what_lies_at_the_top() -> None:
    (folder,) = _models(
        "config.json", "tokenizer.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json", "original/model.safetensors", "pytorch_model.bin", "README.md", "demo.py",
    )  # fmt: skip
    assert folder.kind == "folder"
    assert folder.problem is None
    assert set(folder.files) == {
        "config.json", "tokenizer.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json", "README.md",
    }  # fmt: skip
    assert folder.parts == 2


@pytest.mark.parametrize(
    ("names", "lacks"),
    [
        (("tokenizer.json", "model.safetensors"), "config.json"),
        (("config.json", "model.safetensors"), "tokenizer.model"),
    ],
)
def test_a_folder_says_what_it_lacks(names: tuple[str, ...], lacks: str) -> None:
    (folder,) = _models(*names)
    assert lacks in str(folder.problem)


def test_an_adapter_is_no_folder() -> None:
    (adapter,) = _models("adapter_config.json", "adapter_model.safetensors", "tokenizer.json")
    assert adapter.kind == "adapter"
    assert len(adapter.files) == 3


def test_a_repository_of_no_use_says_why() -> None:
    pickled = hub_files.of_no_use("org/name", _files("config.json", "sub/pytorch_model.bin"))
    assert "org/name/sub/pytorch_model.bin" in str(pickled)
    assert pickled.code == "pickled_weights"
    assert hub_files.of_no_use("org/name", _files("model.onnx")).code == "repo_no_weights"


def test_tables_of_a_dataset_are_one_choice_each() -> None:
    files = _files(
        "data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet", "data/test-00000-of-00001.parquet",
        "more.JSONL.zst", "README.md", "script.py", "image.png", "notes.txt",
    )  # fmt: skip
    choices = hub_files.choices_of_dataset(files, {".parquet": "", ".jsonl": "", ".txt": "", ".md": ""}, (".zst",))
    assert [c.files for c in choices] == [
        ("data/test-00000-of-00001.parquet",),
        ("data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"),
        ("more.JSONL.zst",),
        ("notes.txt",),
    ]


@pytest.mark.parametrize(
    "name",
    ["../x.gguf", "/etc/x.gguf", "C:x.gguf", "a\\b.gguf", "con.gguf", "a./x.gguf", "x\n.gguf", "\u202ex.gguf", ""],
)
def test_names_that_no_computer_should_have_are_left_out(name: str) -> None:
    rows = [SimpleNamespace(path=name, size=1, lfs=None), SimpleNamespace(path="good.gguf", size=1, lfs=None)]
    files, left_out = hub_files.checked(rows)
    assert [file.name for file in files] == ["good.gguf"]
    assert left_out == 1


@pytest.mark.parametrize("size", [-1, True, "10", 1.5, 1 << 62])
def test_sizes_that_are_none_leave_a_file_out(size: object) -> None:
    assert hub_files.checked([SimpleNamespace(path="x.gguf", size=size, lfs=None)]) == ([], 1)


def test_a_hash_that_is_none_is_not_believed() -> None:
    rows = [SimpleNamespace(path="x.gguf", size=1, lfs=SimpleNamespace(sha256=text)) for text in (SHA, "../" + SHA, 7)]
    files, _ = hub_files.checked(rows)
    assert [file.sha256 for file in files] == [SHA, None, None]


def test_no_more_files_are_taken_than_a_list_can_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_files, "MOST_FILES", 3)
    rows = [SimpleNamespace(path=f"{n}.gguf", size=1, lfs=None) for n in range(5)]
    files, left_out = hub_files.checked(rows)
    assert (len(files), left_out) == (3, 2)
