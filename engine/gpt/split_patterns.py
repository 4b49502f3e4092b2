"""How byte-level tokenizers part a text before they merge bytes, under the names llama.cpp has for it.

llama.cpp knows a fixed set of such patterns and takes no other. So a tokenizer of ours is trained with one of
them, one that comes with a model is recognised, and one in a GGUF file is built from its name.
"""

from __future__ import annotations

from typing import Any

import tokenizers
from tokenizers import pre_tokenizers

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


# The patterns as llama.cpp has them. The models' own files ignore case by (?i:…), which also takes 'ſ for 's.
_IGNORING_CASE = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_EITHER_CASE = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
_WORDS = r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_ONE_DIGIT, _THREE_DIGITS = _EITHER_CASE + _WORDS % "", _EITHER_CASE + _WORDS % "{1,3}"
_DIGIT = r"\p{N}"

# What a name stands for: expressions that part a text, one after the other.
_EXPRESSIONS = {
    "gpt-2": (_GPT2,),
    "qwen2": (_ONE_DIGIT,),
    "llama-bpe": (_THREE_DIGITS,),
    "dbrx": (_THREE_DIGITS,),
    "smollm": (_DIGIT, _GPT2),
}

# With `llama-bpe`, llama.cpp takes a word that is a token without merging it (`ignore_merges`); with others never.
_TAKES_WHOLE_WORDS = ("llama-bpe",)

# Further names that llama.cpp has for the same.
_OTHER_NAMES = {
    "phi-2": "gpt-2",
    "olmo": "gpt-2",
    "mpt": "gpt-2",
    "exaone4": "gpt-2",
    "deepseek-r1-qwen": "qwen2",
    "stablelm2": "qwen2",
    "megrez": "qwen2",
    "llama3": "llama-bpe",
    "llama-v3": "llama-bpe",
    "falcon3": "llama-bpe",
    "smaug-bpe": "dbrx",
    "chatglm-bpe": "dbrx",
    "glm4": "dbrx",
    "starcoder": "smollm",
    "refact": "smollm",
    "command-r": "smollm",
    "codeshell": "smollm",
    "exaone": "smollm",
}


def _spellings() -> dict[str, tuple[str, ...]]:
    """Every way in which a tokenizer.json spells one of the expressions, and the names it can have."""
    table: dict[str, tuple[str, ...]] = {}
    for expression, names in ((_ONE_DIGIT, ("qwen2",)), (_THREE_DIGITS, ("llama-bpe", "dbrx")), (_GPT2, ("gpt-2",))):
        original = expression.replace(_EITHER_CASE, _IGNORING_CASE)
        table |= dict.fromkeys((expression, original, _before_unicode_16(expression)), names)
    return table


_SPELLINGS = _spellings()


def known(name: str) -> str | None:
    """Our name for a pattern of llama.cpp's, None for one we do not have."""
    name = _OTHER_NAMES.get(name, name)
    return name if name in _EXPRESSIONS else None


def takes_whole_words(name: str) -> bool:
    """Whether a word that is itself a token becomes it even where no merges lead there."""
    return name in _TAKES_WHOLE_WORDS


def pre_tokenizer(name: str) -> pre_tokenizers.PreTokenizer:
    """Split as llama.cpp does, then spell bytes. Raises KeyError for a name that is not `known`."""
    splits = [
        pre_tokenizers.Split(tokenizers.Regex(_before_unicode_16(expression)), behavior="isolated")
        for expression in _EXPRESSIONS[name]
    ]
    return pre_tokenizers.Sequence([*splits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def recognise(data: dict[str, Any]) -> str:
    """llama.cpp's name for the way a byte-level tokenizer.json splits text, or "".

    Accents composed by NFC are allowed: llama.cpp never composes them, and does without in the models' own files.
    """
    steps = data.get("pre_tokenizer") or {}
    steps = steps["pretokenizers"] if steps.get("type") == "Sequence" else [steps]
    if (data.get("normalizer") or {}).get("type") not in (None, "NFC"):
        return ""
    names = _of_steps([{key: value for key, value in step.items() if key != "trim_offsets"} for step in steps])
    whole = bool(data["model"].get("ignore_merges"))
    return next((name for name in names if takes_whole_words(name) == whole), "")


def _of_steps(steps: list[dict[str, Any]]) -> tuple[str, ...]:
    """The names of a chain of pre-tokenizers."""
    gpt2 = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
    spelling = gpt2 | {"use_regex": False}
    match steps:
        case [last] if last == gpt2:
            return ("gpt-2",)
        case [{"type": "Digits", "individual_digits": True}, last] if last == gpt2:
            return ("smollm",)
        case [*splits, last] if splits and last == spelling and all(map(_parts, splits)):
            expressions = [split["pattern"].get("Regex", "") for split in splits]
            if len(expressions) == 2 and expressions[0] in (_DIGIT, _before_unicode_16(_DIGIT)):
                return ("smollm",) if "gpt-2" in _SPELLINGS.get(expressions[1], ()) else ()
            return _SPELLINGS.get(expressions[0], ()) if len(expressions) == 1 else ()
    return ()


def _parts(step: dict[str, Any]) -> bool:
    """Whether a step parts a text and keeps all of it."""
    return step.get("type") == "Split" and step["behavior"] == "Isolated" and not step["invert"]
