"""Which files are meant: a quantization with all its parts, what a model folder needs, tables of a dataset."""

from __future__ import annotations

import pytest

from engine.errors import EngineError
from engine.library.download.selection import choose

GGUFS = [
    "README.md",
    "tiny-Q4_K_M.gguf",
    "tiny-Q8_0.gguf",
    "BF16/tiny-BF16-00001-of-00002.gguf",
    "BF16/tiny-BF16-00002-of-00002.gguf",
    "mmproj-tiny-f16.gguf",
    "tiny.imatrix.gguf",
]
FOLDER = [
    ".gitattributes",
    "LICENSE",
    "README.md",
    "config.json",
    "generation_config.json",
    "merges.txt",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
    "original/consolidated.00.pth",
    "consolidated.safetensors",
    "pytorch_model.bin",
    "tokenizer.json",
    "training_args.bin",
    "modeling_evil.py",
    "tiny-Q4_0.gguf",
]


@pytest.mark.parametrize(
    ("asked", "files"),
    [
        ("tiny-Q8_0.gguf", ["tiny-Q8_0.gguf"]),
        ("q8_0", ["tiny-Q8_0.gguf"]),
        ("Q4_K_M", ["tiny-Q4_K_M.gguf"]),
        ("bf16", ["BF16/tiny-BF16-00001-of-00002.gguf", "BF16/tiny-BF16-00002-of-00002.gguf"]),
        (
            "BF16/tiny-BF16-00002-of-00002.gguf",
            ["BF16/tiny-BF16-00001-of-00002.gguf", "BF16/tiny-BF16-00002-of-00002.gguf"],
        ),
        ("mmproj-tiny-f16.gguf", ["mmproj-tiny-f16.gguf"]),
    ],
)
def test_what_is_named(asked: str, files: list[str]) -> None:
    assert choose("model", "org/x", GGUFS, [asked]) == files


@pytest.mark.parametrize("asked", ["Q4", "q4_k", "q5_0", "tiny", "README", "", "../README.md", "f16"])
def test_what_is_not_there(asked: str) -> None:
    with pytest.raises(EngineError) as caught:
        choose("model", "org/x", GGUFS, [asked])
    assert caught.value.code == "repo_file_missing"


def test_several_and_none_say_what_there_is() -> None:
    with pytest.raises(EngineError, match=r"BF16/tiny-BF16\.gguf, tiny-Q4_K_M\.gguf, tiny-Q8_0\.gguf"):
        choose("model", "org/x", GGUFS, [])
    with pytest.raises(EngineError, match="several"):
        choose("model", "org/x", ["a-Q8_0.gguf", "b-Q8_0.gguf"], ["q8_0"])
    with pytest.raises(EngineError, match=r"and 8 more"):
        choose("model", "org/x", [f"{n}.gguf" for n in range(20)], [])
    with pytest.raises(EngineError, match="no weights"):
        choose("model", "org/x", ["pytorch_model.bin", "config.json", "x.safetensors"], [])
    assert choose("model", "org/x", ["only-Q8_0.gguf", "mmproj-f16.gguf"], []) == ["only-Q8_0.gguf"]


def test_a_model_folder_is_what_it_takes() -> None:
    left_out = {".gitattributes", "original/consolidated.00.pth", "consolidated.safetensors", "pytorch_model.bin"}
    left_out |= {"training_args.bin", "modeling_evil.py", "tiny-Q4_0.gguf"}
    assert set(choose("model", "org/x", FOLDER, [])) == set(FOLDER) - left_out


def test_an_adapter_is_one_too() -> None:
    names = ["adapter_config.json", "adapter_model.safetensors", "adapter_model.bin", "README.md"]
    assert choose("model", "org/x", names, []) == ["README.md", "adapter_config.json", "adapter_model.safetensors"]


def test_a_dataset_is_its_tables() -> None:
    names = ["README.md", "data/b.parquet", "data/a.parquet", "x.jsonl", "y.jsonl.gz", "load.py", "z.csv"]
    assert choose("dataset", "org/x", names, []) == ["data/a.parquet", "data/b.parquet", "x.jsonl", "y.jsonl.gz"]
    with pytest.raises(EngineError, match="no Parquet"):
        choose("dataset", "org/x", ["load.py"], [])
