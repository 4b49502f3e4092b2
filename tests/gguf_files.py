"""GGUF files written byte by byte, so that tests can write what no library would."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.runtime.gguf_header import TENSOR_TYPES, GGUFArray, read_header

_KINDS = {"u16": (2, "H"), "u32": (4, "I"), "i32": (5, "i"), "f32": (6, "f"), "bool": (7, "?"), "u64": (10, "Q")}
_TYPE_NUMBERS = {name: number for number, (name, _, _) in TENSOR_TYPES.items()}


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def value(kind: str, content: Any) -> bytes:
    """A metadata value: `value("u32", 7)`, `value("text", "x")`, `value("texts", [...])`, `value("f32s", [...])`."""
    if kind == "text":
        return struct.pack("<I", 8) + text(content)
    if kind == "texts":
        return struct.pack("<IIQ", 9, 8, len(content)) + b"".join(map(text, content))
    number, layout = _KINDS[kind.removesuffix("s")]
    if kind.endswith("s"):
        return struct.pack(f"<IIQ{len(content)}{layout}", 9, number, len(content), *content)
    return struct.pack("<I" + layout, number, content)


@dataclass
class GGUF:
    """The parts of a GGUF file, to be changed and written again."""

    metadata: list[tuple[str, bytes]] = field(default_factory=list)  # key, value with its type
    tensors: list[tuple[str, tuple[int, ...], str, bytes]] = field(default_factory=list)  # name, shape, type, data

    @classmethod
    def read(cls, path: Path) -> GGUF:
        header, raw = read_header(path), path.read_bytes()
        metadata = [(key, _raw(content)) for key, content in header.metadata.items()]
        tensors = []
        for tensor in header.tensors.values():
            start = header.data_start + tensor.offset
            tensors.append((tensor.name, tensor.shape, tensor.type, raw[start : start + tensor.size]))
        return cls(metadata, tensors)

    def set(self, key: str, kind: str, content: Any) -> GGUF:
        entry, keys = (key, value(kind, content)), [known for known, _ in self.metadata]
        if key in keys:
            self.metadata[keys.index(key)] = entry
        else:
            self.metadata.append(entry)
        return self

    def remove(self, key: str) -> GGUF:
        self.metadata = [entry for entry in self.metadata if entry[0] != key]
        return self

    def rename_architecture(self, new: str, old: str = "llama") -> GGUF:
        self.metadata = [(key.replace(f"{old}.", f"{new}.", 1), content) for key, content in self.metadata]
        return self.set("general.architecture", "text", new)

    def bytes(self) -> bytes:
        header = b"GGUF" + struct.pack("<IQQ", 3, len(self.tensors), len(self.metadata))
        header += b"".join(text(key) + content for key, content in self.metadata)
        data = b""
        for name, shape, kind, content in self.tensors:
            header += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, _TYPE_NUMBERS[kind], len(data))
            data += content + bytes(-len(content) % 32)
        return header + bytes(-len(header) % 32) + data

    def write(self, path: Path) -> Path:
        path.write_bytes(self.bytes())
        return path

    def write_split(self, folder: Path, stem: str, count: int) -> list[Path]:
        """In several files, as llama.cpp's gguf-split writes them: only the first one knows more than its number."""
        whole, per_file, written = self.tensors, -(-len(self.tensors) // count), []
        for number in range(count):
            part = GGUF(list(self.metadata) if number == 0 else [], whole[number * per_file : (number + 1) * per_file])
            part.set("split.no", "u16", number).set("split.count", "u16", count)
            part.set("split.tensors.count", "i32", len(whole))
            written.append(part.write(folder / f"{stem}-{number + 1:05}-of-{count:05}.gguf"))
        return written


def _raw(content: Any) -> bytes:
    if isinstance(content, GGUFArray):
        return struct.pack("<IIQ", 9, content.item_type, content.count) + content.raw
    if isinstance(content, (str, bytes)):
        return value("text", content)
    if isinstance(content, bool):
        return value("bool", content)
    return value("f32" if isinstance(content, float) else "u32", content)


def mutant(original: bytes, header_size: int, seed: int) -> bytes:
    """The file with one to four changes where they hurt: numbers, lengths, types and names of the header."""
    draw, content = random.Random(seed), bytearray(original)
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(min(header_size, len(content)) if draw.random() < 0.95 else len(content))
        match draw.randrange(7):
            case 0:
                content[place] ^= 1 << draw.randrange(8)
            case 1:
                content[place] = draw.randrange(256)
            case 2:  # a length, a count or an offset
                number = draw.choice((0, 1, 2**31, 2**32 - 1, 2**62, 2**63, 2**64 - 1, draw.getrandbits(20)))
                content[place : place + 8] = struct.pack("<Q", number)
            case 3:  # a type or a setting
                content[place : place + 4] = struct.pack("<I", draw.choice((0, 1, 4, 8, 9, 255, draw.getrandbits(16))))
            case 4:
                del content[place : place + draw.choice((1, 4, 8, 40))]
            case 5:
                content[place:place] = content[place : place + draw.choice((1, 8, 40))]
            case 6:
                del content[max(24, place) :]
    return bytes(content)


def settings_mutant(path: Path, seed: int) -> bytes:
    """A well-formed file whose metadata says something else."""
    draw, model = random.Random(seed), GGUF.read(path)
    for _ in range(draw.randint(1, 3)):
        key = draw.choice([key for key, content in model.metadata if content[:4] != struct.pack("<I", 9)])
        kind, content = draw.choice(
            (
                ("u32", draw.choice((0, 1, 2, 3, 7, 8, 16, 255, 2**31, 2**32 - 1))),
                ("f32", draw.choice((0.0, -1.0, 1e30, float("nan"), float("inf")))),
                ("text", draw.choice(("", "llama", "gpt2", "qwen3", "gemma3", "mamba", "t5", "rwkv", "x" * 100))),
                ("bool", True),
            )
        )
        model.set(key, kind, content)
    return model.bytes()
