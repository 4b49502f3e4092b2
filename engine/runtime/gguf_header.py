"""Read the header of a GGUF file with bounds: every count and length is checked against the file before it is believed.

Format: github.com/ggml-org/ggml/blob/master/docs/gguf.md. Only the standard library is used, nothing is mapped
(a file may shrink while it is read), and tensor data is never touched. What the header *means* for a model that is
to run is the business of `preflight.py`.
"""

from __future__ import annotations

import math
import os
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from engine.errors import EngineError, from_os_error
from engine.phrases import Phrase, phrase

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_HEADER_BYTES = 64 << 20  # the largest real ones (262,144 tokens and their merges) have 16 MB
MAX_KEY_BYTES = 65_535  # the format's own limit
MAX_NAME_BYTES = 63  # GGML_MAX_NAME with its closing zero
MAX_DIMENSIONS = 4  # GGML_MAX_DIMS
DEFAULT_ALIGNMENT = 32
_READ_BYTES = 1 << 20
_LENGTH = struct.Struct("<Q")

# Value types of the metadata. 8 and 9 are strings and arrays.
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
FLOAT32, INT32, UINT32, STRING = 6, 5, 4, _STRING

# ggml's tensor types: number -> (name, elements in a block, bytes of a block). Removed numbers are left out.
TENSOR_TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 36),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
    42: ("Q2_0", 64, 18),
}


@dataclass(frozen=True)
class GGUFArray:
    """An array of the metadata, decoded only when asked: vocabularies hold hundreds of thousands of strings."""

    item_type: int
    count: int
    raw: bytes

    def __len__(self) -> int:
        return self.count

    def raw_strings(self) -> Iterator[bytes]:
        """The items of an array of strings, as the file has them."""
        position = 0
        while position < len(self.raw):
            (length,) = _LENGTH.unpack_from(self.raw, position)
            yield self.raw[position + 8 : position + 8 + length]
            position += 8 + length

    def values(self) -> list[Any]:
        """The items; bytes that are not UTF-8 are replaced."""
        if self.item_type == _STRING:
            return [item.decode("utf-8", "replace") for item in self.raw_strings()]
        return list(struct.unpack(f"<{self.count}{_SCALARS[self.item_type]}", self.raw))


@dataclass(frozen=True)
class GGUFTensor:
    """What the header says of one tensor. `shape` counts from the fastest dimension, as ggml does."""

    name: str
    shape: tuple[int, ...]
    type: str
    offset: int  # bytes, from the start of the tensor data
    size: int  # bytes

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class GGUFHeader:
    """A header that holds together. Strings of the metadata that are not UTF-8 are kept as bytes."""

    path: Path
    version: int
    metadata: dict[str, Any]
    value_types: dict[str, int]  # of the metadata: two widths of a number are one type in Python
    tensors: dict[str, GGUFTensor]
    data_start: int  # bytes, where the tensor data begins
    file_size: int  # bytes, of all files of a model in several; of a llamafile those of its GGUF
    parts: tuple[GGUFHeader, ...] = ()  # the headers of all files of a model in several; see `gguf_parts.read_model`
    start: int = 0  # bytes, where the GGUF begins: elsewhere than at 0 it lies in a llamafile

    @property
    def architecture(self) -> str:
        return self.text("general.architecture")

    @property
    def parameters(self) -> int:
        return sum(tensor.elements for tensor in self.tensors.values())

    def text(self, key: str) -> str:
        """A string of the metadata; empty when it is absent, of another type, or not UTF-8."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""

    def model_value(self, key: str) -> Any:
        """A value of this architecture: `model_value("block_count")` is `llama.block_count`; None when absent."""
        return self.metadata.get(f"{self.architecture}.{key}")

    def place_of(self, tensor: GGUFTensor) -> tuple[Path, int]:
        """(file, byte) where the data of one of its tensors begins."""
        part = next((part for part in self.parts if part.tensors.get(tensor.name) is tensor), self)
        return part.path, part.data_start + tensor.offset

    def tensor_types(self) -> dict[str, int]:
        """How many tensors there are of each type, the most frequent first."""
        return dict(Counter(tensor.type for tensor in self.tensors.values()).most_common())


def read_header(path: Path) -> GGUFHeader:
    """Read and check the structure of a GGUF file, or of the GGUF in a llamafile.

    Raises EngineError `gguf_not`, `gguf_broken`, `llamafile_packed`, or the system's complaint.
    """
    try:
        with open(path, "rb") as file:
            return _Reader(file, path, *_extent(file)).header()
    except OSError as error:
        raise from_os_error(error) from None


def read_header_from(file: BinaryIO, size: int, path: Path) -> GGUFHeader:
    """As `read_header`, from the beginning of a file of `size` bytes that need not lie on this computer."""
    return _Reader(file, path, size).header()


def read_type(path: Path) -> str:
    """What a GGUF file calls itself (`general.type`: model, adapter, mmproj), empty where it does not say.

    Nothing behind the first key of a tokenizer is read, so this is quick. Raises EngineError as `read_header` does.
    """
    try:
        with open(path, "rb") as file:
            return _Reader(file, path, *_extent(file)).type()
    except OSError as error:
        raise from_os_error(error) from None


def holds_gguf(path: Path) -> bool:
    """Whether a file is a GGUF file or a llamafile with one. Raises EngineError `llamafile_packed`, or the system's."""
    try:
        with open(path, "rb") as file:
            _extent(file)
            return file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise from_os_error(error) from None


def _extent(file: BinaryIO) -> tuple[int, int]:
    """(bytes, first byte) of the GGUF in a file: all of it, but in a llamafile. The file stands there afterwards."""
    size, start = os.fstat(file.fileno()).st_size, 0
    if size > len(MAGIC) and file.read(len(MAGIC)) != MAGIC:
        from engine.runtime import llamafile  # few files need it

        start, size = llamafile.extent(file) or (0, size)
    file.seek(start)
    return size, start


def broken(path: Path, reason: Phrase) -> EngineError:
    return EngineError("gguf_broken", place=path.name, reason=reason)


class _Reader:
    """Walks through the header. `_take` is the only way to bytes, and it never goes past the end of the file."""

    def __init__(self, file: BinaryIO, path: Path, size: int, start: int = 0) -> None:
        """The file stands at the first byte of the GGUF, which is its byte `start`; positions count from there."""
        self._file, self._path, self._size, self._start = file, path, size, start
        self._buffer = b""
        self._position = 0

    def header(self) -> GGUFHeader:
        version, tensor_count, key_count = self._counts()
        metadata, types = self._metadata(key_count)
        alignment = self._alignment(metadata)
        found = [self._tensor(index) for index in range(tensor_count)]
        data_start = _align(self._position, alignment)
        tensors = self._by_name(found, alignment, data_start)
        data_start += self._start
        return GGUFHeader(self._path, version, metadata, types, tensors, data_start, self._size, start=self._start)

    def type(self) -> str:
        for index in range(self._counts()[2]):
            key = self._name(phrase("metadata entry {number}", number=index + 1), MAX_KEY_BYTES)
            if key.startswith("tokenizer."):
                break
            (kind,) = self._unpack("I", shown(key))
            value = self._value(kind, shown(key))
            if key == "general.type":
                return value if isinstance(value, str) else ""
        return ""

    def _counts(self) -> tuple[int, int, int]:
        """(version, tensors, metadata entries), as far as the file has room for them."""
        if self._size == 0:
            self._fail(phrase("it is empty"))
        self._buffer = self._file.read(4)
        if self._buffer != MAGIC:
            raise EngineError("gguf_not", place=self._path.name)
        self._position = 4
        version, tensor_count, key_count = self._unpack("IQQ", phrase("its first bytes"))
        if version not in VERSIONS:
            self._fail(phrase("it says GGUF version {version}, and versions 2 and 3 exist", version=version))
        self._bound(tensor_count, 28, phrase("tensors"))
        self._bound(key_count, 13, phrase("metadata entries"))
        return version, tensor_count, key_count

    # --- metadata ---

    def _metadata(self, count: int) -> tuple[dict[str, Any], dict[str, int]]:
        """Values and their types, by key."""
        metadata: dict[str, Any] = {}
        types: dict[str, int] = {}
        for index in range(count):
            key = self._name(phrase("metadata entry {number}", number=index + 1), MAX_KEY_BYTES)
            if key in metadata:
                self._fail(phrase("the metadata has {key} twice", key=shown(key)))
            (types[key],) = self._unpack("I", shown(key))
            metadata[key] = self._value(types[key], shown(key))
        return metadata, types

    def _value(self, kind: int, place: str) -> Any:
        if kind == _STRING:
            raw = self._string(place)
            try:
                return raw.decode()
            except UnicodeDecodeError:
                return raw
        if kind == _ARRAY:
            return self._array(place)
        if kind not in _SCALARS:
            self._fail(phrase("{place} has the unknown value type {kind}", place=place, kind=kind))
        (value,) = self._unpack(_SCALARS[kind], place)
        return value

    def _array(self, place: str) -> GGUFArray:
        kind, count = self._unpack("IQ", place)
        if kind == _STRING:
            self._bound(count, 8, phrase("strings in {place}", place=place))
            return GGUFArray(kind, count, self._strings(count, place))
        if kind not in _SCALARS:
            self._fail(phrase("{place} is a list of the unknown value type {kind}", place=place, kind=kind))
        width = struct.calcsize(_SCALARS[kind])
        self._bound(count, width, phrase("values in {place}", place=place))
        return GGUFArray(kind, count, self._take(count * width, place))

    def _strings(self, count: int, place: str) -> bytes:
        """The bytes of `count` strings; a plain loop, because vocabularies have half a million."""
        start = position = self._position
        for _ in range(count):
            if position + 8 > len(self._buffer):
                self._reach(position + 8, place)
            position += 8 + _LENGTH.unpack_from(self._buffer, position)[0]
        return self._take(position - start, place)

    def _alignment(self, metadata: dict[str, Any]) -> int:
        alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
        if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20 or alignment & (alignment - 1):
            self._fail(phrase("general.alignment is {found}, which is not a power of two", found=shown(alignment)))
        return alignment

    # --- tensors ---

    def _tensor(self, index: int) -> GGUFTensor:
        name = self._name(phrase("tensor {name}", name=index + 1), MAX_NAME_BYTES)
        place = phrase("tensor {name}", name=shown(name))
        (dimensions,) = self._unpack("I", place)
        if not 1 <= dimensions <= MAX_DIMENSIONS:
            self._fail(phrase("{place} has {count} dimensions", place=place, count=dimensions))
        shape = self._unpack(f"{dimensions}Q", place)
        kind, offset = self._unpack("IQ", place)
        if kind not in TENSOR_TYPES:
            self._fail(phrase("{place} has the unknown type {kind}", place=place, kind=kind))
        type_name, block, block_bytes = TENSOR_TYPES[kind]
        if min(shape) == 0 or math.prod(shape) >= 1 << 62:
            self._fail(phrase("{place} has the impossible shape {shape}", place=place, shape=str(list(shape))))
        if shape[0] % block:
            reason = phrase(
                "{place} has rows of {count} values, which {type} cannot hold",
                place=place,
                count=shape[0],
                type=type_name,
            )
            self._fail(reason)
        return GGUFTensor(name, shape, type_name, offset, math.prod(shape) // block * block_bytes)

    def _by_name(self, found: list[GGUFTensor], alignment: int, data_start: int) -> dict[str, GGUFTensor]:
        """The tensors by name, once they are known to lie one after another inside the file."""
        tensors: dict[str, GGUFTensor] = {}
        expected = 0
        for tensor in found:
            place = phrase("tensor {name}", name=shown(tensor.name))
            if tensor.name in tensors:
                self._fail(phrase("it has two tensors named {name}", name=shown(tensor.name)))
            if tensor.offset % alignment:
                numbers = {"offset": tensor.offset, "step": alignment}
                self._fail(
                    phrase("{place} starts at byte {offset}, which is not a multiple of {step}", place=place, **numbers)
                )
            if tensor.offset != expected:
                numbers = {"offset": tensor.offset, "expected": expected}
                self._fail(phrase("{place} starts at byte {offset} instead of {expected}", place=place, **numbers))
            missing = data_start + tensor.offset + tensor.size - self._size
            if missing > 0:
                self._fail(phrase("it ends {count:,} bytes too early, inside {place}", count=missing, place=place))
            tensors[tensor.name] = tensor
            expected = _align(tensor.offset + tensor.size, alignment)
        return tensors

    # --- bytes ---

    def _name(self, place: str, limit: int) -> str:
        raw = self._string(place, limit)
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self._fail(phrase("the name of {place} is not text", place=place))

    def _string(self, place: str, limit: int = MAX_HEADER_BYTES) -> bytes:
        (length,) = self._unpack("Q", place)
        if length > limit:
            self._fail(phrase("{place} claims a text of {count:,} bytes", place=place, count=length))
        return self._take(length, place)

    def _unpack(self, layout: str, place: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, self._take(struct.calcsize("<" + layout), place))

    def _take(self, count: int, place: str) -> bytes:
        start, end = self._position, self._position + count
        if end > len(self._buffer):
            self._reach(end, place)
        self._position = end
        return self._buffer[start:end]

    def _reach(self, end: int, place: str) -> None:
        """Read on until the buffer holds the first `end` bytes of the file."""
        if end > self._size:
            self._fail(phrase("it ends inside {place}", place=place))
        if end > MAX_HEADER_BYTES:
            self._fail(phrase("its header is larger than {size} MB", size=MAX_HEADER_BYTES >> 20))
        self._buffer += self._file.read(max(end - len(self._buffer), _READ_BYTES))
        if end > len(self._buffer):  # the file has shrunk since it was opened
            self._fail(phrase("it ends inside {place}", place=place))

    def _bound(self, count: int, least_bytes: int, what: Phrase) -> None:
        """Refuse a count whose smallest items would not fit in the rest of the file."""
        if count * least_bytes > self._size - self._position:
            self._fail(phrase("it claims {count:,} {what}, more than it has room for", count=count, what=what))

    def _fail(self, reason: Phrase) -> NoReturn:
        raise broken(self._path, reason)


def _align(position: int, alignment: int) -> int:
    return -(-position // alignment) * alignment


def shown(value: Any, longest: int = 80) -> str:
    """A name or value from a file, safe and short enough for a sentence."""
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in str(value)[: longest + 1])
    return text if len(text) <= longest else text[: longest - 1] + "…"
