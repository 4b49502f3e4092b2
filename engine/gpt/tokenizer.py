"""The tokenizer: byte-pair encodings of the `tokenizers` library, our own and those that come with models.

Two kinds. Byte-level ones (GPT-2, Llama 3, Qwen, ...; ours too) spell each byte as a character and part a text by a
pattern before they merge (`split_patterns.py`). SentencePiece ones (Llama 2, Mistral, Gemma, Phi-3) merge characters,
write spaces as `▁`, mostly put one before a text, and fall back to bytes (`sentencepiece.py`). Either way any text
becomes ids and comes back unchanged, and the ids of an exported GGUF are the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import AddedToken, decoders, models, pre_tokenizers, trainers

from engine import files
from engine.errors import EngineError, from_os_error
from engine.gpt import sentencepiece, split_patterns
from engine.phrases import Phrase, phrase

END, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"

# ChatML: every message between its marks; a system message is a message like any other, and may be absent.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

PATTERNS = ("qwen2", "gpt-2")  # that a tokenizer of ours is trained with

# What ends a turn in a model's own template, as llama.cpp has it: ChatML, Llama 3, Gemma, Phi-3.
_TURN_ENDS = (TURN_END, "<|eot_id|>", "<end_of_turn>", "<|end|>")

_LARGEST_FILE = 200 * 2**20

# The files of a tokenizer, kept as they came when a model is saved again.
_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja")

# The library needs two hundred times the memory of a text it is given whole, so it gets blocks. Every pattern ends a
# token between a letter and a space before a letter, whatever stands around them.
_BLOCK = 2**16  # characters
_CUT = re.compile(r"(?<=[A-Za-z])(?= [A-Za-z])")


@dataclass(frozen=True)
class Marks:
    """Which tokens a model's files name for its beginnings and ends; None where they name none.

    begin, end: before and behind a text. adds_begin: whether texts begin with it; None if the library's form says so.
    ends: further ids that end a reply.
    """

    begin: str | None = None
    end: str | None = END
    adds_begin: bool | None = None
    ends: tuple[int, ...] = ()


class Tokenizer:
    """Text to ids and back. Absent special tokens have the id -1, which no model produces.

    vocabulary: number of ids, special ones included. template: the chat template (Jinja) or None.
    pattern: llama.cpp's name for the way texts are split (`qwen2`, `llama-bpe`, ...; `default` for SentencePiece), or
    "" for one it does not have. byte_level: whether tokens spell bytes. space_prefix: whether a text gets a space.
    added_ids: tokens that are whole words of their own; special_ids: those of them that mark rather than say something.
    begin_id stands before a text where `adds_begin`, unknown_id for what has no token; end_id ends a text; turn_end_id
    ends a turn, and turn_start_id with it frames a message in ChatML; end_ids: every token that ends a reply.
    """

    def __init__(
        self,
        backend: tokenizers.Tokenizer,
        template: str | None = None,
        marks: Marks = Marks(),
        sources: Mapping[str, bytes] | None = None,
    ) -> None:
        backend.no_truncation()
        backend.no_padding()
        backend.encode_special_tokens = True  # special tokens in a text stay text...
        self._plain = backend
        self._sources, self._first_template = dict(sources or {}), template
        self.template = template
        added = backend.get_added_tokens_decoder()
        data = json.loads(backend.to_str())
        self.byte_level = "ByteLevel" in json.dumps(data["decoder"])
        space = None if self.byte_level else sentencepiece.puts_space(data)
        self.space_prefix = bool(space)
        self.pattern = split_patterns.recognise(data) if self.byte_level else "" if space is None else "default"
        self._pieces = _pieces(backend, added, self.byte_level)
        self.vocabulary = 1 + max(self._pieces, default=-1)
        self.added_ids = frozenset(added)
        self.special_ids = frozenset(id for id, token in added.items() if token.special)
        self._cuttable = bool(self.pattern) and not any(_reaches_over_a_cut(token) for token in added.values())
        if not self.byte_level:
            self._cuttable &= not any(b" " in piece.lstrip(b" ") for piece in self._pieces.values())

        self.begin_id, self.end_id, self.turn_start_id = map(self._id, (marks.begin, marks.end, TURN_START))
        self.unknown_id = self._id(data["model"].get("unk_token"))
        self.turn_end_id = next((id for token in _TURN_ENDS if (id := self._id(token)) in self.added_ids), -1)
        ends = {self.end_id, self.turn_end_id, *marks.ends}
        self.end_ids = frozenset(id for id in ends if 0 <= id < self.vocabulary)
        begins = data["post_processor"] is None and bool(marks.adds_begin)
        if data["post_processor"] is not None and marks.adds_begin is not False:
            begins = backend.encode("", add_special_tokens=True).ids[:1] == [self.begin_id]
        self.adds_begin = begins and self.begin_id >= 0

    def _id(self, token: str | None) -> int:
        id = None if token is None else self._plain.token_to_id(token)
        return -1 if id is None else id

    @property
    def before_text(self) -> list[int]:
        """What stands before every text: the token that begins one, where the tokenizer has it so."""
        return [self.begin_id] if self.adds_begin else []

    @cached_property
    def _special(self) -> tokenizers.Tokenizer:
        """...except here. A second object, so that no thread ever sees the other's setting."""
        return tokenizers.Tokenizer.from_str(self._plain.to_str())

    # --- making and keeping ---

    @classmethod
    def train(cls, texts: Iterable[str], vocabulary: int, pattern: str = "qwen2") -> Tokenizer:
        """Learn `vocabulary` tokens, special ones included; fewer where the texts hold fewer worth merging.

        Raises EngineError `bad_tokenizer` for an unknown pattern or less than the bytes and special tokens need.
        """
        specials = (END, TURN_START, TURN_END)
        smallest = 256 + len(specials)
        if vocabulary < smallest:
            reason = phrase(
                "a vocabulary has at least {least} tokens (256 bytes and {marks} marks), not {found}",
                least=smallest,
                marks=len(specials),
                found=vocabulary,
            )
            raise EngineError("bad_tokenizer", place=phrase("the recipe"), reason=reason)
        if pattern not in PATTERNS:
            names = {"found": repr(pattern), "known": ", ".join(PATTERNS)}
            reason = phrase("the split pattern {found} is not one of {known}", **names)
            raise EngineError("bad_tokenizer", place=phrase("the recipe"), reason=reason)
        backend = tokenizers.Tokenizer(models.BPE())
        backend.pre_tokenizer = split_patterns.pre_tokenizer(pattern)
        backend.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocabulary - len(specials),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        backend.train_from_iterator((block for text in texts for block in _blocks(_without_surrogates(text))), trainer)
        backend.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in specials])
        return cls(backend, CHAT_TEMPLATE)

    @classmethod
    def load(cls, folder: str | Path) -> Tokenizer:
        """The tokenizer of a folder: its tokenizer.json, else its tokenizer.model.

        Raises EngineError `missing_file`, `bad_json`, `bad_tokenizer`, `bad_template`.
        """
        folder = Path(folder)
        sources = {name: _read(folder / name) for name in _FILES if (folder / name).exists()}
        template = read_template(folder)
        model = folder / "tokenizer.model"
        if "tokenizer.json" not in sources and model.exists():
            backend, begin, end = sentencepiece.load(model)
        else:
            backend, begin, end = _backend(folder / "tokenizer.json"), None, END
        with _refusals(folder):
            return cls(backend, template, _marks(folder, backend, begin, end), sources)

    @classmethod
    def from_file(cls, path: str | Path, end: str = END) -> Tokenizer:
        """The tokenizer in one tokenizer.json, without a template. Raises EngineError as `load` does."""
        path = Path(path)
        backend = _backend(path)
        with _refusals(path):
            return cls(backend, marks=Marks(end=end))

    def save(self, folder: str | Path, context: int | None = None) -> None:
        """Write tokenizer.json, tokenizer_config.json, special_tokens_map.json and chat_template.jinja.

        What came with a model is written as it came, byte for byte, but for a template that was replaced since.
        context: the largest number of positions, said where nothing is said yet.
        """
        folder = Path(folder)
        written = self._sources | {} if "tokenizer_config.json" in self._sources else self._described(context)
        if "tokenizer.json" not in written:
            written["tokenizer.json"] = (self._plain.to_str(pretty=True) + "\n").encode()
        if self.template != self._first_template or "tokenizer_config.json" not in self._sources:
            settings = json.loads(written["tokenizer_config.json"].decode("utf-8-sig"))
            settings.pop("chat_template", None)
            written.pop("chat_template.jinja", None)
            if self.template is not None:
                settings["chat_template"] = self.template
                written["chat_template.jinja"] = self.template.encode()
            written["tokenizer_config.json"] = _json(settings)
        for name, content in written.items():
            files.write_bytes(folder / name, content)

    def _described(self, context: int | None) -> dict[str, bytes]:
        """The files that say which tokens mark what, for a tokenizer that came without them."""
        named = {"bos_token": self.begin_id, "eos_token": self.end_id, "pad_token": self.end_id}
        special = {name: token for name, id in named.items() if (token := self.token(id))}
        if self.begin_id == self.end_id:
            special.pop("bos_token", None)
        frame = [self.token(id) for id in (self.turn_start_id, self.turn_end_id) if id >= 0]
        settings: dict[str, Any] = {
            # Not the class of a family: those rebuild the split pattern and the normaliser from their own idea of it.
            "tokenizer_class": "PreTrainedTokenizerFast",
            "clean_up_tokenization_spaces": False,
            **special,
            "additional_special_tokens": frame,
        }
        if context is not None:
            settings["model_max_length"] = context
        return {
            **self._sources,
            "tokenizer_config.json": _json(settings),
            "special_tokens_map.json": _json({**special, "additional_special_tokens": frame}),
        }

    # --- using ---

    def encode(self, text: str, special: bool = False) -> list[int]:
        """Ids of any text; nothing is added. With `special`, text that spells a special token becomes that token.

        Half surrogate pairs, which no encoding of text has, become U+FFFD.
        Raises EngineError `bad_tokenizer` when a foreign split pattern takes the regular-expression engine too far.
        """
        backend = self._special if special else self._plain
        text = _without_surrogates(text)
        ids: list[int] = []
        with _refusals(phrase("this model")):
            for number, block in enumerate(_blocks(text) if self._cuttable else [text]):
                if number and self.space_prefix:
                    block = block[1:]  # the space it begins with is put before it again
                ids += backend.encode(block, add_special_tokens=False).ids
        return ids

    def piece(self, id: int) -> bytes:
        """The bytes of a token; the text of a special one. Empty for an id the tokenizer does not have."""
        return self._pieces.get(id, b"")

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; bytes that are not UTF-8 show as U+FFFD. The space put before a text is taken off again."""
        text = b"".join(map(self.piece, ids)).decode("utf-8", "replace")
        return text.removeprefix(" ") if self.space_prefix else text

    def token(self, id: int) -> str:
        """The token as tokenizer.json and GGUF spell it, "" where there is none."""
        return self._plain.id_to_token(id) or "" if id >= 0 else ""

    @property
    def merges(self) -> list[str]:
        """The merges in order of rank, each as two tokens with a space between."""
        merges = json.loads(self._plain.to_str())["model"]["merges"]
        return [merge if isinstance(merge, str) else " ".join(merge) for merge in merges]

    @property
    def added(self) -> dict[int, AddedToken]:
        """The library's own words about `added_ids`."""
        return self._plain.get_added_tokens_decoder()


# --- reading what others wrote ---------------------------------------------------------------------------------------


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            reason = phrase("it is far larger than such a file can be")
            raise EngineError("bad_json", place=str(path), reason=reason)
        return path.read_bytes()
    except OSError as error:
        raise from_os_error(error) from error


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file, with or without a byte-order mark. Raises EngineError `bad_json`, or the system's."""
    try:
        data = json.loads(_read(path).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise EngineError("bad_json", detail=str(error), place=str(path), reason=str(error)[:200]) from error
    if not isinstance(data, dict):
        raise EngineError("bad_json", place=str(path), reason=phrase("it is not an object"))
    return data


def read_template(folder: Path) -> str | None:
    """The chat template of a folder: its own file, else in tokenizer_config.json. Raises EngineError `bad_template`."""
    file = folder / "chat_template.jinja"
    if file.exists():
        try:
            return file.read_bytes().decode("utf-8-sig")
        except ValueError as error:
            found = phrase("not UTF-8")
            raise EngineError("bad_template", detail=str(error), place=str(file), found=found) from error
    settings = folder / "tokenizer_config.json"
    return template_of(read_json(settings), settings) if settings.exists() else None


def template_of(settings: dict[str, Any], place: Path) -> str | None:
    """The chat template in a tokenizer_config.json: text, or a list of named ones of which `default` counts."""
    template = settings.get("chat_template")
    if isinstance(template, list):
        defaults = (entry for entry in template if isinstance(entry, dict) and entry.get("name") == "default")
        template = next(defaults, {}).get("template")
    if template is None or isinstance(template, str):
        return template
    raise EngineError("bad_template", place=str(place), found=json.dumps(template)[:40])


def _backend(path: Path) -> tokenizers.Tokenizer:
    """The library's form of one tokenizer.json. Raises EngineError `missing_file`, `bad_json`, `bad_tokenizer`."""
    if not path.exists():
        raise EngineError("missing_file", place=str(path.parent), file=path.name)
    data = read_json(path)
    _check(data, path)
    with _refusals(path):
        return tokenizers.Tokenizer.from_str(json.dumps(data, ensure_ascii=False))


def _marks(folder: Path, backend: tokenizers.Tokenizer, begin: str | None, end: str | None) -> Marks:
    """What the files of a folder name, and where they name nothing these two."""
    names = ("tokenizer_config.json", "special_tokens_map.json", "generation_config.json", "config.json")
    settings = {name: read_json(folder / name) if (folder / name).exists() else {} for name in names}

    def ids(kind: str) -> list[int]:
        found = [settings[name].get(f"{kind}_token_id") for name in names[2:]]
        flat = [id for value in found for id in (value if isinstance(value, list) else [value])]
        return [id for id in flat if isinstance(id, int) and not isinstance(id, bool) and id >= 0]

    def token(kind: str) -> str | None:
        for name in names[:2]:
            value = settings[name].get(f"{kind}_token")
            if isinstance(value, dict):  # older files keep the token's options beside its text
                value = value.get("content")
            if isinstance(value, str):
                return value
        # The numbers in the other files often repeat the end where there is no beginning.
        known = ids(kind) if not settings[names[0]] else []
        return next((text for id in known if (text := backend.id_to_token(id))), None)

    adds = settings[names[0]].get("add_bos_token")
    adds_begin = adds if isinstance(adds, bool) else None
    return Marks(token("bos") or begin, token("eos") or end, adds_begin, tuple(ids("eos")))


def _check(data: dict[str, Any], path: Path) -> None:
    """Refuse what the library would take and get wrong: ids given twice, and tokens that are not bytes."""

    def refuse(reason: Phrase) -> EngineError:
        return EngineError("bad_tokenizer", place=str(path), reason=reason)

    model, decoder, added = data.get("model"), data.get("decoder"), data.get("added_tokens") or []
    vocab = model.get("vocab") if isinstance(model, dict) else None
    if not isinstance(model, dict) or not isinstance(vocab, dict) or model.get("type", "BPE") != "BPE":
        raise refuse(phrase("it is not a byte-pair encoding"))
    if "ByteLevel" not in json.dumps(decoder) and not (model.get("byte_fallback") and "Byte" in json.dumps(decoder)):
        raise refuse(phrase("it does not work on bytes, so it would lose the texts it has no tokens for"))
    if not isinstance(added, list) or not all(isinstance(token, dict) for token in added):
        raise refuse(phrase("its added tokens are not a list of objects"))
    owners: dict[int, str] = {}
    for token, id in [*vocab.items(), *((token.get("content"), token.get("id")) for token in added)]:
        if not isinstance(token, str) or not isinstance(id, int) or isinstance(id, bool) or id < 0:
            name = repr(str(token)[:40])
            raise refuse(phrase("the token {token} has no whole number as its id", token=name))
        if owners.setdefault(id, token) != token:
            names = {"first": repr(owners[id]), "second": repr(token)}
            raise refuse(phrase("the tokens {first} and {second} share the id {id}", **names, id=id))


@contextmanager
def _refusals(place: str | Path) -> Iterator[None]:
    """The library's complaints as ours, its panics included, which are not `Exception`s."""
    try:
        yield
    except (EngineError, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        runaway = "retry-limit" in str(error)  # Oniguruma stops a search after ten million steps
        reason = phrase("its split pattern takes too long on this text") if runaway else str(error)[:200]
        raise EngineError("bad_tokenizer", detail=str(error), place=str(place), reason=reason) from error


# --- bytes and blocks ----------------------------------------------------------------------------------------------


def _byte_characters() -> dict[str, int]:
    """GPT-2's alphabet: bytes that print stand for themselves, the others for characters from U+0100 on."""
    printing = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in printing]
    return {chr(byte): byte for byte in printing} | {chr(256 + n): byte for n, byte in enumerate(hidden)}


def _pieces(backend: tokenizers.Tokenizer, added: dict[int, AddedToken], byte_level: bool) -> dict[int, bytes]:
    """The bytes of every id."""
    spell = _spelled_bytes if byte_level else _spelled_text
    pieces = {id: spell(token) for token, id in backend.get_vocab(with_added_tokens=False).items()}
    return pieces | {id: token.content.encode() for id, token in added.items()}


_ALPHABET = _byte_characters()


def _spelled_bytes(token: str) -> bytes:
    known = all(character in _ALPHABET for character in token)
    return bytes(_ALPHABET[character] for character in token) if known else token.encode()


def _spelled_text(token: str) -> bytes:
    byte = sentencepiece.byte_of(token)
    return token.replace(sentencepiece.SPACE, " ").encode() if byte is None else bytes([byte])


def _reaches_over_a_cut(token: AddedToken) -> bool:
    """Whether a token found in a text may take what stands on both sides of a place in `_CUT`."""
    return (
        " " in token.content
        or bool(token.lstrip and token.content[:1].isalpha())
        or bool(token.rstrip and token.content[-1:].isalpha())
    )


def _blocks(text: str) -> Iterator[str]:
    """The text in pieces of about `_BLOCK` characters, none of which a split pattern would have joined."""
    start = 0
    while start < len(text):
        place = _CUT.search(text, start + _BLOCK)
        end = place.start() if place else len(text)
        yield text[start:end]
        start = end


def _without_surrogates(text: str) -> str:
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
