"""Models in several GGUF files: one header, one fingerprint, and the same logits in llama.cpp as in one file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gguf_files import GGUF

from engine import paths
from engine.errors import EngineError
from engine.gpt import opening
from engine.runtime import gguf_parts
from engine.runtime.base import open_runtime
from engine.runtime.fingerprint import model_fingerprint
from engine.runtime.gguf_header import read_header
from engine.runtime.preflight import check_model

Data = Callable[[str], Path]


@pytest.fixture
def whole(data: Data) -> Path:
    return data("malformed-models/gguf/valid-mini.gguf")


@pytest.fixture
def split(whole: Path, tmp_path: Path) -> list[Path]:
    return GGUF.read(whole).write_split(tmp_path, "mini", 3)


def refused(path: Path) -> EngineError:
    with pytest.raises(EngineError) as caught:
        check_model(path)
    return caught.value


def test_names_of_parts() -> None:
    names = [f"x-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    for name in names:
        assert [path.name for path in gguf_parts.parts(Path("a", name))] == names
        assert gguf_parts.first(Path("a", name)) == Path("a", names[0])
        assert gguf_parts.stem(Path(name)) == "x"
    for name in ("x.gguf", "x-00004-of-00003.gguf", "x-00000-of-00003.gguf", "x-1-of-3.gguf", "x-00001-of-99999.gguf"):
        assert gguf_parts.parts(Path(name)) == [Path(name)]
        assert gguf_parts.stem(Path(name)) == name.removesuffix(".gguf")


def test_one_header_of_all(whole: Path, split: list[Path]) -> None:
    one, several = read_header(whole), gguf_parts.read_model(split[0])
    assert list(several.tensors) == list(one.tensors)
    assert several.parameters == one.parameters
    assert several.file_size == sum(path.stat().st_size for path in split)
    assert gguf_parts.read_model(whole) == one
    for name, tensor in several.tensors.items():
        path, start = several.place_of(tensor)
        other, other_start = one.place_of(one.tensors[name])
        data = path.read_bytes()[start : start + tensor.size]
        assert data == other.read_bytes()[other_start : other_start + tensor.size]


def test_llama_cpp_and_our_own_open_it_as_the_whole(tmp_path: Path) -> None:
    starter = paths.resource("starter") / "starter-q8_0.gguf"
    first = GGUF.read(starter).write_split(tmp_path, "starter", 4)[0]
    logits = []
    for path in (starter, first):
        runtime = open_runtime(path, context=64)
        logits.append(runtime.evaluate(runtime.tokenize("Once upon a time", False)))
        runtime.close()
    assert np.array_equal(*logits)
    ours, theirs = opening.open_model(first)[0].state_dict(), opening.open_model(starter)[0].state_dict()
    assert all(bool((ours[name] == theirs[name]).all()) for name in theirs)


def test_a_missing_part_is_named(split: list[Path]) -> None:
    split[1].unlink()
    sentence = str(refused(split[0]))
    assert "mini-00001-of-00003.gguf is part of a model in 3 files, and mini-00002-of-00003.gguf is not" in sentence


def test_a_name_that_does_not_say_which(split: list[Path]) -> None:
    assert refused(split[0].rename(split[0].with_name("model.gguf"))).code == "gguf_part_name"
    assert refused(split[1].rename(split[1].with_name("mini-00001-of-00003.gguf"))).code == "gguf_part_name"


def test_parts_of_different_models(whole: Path, split: list[Path]) -> None:
    swapped = split[2].read_bytes()
    split[2].write_bytes(split[1].read_bytes())
    assert "mini-00003-of-00003.gguf" in str(refused(split[0]))
    split[2].write_bytes(swapped)
    split[1].write_bytes(GGUF.read(split[1]).set("split.count", "u16", 4).bytes())
    assert "not part 2 of 3" in str(refused(split[0]))
    model = GGUF.read(split[2]).set("split.no", "u16", 1).set("split.count", "u16", 3)
    model.write(split[1])
    assert "as a file before it does" in str(refused(split[0]))
    model.tensors = []
    model.write(split[1])
    assert "and it says" in str(refused(split[0]))


def test_a_part_that_is_cut_short(split: list[Path]) -> None:
    split[2].write_bytes(split[2].read_bytes()[:-200])
    assert "mini-00003-of-00003.gguf" in str(refused(split[0]))


def test_the_fingerprint_sees_every_part(split: list[Path], tmp_path: Path) -> None:
    before = model_fingerprint(split[0])
    copies = [Path(shutil.copy(path, tmp_path.parent / path.name)) for path in split]
    assert model_fingerprint(copies[0]) == before
    raw = bytearray(split[2].read_bytes())
    raw[-40] ^= 1
    split[2].write_bytes(raw)
    assert model_fingerprint(split[0]) != before
