"""Every token of every vocabulary at hand, as bytes and as streamed text: what the model produced is what is seen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import ScriptedRuntime

from engine import paths
from engine.chat.backend import LocalBackend
from engine.chat.messages import ChatOptions, Message
from engine.events import Finished, TextDelta
from engine.gpt.tokenizer import Tokenizer
from engine.runtime.base import Token
from engine.runtime.gguf_header import GGUFHeader, read_header
from engine.runtime.llama_vocabulary import Vocabulary, tokenize_only

Data = Callable[[str], Path]

VOCABULARIES = {
    "gpt-2": "gguf-vocab/ggml-vocab-gpt-2.gguf",
    "starcoder": "gguf-vocab/ggml-vocab-starcoder.gguf",
    "llama": "gguf-vocab/ggml-vocab-llama-spm.gguf",
    "phi-3": "gguf-vocab/ggml-vocab-phi-3.gguf",
    "llama-2": "gguf-tiny-random/llama-2-tiny-random.gguf",
    "starter": "",
}
FOLDERS = {
    "gpt-2": "tokenizer-gpt2",
    "mistral": "tokenizer-mistral-7b-v0.2",
    "tiny": "tokenizer-tiny-bpe-2000",
    "starter": "",
}
NORMAL, BYTE = 1, 6  # llama.h: llama_token_type


def byte_alphabet() -> dict[str, int]:
    """The characters that stand for bytes in GPT-2's vocabulary (Radford et al. 2019, encoder.py): printable ones for
    themselves, the others, in order, from U+0100."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + n): byte for n, byte in enumerate(others)}


def expected(header: GGUFHeader) -> list[bytes]:
    """The bytes of every token, by the file alone."""
    alphabet, pieces = byte_alphabet(), []
    tokens = header.metadata["tokenizer.ggml.tokens"].raw_strings()
    types = header.metadata["tokenizer.ggml.token_type"].values()
    by_bytes = header.text("tokenizer.ggml.model") == "gpt2"
    for token, kind in zip(tokens, types, strict=True):
        if kind == BYTE:
            pieces.append(bytes.fromhex(token[3:5].decode()))  # <0x0A>
        elif kind != NORMAL:
            pieces.append(token)
        elif by_bytes:
            pieces.append(bytes(alphabet[letter] for letter in token.decode()))
        else:
            pieces.append(token.replace("▁".encode(), b" "))
    return pieces


@pytest.fixture(params=VOCABULARIES)
def opened(request: pytest.FixtureRequest, data: Data) -> Iterator[tuple[Vocabulary, list[bytes]]]:
    name = VOCABULARIES[request.param]
    path = data(name) if name else paths.resource("starter/starter-q8_0.gguf")
    vocabulary = tokenize_only(path)
    yield vocabulary, expected(read_header(path))
    vocabulary.close()


def test_every_token_has_its_bytes(opened: tuple[Vocabulary, list[bytes]]) -> None:
    vocabulary, pieces = opened
    assert len(pieces) == vocabulary.size
    assert [vocabulary.piece(id) for id in range(vocabulary.size)] == pieces


def expected_of_folder(folder: Path) -> dict[int, bytes]:
    """The bytes of every token, by tokenizer.json alone."""
    file = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    added = {token["id"]: token["content"].encode() for token in file["added_tokens"]}
    alphabet, by_bytes = byte_alphabet(), not file["model"]["byte_fallback"]

    def piece(token: str) -> bytes:
        if by_bytes:
            return bytes(alphabet[letter] for letter in token)
        if re.fullmatch("<0x[0-9A-F]{2}>", token):
            return bytes.fromhex(token[3:5])
        return token.replace("▁", " ").encode()

    return {id: piece(token) for token, id in file["model"]["vocab"].items() if id not in added} | added


@pytest.mark.parametrize("name", FOLDERS)
def test_every_token_of_a_model_folder_has_its_bytes(data: Data, name: str) -> None:
    folder = data(FOLDERS[name]) if FOLDERS[name] else paths.resource("starter")
    tokenizer, pieces = Tokenizer.load(folder), expected_of_folder(folder)
    assert {id: tokenizer.piece(id) for id in pieces} == pieces
    assert len(pieces) >= tokenizer.vocabulary


class Speaking(ScriptedRuntime):
    """Writes these ids, each with its bytes in a vocabulary."""

    def __init__(self, vocabulary: Vocabulary, script: Sequence[int]) -> None:
        super().__init__(context=10**9)
        self._vocabulary, self._script = vocabulary, script

    def generate(self, *_: Any, **__: Any) -> Iterator[Token]:
        for id in self._script:
            yield Token(id, self._vocabulary.piece(id))


def streamed(vocabulary: Vocabulary, script: Sequence[int]) -> tuple[str, list[int]]:
    backend = LocalBackend(Speaking(vocabulary, script))
    try:
        events = list(backend.stream([Message("user", "hi")], ChatOptions()))
    finally:
        backend.close()
    end = events[-1]
    assert isinstance(end, Finished)
    return "".join(event.text for event in events if isinstance(event, TextDelta)), end.stats["tokens"]


def test_every_token_is_streamed_as_it_is_whole(opened: tuple[Vocabulary, list[bytes]]) -> None:
    """In their order, and backwards: bytes that are no character become U+FFFD as Python has it, and nothing else."""
    vocabulary, pieces = opened
    for script in (range(vocabulary.size), range(vocabulary.size - 1, -1, -1)):
        text, ids = streamed(vocabulary, script)
        assert ids == list(script)
        assert text == b"".join(pieces[id] for id in script).decode("utf-8", "replace")
