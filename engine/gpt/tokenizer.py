"""The tokenizer: byte-level BPE of the `tokenizers` library, with a split pattern that llama.cpp knows.

Any text becomes ids and comes back unchanged: the smallest tokens are the 256 bytes. The ids of an exported GGUF are
the same because llama.cpp splits text by the same pattern (its name there: `Tokenizer.pattern`) and never normalises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import AddedToken, decoders, models, pre_tokenizers, trainers

from engine import files
from engine.errors import EngineError, from_os_error

END, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"

# ChatML: every message between its marks; a system message is a message like any other, and may be absent.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

# The two patterns as llama.cpp has them. Qwen's own tokenizer.json ignores case by (?i:…), which also takes 'ſ for 's.
_QWEN2_ORIGINAL = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_QWEN2_LLAMA = _QWEN2_ORIGINAL.replace(
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)", "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
)
_GPT2_LLAMA = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

# Letters and digits of Unicode 16. The expressions of `tokenizers` know them, the tables of the llama.cpp we pin
# (Unicode 15.1) do not: patterns of ours leave them out, or the two would split such a text differently.
_UNICODE_16 = (
    r"\x{1C89}-\x{1C8A}\x{A7CB}-\x{A7CD}\x{A7DA}-\x{A7DC}\x{105C0}-\x{105F3}\x{10D40}-\x{10D85}\x{10EC2}-\x{10EC4}"
    r"\x{11380}-\x{113D3}\x{116D0}-\x{116E3}\x{11BC0}-\x{11BF9}\x{13460}-\x{143FA}\x{16100}-\x{16139}"
    r"\x{16D40}-\x{16D79}\x{18CFF}\x{1CCF0}-\x{1CCF9}\x{1E5D0}-\x{1E5FA}"
)


def _before_unicode_16(pattern: str) -> str:
    for known in (r"\p{L}", r"\p{N}"):
        pattern = pattern.replace(known, f"[{known}&&[^{_UNICODE_16}]]")
    return pattern


_QWEN2, _GPT2 = _before_unicode_16(_QWEN2_LLAMA), _before_unicode_16(_GPT2_LLAMA)
_SPELLINGS = {_QWEN2: "qwen2", _QWEN2_LLAMA: "qwen2", _QWEN2_ORIGINAL: "qwen2", _GPT2: "gpt-2", _GPT2_LLAMA: "gpt-2"}

PATTERNS = ("qwen2", "gpt-2")

_LARGEST_FILE = 200 * 2**20

# The library needs two hundred times the memory of a text it is given whole, so it gets blocks. Both patterns end a
# token between a letter and a space before a letter, whatever stands around them.
_BLOCK = 2**16  # characters
_CUT = re.compile(r"(?<=[A-Za-z])(?= [A-Za-z])")


class Tokenizer:
    """Text to ids and back. Absent special tokens have the id -1, which no model produces.

    vocabulary: number of ids, special ones included. pattern: `qwen2`, `gpt-2`, or "" for one we cannot export.
    template: the chat template (Jinja) or None. added_ids: tokens that are whole words of their own; special_ids: those
    of them that mark rather than say something. end_id ends a text; turn_start_id and turn_end_id frame a message.
    """

    def __init__(self, backend: tokenizers.Tokenizer, template: str | None = None, end: str = END) -> None:
        backend.no_truncation()
        backend.no_padding()
        backend.encode_special_tokens = True  # special tokens in a text stay text...
        self._plain = backend
        self.template = template
        added = backend.get_added_tokens_decoder()
        self._pieces = _pieces(backend, added)
        self.added_ids = frozenset(added)
        self.special_ids = frozenset(id for id, token in added.items() if token.special)
        self.vocabulary = 1 + max(self._pieces, default=-1)
        self.pattern = _pattern(json.loads(backend.to_str()))
        self._cuttable = bool(self.pattern) and not any(
            " " in token.content or token.lstrip or token.rstrip for token in added.values()
        )
        self.end_id, self.turn_start_id, self.turn_end_id = (
            -1 if (id := backend.token_to_id(token)) is None else id for token in (end, TURN_START, TURN_END)
        )

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
            reason = (
                f"a vocabulary has at least {smallest} tokens (256 bytes and {len(specials)} marks), not {vocabulary}"
            )
            raise EngineError("bad_tokenizer", place="the recipe", reason=reason)
        backend = tokenizers.Tokenizer(models.BPE())
        backend.pre_tokenizer = _pre_tokenizer(pattern)
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
        """The tokenizer of a folder. Raises EngineError `missing_file`, `bad_json`, `bad_tokenizer`, `bad_template`."""
        folder = Path(folder)
        settings_path = folder / "tokenizer_config.json"
        settings = read_json(settings_path) if settings_path.exists() else {}
        end = settings.get("eos_token")
        if isinstance(end, dict):  # older files keep the token's options beside its text
            end = end.get("content")
        tokenizer = cls.from_file(folder / "tokenizer.json", end if isinstance(end, str) else END)
        tokenizer.template = read_template(folder)
        return tokenizer

    @classmethod
    def from_file(cls, path: str | Path, end: str = END) -> Tokenizer:
        """The tokenizer in one tokenizer.json, without a template. Raises EngineError as `load` does."""
        path = Path(path)
        if not path.exists():
            raise EngineError("missing_file", place=str(path.parent), file=path.name)
        data = read_json(path)
        _check(data, path)
        with _refusals(path):
            return cls(tokenizers.Tokenizer.from_str(json.dumps(data, ensure_ascii=False)), end=end)

    def save(self, folder: str | Path, context: int | None = None) -> None:
        """Write tokenizer.json, tokenizer_config.json, special_tokens_map.json and chat_template.jinja."""
        folder = Path(folder)
        special = {"eos_token": self.token(self.end_id), "pad_token": self.token(self.end_id)}
        frame = [self.token(id) for id in (self.turn_start_id, self.turn_end_id) if id >= 0]
        special = {name: token for name, token in special.items() if token}
        settings: dict[str, Any] = {
            # Not the class of a family: those rebuild the split pattern and the normaliser from their own idea of it.
            "tokenizer_class": "PreTrainedTokenizerFast",
            "clean_up_tokenization_spaces": False,
            **special,
            "additional_special_tokens": frame,
        }
        if context is not None:
            settings["model_max_length"] = context
        if self.template is not None:
            settings["chat_template"] = self.template
            files.write_bytes(folder / "chat_template.jinja", self.template.encode())
        files.write_bytes(folder / "tokenizer.json", (self._plain.to_str(pretty=True) + "\n").encode())
        files.write_json(folder / "tokenizer_config.json", settings)
        files.write_json(folder / "special_tokens_map.json", {**special, "additional_special_tokens": frame})

    # --- using ---

    def encode(self, text: str, special: bool = False) -> list[int]:
        """Ids of any text; nothing is added. With `special`, text that spells a special token becomes that token.

        Half surrogate pairs, which no encoding of text has, become U+FFFD.
        Raises EngineError `bad_tokenizer` when a foreign split pattern takes the regular-expression engine too far.
        """
        backend = self._special if special else self._plain
        text = _without_surrogates(text)
        ids: list[int] = []
        with _refusals("this model"):
            for block in _blocks(text) if self._cuttable else [text]:
                ids += backend.encode(block, add_special_tokens=False).ids
        return ids

    def piece(self, id: int) -> bytes:
        """The bytes of a token; the text of a special one. Empty for an id the tokenizer does not have."""
        return self._pieces.get(id, b"")

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; bytes that are not UTF-8 show as U+FFFD."""
        return b"".join(map(self.piece, ids)).decode("utf-8", "replace")

    def token(self, id: int) -> str:
        """The token as tokenizer.json and GGUF spell it (one printable character a byte), "" where there is none."""
        return self._plain.id_to_token(id) or "" if id >= 0 else ""

    @property
    def merges(self) -> list[str]:
        """The merges in order of rank, each as two tokens with a space between."""
        merges = json.loads(self._plain.to_str())["model"]["merges"]
        return [merge if isinstance(merge, str) else " ".join(merge) for merge in merges]


# --- reading what others wrote ---------------------------------------------------------------------------------------


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file, with or without a byte-order mark. Raises EngineError `bad_json`, or the system's."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise EngineError("bad_json", place=str(path), reason="it is far larger than such a file can be")
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise from_os_error(error) from error
    except (ValueError, RecursionError) as error:
        raise EngineError("bad_json", detail=str(error), place=str(path), reason=str(error)[:200]) from error
    if not isinstance(data, dict):
        raise EngineError("bad_json", place=str(path), reason="it is not an object")
    return data


def read_template(folder: Path) -> str | None:
    """The chat template of a folder: its own file, else in tokenizer_config.json. Raises EngineError `bad_template`."""
    file = folder / "chat_template.jinja"
    if file.exists():
        try:
            return file.read_bytes().decode("utf-8-sig")
        except ValueError as error:
            raise EngineError("bad_template", detail=str(error), place=str(file), found="not UTF-8") from error
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


def _check(data: dict[str, Any], path: Path) -> None:
    """Refuse what the library would take and get wrong: ids given twice, and tokens that are not bytes."""

    def refuse(reason: str) -> EngineError:
        return EngineError("bad_tokenizer", place=str(path), reason=reason)

    model, decoder, added = data.get("model"), data.get("decoder"), data.get("added_tokens") or []
    vocab = model.get("vocab") if isinstance(model, dict) else None
    if not isinstance(model, dict) or not isinstance(vocab, dict) or model.get("type", "BPE") != "BPE":
        raise refuse("it is not a byte-pair encoding")
    if "ByteLevel" not in json.dumps(decoder):
        raise refuse("it does not work on bytes, as Seedling's own model does")
    if not isinstance(added, list) or not all(isinstance(token, dict) for token in added):
        raise refuse("its added tokens are not a list of objects")
    owners: dict[int, str] = {}
    for token, id in [*vocab.items(), *((token.get("content"), token.get("id")) for token in added)]:
        if not isinstance(token, str) or not isinstance(id, int) or isinstance(id, bool) or id < 0:
            raise refuse(f"the token {str(token)[:40]!r} has no whole number as its id")
        if owners.setdefault(id, token) != token:
            raise refuse(f"the tokens {owners[id]!r} and {token!r} share the id {id}")


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
        reason = "its split pattern takes too long on this text" if runaway else str(error)[:200]
        raise EngineError("bad_tokenizer", detail=str(error), place=str(place), reason=reason) from error


# --- patterns and bytes ----------------------------------------------------------------------------------------------


def _pre_tokenizer(pattern: str) -> pre_tokenizers.PreTokenizer:
    expressions = {"qwen2": _QWEN2, "gpt-2": _GPT2}
    if pattern not in expressions:
        reason = f"the split pattern {pattern!r} is not one of {', '.join(PATTERNS)}"
        raise EngineError("bad_tokenizer", place="the recipe", reason=reason)
    split = pre_tokenizers.Split(tokenizers.Regex(expressions[pattern]), behavior="isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def _pattern(data: dict[str, Any]) -> str:
    """The name llama.cpp has for the way a tokenizer.json splits text, or ""."""
    steps = data.get("pre_tokenizer") or {}
    steps = steps["pretokenizers"] if steps.get("type") == "Sequence" else [steps]
    normalizer = (data.get("normalizer") or {}).get("type")
    match steps:
        case [{"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}] if normalizer is None:
            return "gpt-2"
        case [
            {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False},
            {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False},
        ] if normalizer in (None, "NFC"):
            return _SPELLINGS.get(regex, "")
    return ""


def _byte_characters() -> dict[str, int]:
    """GPT-2's alphabet: bytes that print stand for themselves, the others for characters from U+0100 on."""
    printing = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in printing]
    return {chr(byte): byte for byte in printing} | {chr(256 + n): byte for n, byte in enumerate(hidden)}


def _pieces(backend: tokenizers.Tokenizer, added: dict[int, AddedToken]) -> dict[int, bytes]:
    """The bytes of every id."""
    alphabet = _byte_characters()
    pieces = {}
    for token, id in backend.get_vocab(with_added_tokens=False).items():
        known = all(character in alphabet for character in token)
        pieces[id] = bytes(alphabet[character] for character in token) if known else token.encode()
    return pieces | {id: token.content.encode() for id, token in added.items()}


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
