"""Tokenizers in GGUF files, both ways: what llama.cpp needs to give our ids, and the tokenizer a file describes.

llama.cpp calls byte-level encodings `gpt2` and gives them a list of merges; SentencePiece ones are `llama` and have a
score for each token instead. Keys: github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import gguf
import tokenizers
from gguf import TokenType
from tokenizers import decoders, models

from engine.errors import EngineError
from engine.gpt import sentencepiece, split_patterns
from engine.gpt.sentencepiece import Kind, Piece
from engine.gpt.tokenizer import Marks, Tokenizer
from engine.phrases import phrase
from engine.runtime.gguf_header import GGUFArray, GGUFHeader, shown

# --- writing ---------------------------------------------------------------------------------------------------------


def add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer, rows: int) -> None:
    """The vocabulary as llama.cpp has it. Rows of the embedding that no token has become unused tokens.

    Raises EngineError `gguf_pattern` where llama.cpp would give other ids, and `gguf_vocabulary`.
    """
    if not tokenizer.pattern or (_strips(tokenizer) and not _is_phi3(tokenizer)):
        raise EngineError("gguf_pattern")
    if tokenizer.vocabulary > rows:
        raise EngineError("gguf_vocabulary", tokens=tokenizer.vocabulary, rows=rows)
    tokens, types = [], []
    for id in range(rows):
        token = tokenizer.token(id)
        # llama.cpp wants no token twice, and no token of bytes or pieces is spelled with a plain space.
        tokens.append(token or f"[PAD {id}]")
        types.append(_token_type(tokenizer, id) if token else TokenType.UNUSED)
    writer.add_tokenizer_model("gpt2" if tokenizer.byte_level else "llama")
    writer.add_tokenizer_pre(tokenizer.pattern)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    if tokenizer.byte_level:
        writer.add_token_merges(tokenizer.merges)
    else:
        writer.add_token_scores(_scores(tokenizer, tokens))
        writer.add_add_space_prefix(tokenizer.space_prefix)
        if tokenizer.unknown_id >= 0:
            writer.add_unk_token_id(tokenizer.unknown_id)
    if tokenizer.end_id >= 0:
        writer.add_eos_token_id(tokenizer.end_id)
        writer.add_pad_token_id(tokenizer.end_id)
    if (begin := tokenizer.begin_id if tokenizer.begin_id >= 0 else tokenizer.end_id) >= 0:
        writer.add_bos_token_id(begin)  # or llama.cpp assumes token 11 or 1
    if tokenizer.turn_end_id >= 0:
        writer.add_eot_token_id(tokenizer.turn_end_id)
    writer.add_add_bos_token(tokenizer.adds_begin)
    writer.add_add_eos_token(False)
    if tokenizer.template:
        writer.add_chat_template(tokenizer.template)


def model_name(name: str, tokenizer: Tokenizer) -> str:
    """A model's name as a GGUF file may say it.

    llama.cpp looks for phi-3 or phi3 in it. Then tokens take the white space behind them, as Phi-3's do, and without
    the tokens of Phi-3 the file fails to load.
    """
    if _is_phi3(tokenizer):
        return name if re.search("(?i)phi-?3", name) else f"{name} (phi-3)".strip()
    return re.sub(r"(?i)(phi)-?(3)", r"\1 \2", name)


_PHI3_KEEP_SPACE = {"<unk>", "<s>", "<|endoftext|>"}


def _is_phi3(tokenizer: Tokenizer) -> bool:
    """Whether tokens take the white space behind them as in Phi-3, the one such case that llama.cpp has."""
    added = {token.content: token for token in tokenizer.added.values()}
    return (_PHI3_KEEP_SPACE | {"</s>"} <= added.keys()) and all(
        not token.lstrip and token.rstrip == (text not in _PHI3_KEEP_SPACE) for text, token in added.items()
    )


def _strips(tokenizer: Tokenizer) -> bool:
    return any(token.lstrip or token.rstrip for token in tokenizer.added.values())


def _token_type(tokenizer: Tokenizer, id: int) -> TokenType:
    if not tokenizer.byte_level and id == tokenizer.unknown_id:
        return TokenType.UNKNOWN
    if id in tokenizer.special_ids:
        return TokenType.CONTROL  # part of a text only when asked for
    if id in tokenizer.added_ids:
        return TokenType.USER_DEFINED
    byte = not tokenizer.byte_level and sentencepiece.byte_of(tokenizer.token(id)) is not None
    return TokenType.BYTE if byte else TokenType.NORMAL


_NEVER_MERGED = -1e6  # below every piece that merges make


def _scores(tokenizer: Tokenizer, tokens: list[str]) -> list[float]:
    merges = [tuple(merge.split(" ")) for merge in tokenizer.merges]
    # With a mark for a space in it, a word is not found in a text, where spaces are still spaces.
    words = (token.content for token in tokenizer.added.values() if not token.special)
    whole = {word for word in words if sentencepiece.SPACE not in word}
    try:
        scores = sentencepiece.scores_of(((left, right) for left, right in merges), tokens, whole)
    except ValueError as error:
        raise EngineError("gguf_pattern", detail=str(error)) from error
    return [float(scores.get(token, _NEVER_MERGED)) for token in tokens]


# --- reading ---------------------------------------------------------------------------------------------------------


def read_tokenizer(header: GGUFHeader) -> Tokenizer:
    """The tokenizer of a GGUF file whose header has passed `preflight.check_tokenizer`.

    Raises EngineError `bad_tokenizer`.
    """
    pieces = _pieces(header)
    text_of = dict(enumerate(piece.text for piece in pieces))
    begin, end = (text_of.get(header.metadata.get(f"tokenizer.ggml.{name}_token_id", -1)) for name in ("bos", "eos"))
    kind = header.text("tokenizer.ggml.model")
    adds_begin = bool(header.metadata.get("tokenizer.ggml.add_bos_token", _adds_begin(header, kind)))
    try:
        if kind == "llama":
            prefix = bool(header.metadata.get("tokenizer.ggml.add_space_prefix", True))
            backend = sentencepiece.build(pieces, prefix, begin if adds_begin else None, _strips_space(header))
        elif kind == "gpt2":
            backend = _byte_level(header, pieces, begin if adds_begin else None)
        else:
            raise _refusal(header, phrase("its kind is {kind}; Seedling knows gpt2 and llama", kind=shown(kind)))
        more = [header.metadata.get(f"tokenizer.ggml.{name}_token_id") for name in ("eot", "eom")]
        ends = tuple(id for id in more if isinstance(id, int))
        template = header.text("tokenizer.chat_template") or None
        return Tokenizer(backend, template, Marks(begin, end, adds_begin, ends))
    except (ValueError, TypeError) as error:
        raise _refusal(header, str(error)[:200]) from error
    except BaseException as error:  # the library panics, which is no `Exception`
        if isinstance(error, (EngineError, MemoryError)) or type(error).__name__ not in ("PanicException", "Exception"):
            raise
        raise _refusal(header, str(error)[:200]) from error


def _strips_space(header: GGUFHeader) -> Callable[[str], bool]:
    """Which tokens llama.cpp has take the white space behind them: those of a model that is called Phi-3."""
    phi3 = bool(re.search("(?i)phi-?3", header.text("general.name")))
    return lambda text: phi3 and text not in _PHI3_KEEP_SPACE


def _adds_begin(header: GGUFHeader, kind: str) -> bool:
    """What llama.cpp assumes where a file does not say."""
    return kind == "llama" or split_patterns.known(header.text("tokenizer.ggml.pre")) == "llama-bpe"


def _pieces(header: GGUFHeader) -> list[Piece]:
    """Every token; what only fills up the rows of the embedding has an empty text."""
    texts = header.metadata["tokenizer.ggml.tokens"].values()
    kinds = _numbers(header, "token_type") or [Kind.NORMAL] * len(texts)
    scores = _numbers(header, "scores") or [0.0] * len(texts)
    idle = (Kind.UNUSED, Kind.UNKNOWN)
    return [
        Piece("" if kind in idle and re.fullmatch(r"\[PAD ?\d+\]", text) else text, score, _kind(text, kind))
        for text, score, kind in zip(texts, scores, kinds, strict=True)
    ]


# Tokens that llama.cpp takes for marks whatever a file says of them.
_ALWAYS_MARKS = {
    *("<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>"),
    *("</s>", "<eos>", "<EOT>", "[EOT]", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>"),
    *("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>", "<|repo_name|>", "<|file_sep|>"),
}


def _kind(text: str, kind: int) -> int:
    return Kind.CONTROL if text in _ALWAYS_MARKS else kind


def _numbers(header: GGUFHeader, name: str) -> list[Any]:
    values = header.metadata.get(f"tokenizer.ggml.{name}")
    return values.values() if isinstance(values, GGUFArray) else []


def _byte_level(header: GGUFHeader, pieces: list[Piece], begin: str | None) -> tokenizers.Tokenizer:
    pre = header.text("tokenizer.ggml.pre")
    name = split_patterns.known(pre)
    if name is None:
        pattern = repr(shown(pre) or "default")
        raise _refusal(
            header, phrase("it splits texts by the pattern {pattern}, which Seedling lacks", pattern=pattern)
        )
    merges = header.metadata.get("tokenizer.ggml.merges")
    if not isinstance(merges, GGUFArray):
        raise _refusal(header, phrase("it has no merges (tokenizer.ggml.merges)"))
    # A token may begin with a space, so the one between the two stands behind the first character at the earliest.
    pairs = [(text[:cut], text[cut + 1 :]) for text in merges.values() if (cut := text.find(" ", 1)) > 0]
    vocabulary = {piece.text: id for id, piece in enumerate(pieces) if piece.text}
    model = models.BPE(vocabulary, pairs, ignore_merges=split_patterns.takes_whole_words(name))
    backend = tokenizers.Tokenizer(model)
    backend.pre_tokenizer = split_patterns.pre_tokenizer(name)
    backend.decoder = decoders.ByteLevel()
    sentencepiece.add_whole(backend, pieces, _strips_space(header))
    if begin is not None:
        sentencepiece.add_begin(backend, begin)
    return backend


def _refusal(header: GGUFHeader, reason: str) -> EngineError:
    return EngineError("bad_tokenizer", place=header.path.name, reason=reason)
