from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from gguf_files import GGUF, text, value

from engine.errors import EngineError
from engine.phrases import Phrase
from engine.runtime import gguf_header
from engine.runtime.gguf_header import TENSOR_TYPES, GGUFArray, GGUFHeader, read_header, shown

Data = Callable[[str], Path]


@pytest.fixture
def small() -> GGUF:
    """One key, one tensor of 2 x 3 numbers."""
    return GGUF([("general.architecture", value("text", "llama"))], [("a", (2, 3), "F32", bytes(24))])


def read(tmp_path: Path, content: bytes) -> GGUFHeader:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    return read_header(path)


def reason(tmp_path: Path, content: bytes) -> str:
    """Why this is not a usable GGUF file."""
    with pytest.raises(EngineError) as caught:
        read(tmp_path, content)
    assert caught.value.code == "gguf_broken"
    assert isinstance(caught.value.data["reason"], Phrase)
    return str(caught.value.data["reason"])


def test_a_small_file(tmp_path: Path, small: GGUF) -> None:
    header = read(tmp_path, small.bytes())
    assert header.architecture == "llama"
    assert header.parameters == 6
    assert header.tensor_types() == {"F32": 1}
    tensor = header.tensors["a"]
    assert (tensor.shape, tensor.offset, tensor.size) == ((2, 3), 0, 24)
    assert header.data_start + 32 == header.file_size  # padded


def test_every_kind_of_value(tmp_path: Path, small: GGUF) -> None:
    small.set("i", "i32", -5).set("u", "u64", 2**63).set("f", "f32", 0.5).set("b", "bool", True)
    small.set("t", "text", "naïve").set("list", "f32s", [1.0, 2.0]).set("texts", "texts", ["a", "", "bc"])
    metadata = read(tmp_path, small.bytes()).metadata
    assert (metadata["i"], metadata["u"], metadata["f"], metadata["b"]) == (-5, 2**63, 0.5, True)
    assert metadata["t"] == "naïve"
    assert metadata["list"].values() == [1.0, 2.0]
    assert metadata["texts"].values() == ["a", "", "bc"]
    assert len(metadata["texts"]) == 3


def test_a_string_that_is_not_utf8_stays_bytes(tmp_path: Path, small: GGUF) -> None:
    header = read(tmp_path, small.set("general.name", "text", b"caf\xe9").bytes())
    assert header.metadata["general.name"] == b"caf\xe9"
    assert header.text("general.name") == ""


def test_a_string_longer_than_one_read(tmp_path: Path, small: GGUF, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf_header, "_READ_BYTES", 16)
    header = read(tmp_path, small.set("k", "texts", ["x" * 1000, "y"] * 20).bytes())
    assert header.metadata["k"].values() == ["x" * 1000, "y"] * 20


def test_a_file_cut_anywhere_in_its_header(tmp_path: Path, small: GGUF) -> None:
    whole = small.set("list", "texts", ["a", "b"]).bytes()
    for length in range(4, len(whole) - 8):
        assert reason(tmp_path, whole[:length])


def test_another_magic(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        read(tmp_path, b"GGML" + bytes(100))
    assert str(caught.value) == "model.gguf is not a GGUF file. Choose a GGUF file or a model folder."


def test_empty_file(tmp_path: Path) -> None:
    assert reason(tmp_path, b"") == "it is empty"


@pytest.mark.parametrize("version", [0, 1, 4, 0x03000000])
def test_version(tmp_path: Path, small: GGUF, version: int) -> None:
    content = b"GGUF" + struct.pack("<I", version) + small.bytes()[8:]
    assert f"version {version}" in reason(tmp_path, content)


@pytest.mark.parametrize("tensors", [2**63, 10_000])
def test_more_tensors_than_room(tmp_path: Path, tensors: int) -> None:
    assert "more than it has room for" in reason(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, tensors, 0) + bytes(500))


def test_more_keys_than_room(tmp_path: Path) -> None:
    assert "metadata entries" in reason(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, 0, 2**40) + bytes(500))


@pytest.mark.parametrize("item_type", [6, 8])
def test_list_longer_than_the_file(tmp_path: Path, item_type: int) -> None:
    content = struct.pack("<IIQ", 9, item_type, 2**31)
    assert "more than it has room for" in reason(tmp_path, GGUF([("k", content)]).bytes())


@pytest.mark.parametrize("item_type", [9, 13, 255])
def test_list_of_an_unknown_type(tmp_path: Path, item_type: int) -> None:
    content = struct.pack("<IIQ", 9, item_type, 1) + bytes(16)
    assert f"unknown value type {item_type}" in reason(tmp_path, GGUF([("k", content)]).bytes())


def test_key_that_is_no_text(tmp_path: Path) -> None:
    content = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text(b"\xff") + value("u32", 1)
    assert reason(tmp_path, content) == "the name of metadata entry 1 is not text"


def test_key_twice(tmp_path: Path, small: GGUF) -> None:
    small.metadata *= 2
    assert reason(tmp_path, small.bytes()) == "the metadata has general.architecture twice"


def test_tensor_twice(tmp_path: Path, small: GGUF) -> None:
    small.tensors *= 2
    assert reason(tmp_path, small.bytes()) == "it has two tensors named a"


@pytest.mark.parametrize("name", ["x" * 64, "x" * 100_000])
def test_tensor_name_too_long(tmp_path: Path, small: GGUF, name: str) -> None:
    small.tensors = [(name, *small.tensors[0][1:])]
    assert "claims a text of" in reason(tmp_path, small.bytes())


@pytest.mark.parametrize("shape", [(), (1,) * 5, (0, 3), (2**32, 2**32)])
def test_shape(tmp_path: Path, small: GGUF, shape: tuple[int, ...]) -> None:
    small.tensors = [("a", shape, "F32", bytes(24))]
    assert "tensor a has" in reason(tmp_path, small.bytes())


def test_rows_that_do_not_divide_into_blocks(tmp_path: Path, small: GGUF) -> None:
    small.tensors = [("a", (48, 2), "Q8_0", bytes(200))]
    assert reason(tmp_path, small.bytes()) == "tensor a has rows of 48 values, which Q8_0 cannot hold"


@pytest.mark.parametrize("alignment", [0, 3, 48, 2**31])
def test_alignment(tmp_path: Path, small: GGUF, alignment: int) -> None:
    found = reason(tmp_path, small.set("general.alignment", "u32", alignment).bytes())
    assert found == f"general.alignment is {alignment}, which is not a power of two"


def test_alignment_that_is_no_number(tmp_path: Path, small: GGUF) -> None:
    assert "not a power of two" in reason(tmp_path, small.set("general.alignment", "text", "32").bytes())


def test_offsets(tmp_path: Path, small: GGUF) -> None:
    small.tensors.append(("b", (8,), "F32", bytes(32)))
    whole = small.bytes()
    position = whole.index(struct.pack("<IQ", 0, 32))  # b's type and offset
    for offset, expected in ((33, "not a multiple of 32"), (0, "instead of 32"), (2**64 - 32, "instead of 32")):
        content = whole[:position] + struct.pack("<IQ", 0, offset) + whole[position + 12 :]
        assert expected in reason(tmp_path, content)


def test_data_cut_short_names_the_tensor(tmp_path: Path, small: GGUF) -> None:
    assert reason(tmp_path, small.bytes()[:-20]) == "it ends 12 bytes too early, inside tensor a"


def test_header_larger_than_any_real_one(tmp_path: Path, small: GGUF, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf_header, "MAX_HEADER_BYTES", 1 << 20)
    assert "header is larger" in reason(tmp_path, small.set("k", "texts", ["x" * 100] * 20_000).bytes())


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        read_header(tmp_path / "missing.gguf")
    assert caught.value.code == "not_found"


def test_a_large_vocabulary_is_read_at_once(tmp_path: Path, small: GGUF) -> None:
    """262,144 tokens and half a million merges, as the largest models have."""
    small.set("tokenizer.ggml.tokens", "texts", [f"token{i}" for i in range(262_144)])
    small.set("tokenizer.ggml.merges", "texts", [f"a{i} b{i}" for i in range(500_000)])
    path = small.write(tmp_path / "large.gguf")
    header = read_header(path)
    assert isinstance(header.metadata["tokenizer.ggml.merges"], GGUFArray)


@pytest.mark.parametrize("name", ["gpt-2", "llama-spm", "phi-3", "starcoder", "bert-bge"])
def test_real_vocabularies(data: Data, name: str) -> None:
    header = read_header(data(f"gguf-vocab/ggml-vocab-{name}.gguf"))
    assert header.tensors == {}
    assert len(header.metadata["tokenizer.ggml.tokens"]) > 30_000


def test_a_real_model(data: Data) -> None:
    header = read_header(data("gguf-tiny-random/llama-2-tiny-random.gguf"))
    assert header.parameters == 513_048
    assert header.tensor_types() == {"F16": 9, "F32": 3}
    assert header.model_value("context_length") == 4096


def test_the_table_of_types_is_that_of_ggml() -> None:
    import llama_cpp

    library = next((Path(llama_cpp.__file__).parent / "lib").glob("*ggml-base*"))
    ggml = ctypes.CDLL(str(library))
    ggml.ggml_blck_size.restype, ggml.ggml_type_size.restype = ctypes.c_int64, ctypes.c_size_t
    ggml.ggml_type_name.restype = ctypes.c_char_p
    known = {}
    for number in range(43):  # GGML_TYPE_COUNT
        if ggml.ggml_blck_size(number):
            name = ggml.ggml_type_name(number).decode().upper()
            known[number] = (name, ggml.ggml_blck_size(number), ggml.ggml_type_size(number))
    assert known == TENSOR_TYPES


def test_shown_is_safe_and_short() -> None:
    assert shown("a\x00b\nc\u202e") == "a\ufffdb\ufffdc\ufffd"
    assert shown("x" * 200) == "x" * 79 + "…"
