"""Read tensors out of what `torch.save` wrote, without unpickling: nothing in the file is ever called or imported.

Such a file is a zip archive with a pickle, which says how tensors are put together, and one entry of plain bytes for
each storage. The pickle is a small program. Its instructions are listed by `pickletools`, and the few that build
dictionaries, lists and tensors are followed here; whatever else it asks for makes the file one that is refused.
Format: torch/csrc/jit/serialization and pickletools.py.
"""

from __future__ import annotations

import math
import pickletools
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.errors import EngineError, from_os_error
from engine.phrases import Phrase, phrase

_LARGEST_PICKLE = 64 * 2**20
_STORAGES = {
    "torch FloatStorage": torch.float32,
    "torch HalfStorage": torch.float16,
    "torch BFloat16Storage": torch.bfloat16,
    "torch DoubleStorage": torch.float64,
    "torch LongStorage": torch.int64,
    "torch IntStorage": torch.int32,
    "torch ShortStorage": torch.int16,
    "torch CharStorage": torch.int8,
    "torch ByteStorage": torch.uint8,
    "torch BoolStorage": torch.bool,
}


@dataclass(frozen=True)
class StoredTensor:
    """A tensor of an archive, not yet read."""

    path: Path
    entry: str
    dtype: torch.dtype
    elements: int  # of the storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    def get_shape(self) -> tuple[int, ...]:
        return self.shape

    def read(self) -> Tensor:
        """Float32, in memory of its own. Raises EngineError `bad_weights` for anything but numbers within the file."""
        if not self.dtype.is_floating_point:
            reason = phrase("the tensor in {entry} holds {type} numbers", entry=self.entry, type=str(self.dtype))
            raise _bad(self.path, reason)
        with _opened(self.path) as archive:
            info = archive.NameToInfo.get(self.entry)
            size = self.elements * self.dtype.itemsize
            if info is None or info.compress_type != zipfile.ZIP_STORED or info.file_size != size:
                reason = phrase("the numbers of {entry} are not what its description says", entry=self.entry)
                raise _bad(self.path, reason)
            storage = torch.frombuffer(bytearray(archive.read(info)), dtype=self.dtype) if size else torch.empty(0)
        last = self.offset + sum((n - 1) * step for n, step in zip(self.shape, self.stride, strict=True))
        elements = math.prod(self.shape)
        if elements > self.elements or (elements and last >= self.elements):
            raise _bad(self.path, phrase("a tensor reaches beyond {entry}", entry=self.entry))
        return storage.as_strided(self.shape, self.stride, self.offset).to(torch.float32, copy=True).contiguous()


def is_archive(path: Path) -> bool:
    """Whether a file begins as a zip archive does."""
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def read(path: str | Path) -> dict[str, Any]:
    """The dictionary in the file: names -> `StoredTensor`s, plain values, lists and dictionaries of them.

    Raises EngineError `pickled_weights` for what only running the pickle could open, and `bad_weights`.
    """
    path = Path(path)
    if not is_archive(path):
        raise EngineError("pickled_weights", place=str(path))
    with _opened(path) as archive:
        pickles = [info for info in archive.infolist() if info.filename.split("/")[1:] == ["data.pkl"]]
        if len(pickles) != 1:
            raise _bad(path, phrase("it has no data.pkl"))
        if pickles[0].compress_type != zipfile.ZIP_STORED or pickles[0].file_size > _LARGEST_PICKLE:
            raise _bad(path, phrase("its data.pkl is far larger than such a file can be"))
        program, folder = archive.read(pickles[0]), pickles[0].filename.rpartition("/")[0]
        if archive.NameToInfo.get(f"{folder}/byteorder") and archive.read(f"{folder}/byteorder")[:6] != b"little":
            raise _bad(path, phrase("its numbers lie in the order of another processor"))
    try:
        value = _Program(path, folder).run(program)
    except _Refused as refused:
        raise EngineError("pickled_weights", str(refused), place=str(path)) from refused
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise _bad(path, phrase("its data.pkl does not hold together"), str(error)) from error
    if not isinstance(value, dict):
        raise _bad(path, phrase("it holds no dictionary of tensors"))
    return value


class Archive:
    """The tensors of a file by name, with the interface of the safetensors library's open files."""

    def __init__(self, path: Path) -> None:
        """Raises EngineError as `read` does."""
        self._tensors = tensors(read(path))

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is kept open."""

    def keys(self) -> list[str]:
        return list(self._tensors)

    def get_slice(self, name: str) -> StoredTensor:
        return self._tensors[name]

    def get_tensor(self, name: str) -> Tensor:
        return self._tensors[name].read()


def tensors(value: Mapping[str, Any]) -> dict[str, StoredTensor]:
    """The tensors among the values of a dictionary."""
    return {str(name): entry for name, entry in value.items() if isinstance(entry, StoredTensor)}


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, ValueError, LookupError, RuntimeError, EOFError, struct.error, zlib.error) as error:
        raise _bad(path, phrase("it is a damaged archive"), str(error)) from error
    except OSError as error:
        raise from_os_error(error) from error


def _bad(path: Path, reason: Phrase, detail: str = "") -> EngineError:
    return EngineError("bad_weights", detail, place=str(path), reason=reason)


# --- the program -----------------------------------------------------------------------------------------------------


class _Refused(Exception):  # noqa: N818 (it refuses; the error is the reader's)
    """The pickle asks for something that only running it would give."""


@dataclass(frozen=True)
class _Name:
    """A name that the pickle speaks of. It stays a name."""

    text: str


_MARK = _Name("the mark")
_PUSHED = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "MARK": _MARK}
_LITERALS = {
    *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "INT", "LONG", "BINFLOAT", "FLOAT"),
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE", "BINSTRING", "SHORT_BINSTRING", "STRING"),
}


class _Program:
    """The stack and the memory of one pickle."""

    def __init__(self, path: Path, folder: str) -> None:
        self._path, self._folder = path, folder
        self._stack: list[Any] = []
        self._memory: dict[int, Any] = {}

    def run(self, program: bytes) -> Any:
        for opcode, argument, _ in pickletools.genops(program):
            if opcode.name == "STOP":
                return self._stack.pop()
            self._step(opcode.name, argument)
        raise ValueError("no end")

    def _step(self, name: str, argument: Any) -> None:
        stack, memory = self._stack, self._memory
        match name:
            case "PROTO" | "FRAME":
                pass
            case _ if name in _PUSHED:
                stack.append(_PUSHED[name])
            case _ if name in _LITERALS:
                stack.append(argument)
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_LIST":
                stack.append([])
            case "EMPTY_TUPLE":
                stack.append(())
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(name[-1])
                stack[-count:] = [tuple(stack[-count:])]
            case "TUPLE":
                stack.append(tuple(self._since_mark()))
            case "GLOBAL":
                stack.append(_Name(argument))
            case "STACK_GLOBAL":
                stack[-2:] = [_Name(f"{stack[-2]} {stack[-1]}")]
            case "BINPUT" | "LONG_BINPUT" | "PUT":
                memory[int(argument)] = stack[-1]
            case "MEMOIZE":
                memory[len(memory)] = stack[-1]
            case "BINGET" | "LONG_BINGET" | "GET":
                stack.append(memory[int(argument)])
            case "APPEND":
                stack[-2].append(stack.pop())
            case "APPENDS":
                items = self._since_mark()
                stack[-1].extend(items)
            case "SETITEM":
                key, value = stack[-2:]
                del stack[-2:]
                stack[-1][key] = value
            case "SETITEMS":
                items = self._since_mark()
                stack[-1].update(zip(items[::2], items[1::2], strict=True))
            case "BUILD":  # what an object carries beside its items, such as the versions of modules
                stack.pop()
            case "BINPERSID":
                stack.append(stack.pop())  # the description of a storage, a tuple
            case "REDUCE":
                arguments = stack.pop()
                stack.append(self._made(stack.pop(), arguments))
            case _:
                raise _Refused(f"the instruction {name}")

    def _since_mark(self) -> list[Any]:
        start = len(self._stack) - 1 - self._stack[::-1].index(_MARK)
        items = self._stack[start + 1 :]
        del self._stack[start:]
        return items

    def _made(self, name: Any, arguments: Any) -> Any:
        """What the few names stand for that a dictionary of tensors needs."""
        match (name.text if isinstance(name, _Name) else ""), arguments:
            case "collections OrderedDict", ():
                return {}
            case "torch._utils _rebuild_parameter", (tensor, *_):
                return tensor
            case "torch Size", (tuple(numbers),):
                return numbers
            case "torch._utils _rebuild_tensor_v2", (("storage", _Name(kind), str(key), _, elements), offset, *more):
                shape, stride = more[:2]
                if kind in _STORAGES and len(shape) == len(stride) and _whole(elements, offset, *shape, *stride):
                    entry = f"{self._folder}/data/{key}"
                    return StoredTensor(self._path, entry, _STORAGES[kind], elements, offset, shape, stride)
        raise _Refused(f"a call of {name}")


def _whole(*numbers: object) -> bool:
    return all(isinstance(number, int) and 0 <= number < 2**62 for number in numbers)
