"""Give pastes to a vocabulary, in a process that may die. Started by test_any_paste.py.

Each line of stdin is [path of the vocabulary, kind of the paste or seed of a mixed one, size]; each is answered by a
line: true where the text came back.
"""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from pathlib import Path

from pastes import mixed, paste

from engine.gpt.tokenizer import Tokenizer
from engine.runtime.llama_vocabulary import Vocabulary, tokenize_only
from engine.runtime.text_split import without_surrogates


@cache
def opened(path: str) -> Vocabulary | Tokenizer:
    return Tokenizer.load(Path(path)) if Path(path).is_dir() else tokenize_only(path)


def comes_back(path: str, kind: str | int, size: int) -> bool:
    text = without_surrogates(mixed(kind, size) if isinstance(kind, int) else paste(kind, size))
    vocabulary = opened(path)
    ids = vocabulary.tokenize(text) if isinstance(vocabulary, Vocabulary) else vocabulary.encode(text)
    wanted = text.encode().translate(None, unwritable(path))
    written = b"".join(map(vocabulary.piece, ids))
    return written in (wanted, b" " + wanted)  # SentencePiece puts a space before a text


@cache
def unwritable(path: str) -> bytes:
    """Bytes for which a vocabulary has no token; StarCoder's lacks some that only characters to come may have."""
    vocabulary = opened(path)
    count = vocabulary.size if isinstance(vocabulary, Vocabulary) else vocabulary.vocabulary
    single = {piece[0] for id in range(count) if len(piece := vocabulary.piece(id)) == 1}
    return bytes(set(range(128, 256)) - single)


def main() -> None:
    answers = os.dup(1)
    os.dup2(2, 1)
    for line in sys.stdin:
        os.write(answers, (json.dumps(comes_back(*json.loads(line))) + "\n").encode())


if __name__ == "__main__":
    main()
