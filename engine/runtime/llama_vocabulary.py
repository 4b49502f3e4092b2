"""The tokenizer inside a GGUF file, as llama.cpp runs it, guarded from the texts that would end the process."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.runtime.gguf_header import GGUFHeader, read_header
from engine.runtime.llama_library import c, load
from engine.runtime.preflight import check_tokenizer
from engine.runtime.text_split import (
    LONGEST_RUN,
    split_long_runs,
    split_runs_of_bytes,
    uncovered_by,
    without_surrogates,
)

# BPE pre-tokenizers that llama.cpp has written out by hand. The others go through std::regex, which recurses once
# per character and overflows the stack in long runs (llama.cpp #27783): texts for those are split.
_HAND_WRITTEN = frozenset(("gpt-2", "llama3", "llama-v3", "llama-bpe", "qwen2", "smollm", "roberta-bpe", "phi-2"))


class Vocabulary:
    """The tokenizer inside a GGUF file. `tokenize_only` opens it alone; a runtime has one too."""

    def __init__(self, header: GGUFHeader, model: Any) -> None:
        self.model, self._vocabulary = model, c.llama_model_get_vocab(model)
        self.size: int = c.llama_vocab_n_tokens(self._vocabulary)
        self.adds_bos: bool = c.llama_vocab_get_add_bos(self._vocabulary)
        kind, pre = header.text("tokenizer.ggml.model"), header.text("tokenizer.ggml.pre")
        self._splits = kind == "gpt2" and pre not in _HAND_WRITTEN
        self._header, self._merges_characters = header, kind == "llama"
        self._uncovered = uncovered_by(set(self._tokens())) if self._merges_characters else None
        self._pieces: dict[int, bytes] = {}  # those that were asked for
        self._unknown: int = header.metadata.get("tokenizer.ggml.unknown_token_id", 0)

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        """As `Runtime.tokenize`. Lone surrogates become U+FFFD."""
        text = without_surrogates(text)
        if self._uncovered is not None and (missing := {letter for letter in set(text) if self._uncovered(letter)}):
            return self._tokenize_around(text, missing, special)
        if self._merges_characters and len(text) > LONGEST_RUN:
            first, *later = split_runs_of_bytes(text, self._merged)
            return [*self._ids(first, special), *(id for part in later for id in self._ids_within(part, special))]
        parts = split_long_runs(text) if self._splits else [text]
        return [id for part in parts for id in self._ids(part, special)]

    def piece(self, id: int) -> bytes:
        """As `Runtime.piece`; empty for an id outside the vocabulary."""
        piece = self._pieces.get(id)
        if piece is None and 0 <= id < self.size:
            piece = self._pieces[id] = self._read_piece(id)
        return piece or b""

    def _read_piece(self, id: int) -> bytes:
        buffer = ctypes.create_string_buffer(64)
        length = c.llama_token_to_piece(self._vocabulary, id, buffer, len(buffer), 0, True)
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = c.llama_token_to_piece(self._vocabulary, id, buffer, len(buffer), 0, True)
        return buffer.raw[:length]

    def is_end(self, id: int) -> bool:
        return 0 <= id < self.size and bool(c.llama_vocab_is_eog(self._vocabulary, id))

    @property
    def bos_token(self) -> str:
        return self.piece(c.llama_vocab_bos(self._vocabulary)).decode("utf-8", "replace")

    @property
    def eos_token(self) -> str:
        return self.piece(c.llama_vocab_eos(self._vocabulary)).decode("utf-8", "replace")

    def close(self) -> None:
        """Free the model this vocabulary was opened with."""
        if self.model is not None:
            c.llama_model_free(self.model)
            self.model = None

    def _tokens(self) -> Iterator[bytes]:
        return self._header.metadata["tokenizer.ggml.tokens"].raw_strings()  # type: ignore[no-any-return]

    @cached_property
    def _merged(self) -> frozenset[str]:
        """The characters that are in a token of this vocabulary; a space, too, which tokens write as U+2581."""
        return frozenset({" "}.union(*(token.decode("utf-8", "replace") for token in self._tokens())))

    def _ids_within(self, text: str, special: bool) -> list[int]:
        """Ids of a text that stands within another and begins with a character that is written in bytes.

        llama.cpp puts a space before every text it is given, where the vocabulary wants one at the beginning.
        """
        letter = text[0]
        before = len(self._ids(letter, special)) - len(letter.encode())
        return self._ids(text, special)[before:]

    def _ids(self, text: str, special: bool) -> list[int]:
        raw = text.encode()
        if not raw:
            return []
        room = len(raw) + 2
        ids = (c.llama_token * room)()
        count = c.llama_tokenize(self._vocabulary, raw, len(raw), ids, room, False, special)
        if count < 0:
            room = -count
            ids = (c.llama_token * room)()
            count = c.llama_tokenize(self._vocabulary, raw, len(raw), ids, room, False, special)
        return list(ids[:count])

    def _tokenize_around(self, text: str, missing: set[str], special: bool) -> list[int]:
        """Ids of a text with characters that would make llama.cpp throw: they become the unknown token."""
        ids: list[int] = []
        start = 0
        for position, letter in enumerate(text):
            if letter in missing:
                ids += [*self._ids(text[start:position], special), self._unknown]
                start = position + 1
        return ids + self._ids(text[start:], special)


def tokenize_only(path: Path | str) -> Vocabulary:
    """The vocabulary of a GGUF file, with or without weights beside it. Raises EngineError as opening a model does."""
    header = read_header(Path(path))
    check_tokenizer(header)
    return Vocabulary(header, load(header, gpu_layers=0, vocabulary_only=True))
