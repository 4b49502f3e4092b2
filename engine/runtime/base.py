"""The runtime protocol: tokens in, logits out. `llama.py` and `gpt.py` speak it; nothing else evaluates a model.

One thread owns a runtime. `open_runtime` imports only the runtime that is needed.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from engine import hardware
from engine.errors import EngineError
from engine.phrases import Phrase, phrase

if TYPE_CHECKING:
    import numpy as np

    from engine.library.memory_fit import Need
    from engine.runtime.saved_state import Held, State

Want = Literal["last", "all"]
OnProgress = Callable[[int, int], None]

DEFAULT_CONTEXT = 4096  # positions, when none are asked for; the trained context where that is shorter

# What keys and values may be kept as (llama.cpp's names), and how tokens may be guessed ahead.
CACHE_TYPES = ("f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0")
SPECULATIONS = ("none", "lookup", "draft")

# How many of the likeliest tokens stand beside a chosen one, where choices are asked for.
ALTERNATIVES = 8

# Why what a prompt begins with was not taken from the cache, or not all of it. Of a runtime:
#   first      nothing was read since the model was opened
#   changed    the prompt parts from what was read (an edit, another conversation, another template), at the very token
#              that is evaluated first
#   adapters   others were laid over the model since
#   stopped    an evaluation that was stopped or failed took the cache with it
#   recurrent  the model's state cannot go back to where the prompt parts from it (Mamba, RWKV, hybrids of them)
#   window     the model looks back on a window only, and what was before that is no longer held
# and of a conversation beyond that:
#   model      it was read, or a reply in it was written, by another model
#   options    what was kept of it on disk is of a cache with other options,
#   program    or written by another build of llama.cpp,
#   template   or of another template (adapters and model are told as above)
CacheReason = Literal[
    "first", "changed", "adapters", "stopped", "recurrent", "window", "model", "options", "program", "template"
]


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen. Applied in this order, llama.cpp's own:
    repetition penalty, top-k, top-p, min-p, temperature, draw.

    temperature: 0 always takes the likeliest token.
    top_k: keep the k likeliest; 0 keeps all.
    top_p: keep the smallest set whose probability reaches p; 1 keeps all.
    min_p: drop tokens below this share of the likeliest one's probability; 0 keeps all.
    repetition_penalty: above 1 makes tokens of the last `penalty_window` less likely; 1 is off.
    seed: None draws a new one each time.
    Raises EngineError `bad_option` for a value outside its range.
    """

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repetition_penalty: float = 1.0
    penalty_window: int = 64
    seed: int | None = None

    def __post_init__(self) -> None:
        check_option("temperature", self.temperature, least=0, most=1000)
        check_option("top_k", self.top_k, least=0, most=2**31 - 1, whole=True)
        check_option("top_p", self.top_p, least=0, most=1)
        check_option("min_p", self.min_p, least=0, most=1)
        check_option("repetition_penalty", self.repetition_penalty, least=0.01, most=100)
        check_option("penalty_window", self.penalty_window, least=0, most=2**31 - 1, whole=True)
        check_option("seed", self.seed, least=0, most=2**63 - 1, whole=True)


@dataclass(frozen=True)
class Token:
    """One generated token. `end` marks the token that ends the text (its piece is not part of it).

    Where choices were asked for: probability is what the model itself gave it (softmax of its logits at temperature 1,
    before penalties and samplers), and alternatives are the likeliest ids with theirs, best first, which may be among
    them.
    """

    id: int
    piece: bytes
    end: bool = False
    probability: float | None = None
    alternatives: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class RuntimeInfo:
    """What there is to know about an opened model."""

    name: str
    architecture: str
    backend: str  # "llama" or "gpt"
    context: int  # positions available: min(asked, trained)
    trained_context: int
    vocabulary: int
    parameters: int
    size_bytes: int
    fingerprint: str  # hex; equal files have equal fingerprints
    template: str | None  # chat template (Jinja), as the file carries it; never trusted
    bos_token: str
    eos_token: str
    adds_bos: bool  # the tokenizer puts a beginning-of-text token before a text


class Runtime(Protocol):
    """A model that evaluates tokens. Positions, batches and the context are checked here, with our errors."""

    info: RuntimeInfo
    reused: int  # how many tokens of the last `evaluate` or `generate` came from the cache
    cache_reason: CacheReason | None  # why no more of them did; None where the rest was new, or nothing was asked yet
    drafted: int  # how many tokens the last `generate` guessed
    accepted: int  # and how many of them were right
    memory: tuple[Need, int] | None  # when it was opened: predicted, and measured in bytes; None where nobody knows

    def tokenize(self, text: str, special: bool) -> list[int]:
        """Ids of `text`; with `special`, text that spells a special token becomes that token. Adds no BOS."""

    def piece(self, id: int) -> bytes:
        """The bytes of a token, whatever their length; special tokens give the text they are written as."""

    def is_end(self, id: int) -> bool:
        """Whether this token ends a text."""

    def evaluate(self, ids: Sequence[int], want: Want = "last") -> np.ndarray:
        """Logits, float32: (1, vocabulary) for "last", (len(ids), vocabulary) for "all".

        The longest common prefix with what is in the cache is not evaluated again; `reused` says how
        much that was (always 0 for "all"). Raises EngineError `context_overflow`, `empty_prompt`, `bad_token`.
        """

    def generate(
        self,
        ids: Sequence[int],
        sampling: Sampling,
        cancelled: threading.Event | None = None,
        progress: OnProgress | None = None,
        choices: int = 0,
    ) -> Iterator[Token]:
        """Tokens after `ids`, until one ends the text, the context is full, or `cancelled` is set.

        `progress(done, total)` is called before, between and after the chunks of the prompt. With `choices` every token
        has its probability and so many alternatives.
        Raises EngineError as `evaluate` does, and `not_a_number` when the model's weights are broken.
        """

    def set_adapters(self, pairs: Sequence[tuple[Path | str, float]]) -> None:
        """Lay these adapters over the model and no others, each with its strength: 1 for as it was trained.

        Raises EngineError and changes nothing where one does not fit. When they change, the cache is given up.
        """

    def held(self) -> Held:
        """What the cache holds now, and what a state of it would be."""

    def copy_state(self) -> State:
        """A copy of the cache and the ids in it."""

    def save_state(self) -> bytes:
        """The same in one piece, to be loaded into a runtime of the same model and options."""

    def load_state(self, state: bytes | memoryview, stopped: threading.Event | None = None) -> None:
        """Make this the cache, unless it is `stopped` before. Whoever calls answers for where the bytes come from.

        Raises EngineError `bad_state` and keeps the present cache if `state` does not fit.
        """

    def close(self) -> None:
        """Free the model. Closing twice does nothing."""


def check_option(name: str, value: object, least: float, most: float = math.inf, whole: bool = False) -> None:
    """Raises EngineError `bad_option` unless the value is None or a number from `least` to `most`."""
    if value is None:
        return
    is_number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if is_number and math.isfinite(value) and least <= value <= most:  # type: ignore[arg-type, operator]
        return
    raise EngineError("bad_option", option=name, expected=_number(least, most, whole), value=value)


def _number(least: float, most: float, whole: bool) -> Phrase:
    if most != math.inf:
        if whole:
            return phrase("a whole number from {least:,} to {most:,}", least=least, most=most)
        return phrase("a number from {least:,} to {most:,}", least=least, most=most)
    if whole:
        return phrase("a whole number of at least {least:,}", least=least)
    if least == -math.inf:
        return phrase("a number")
    return phrase("a number of at least {least:,}", least=least)


def check_choice(name: str, value: object, choices: Sequence[object]) -> None:
    """Raises EngineError `bad_option` unless the value is None or one of these."""
    if value is not None and not any(value is choice or (type(value) is str and value == choice) for choice in choices):
        raise EngineError("bad_option", option=name, expected=one_of(choices), value=value)


def one_of(choices: Sequence[object]) -> str:
    """What an option must be that has these choices."""
    if len(choices) == 2:
        return phrase("{one} or {other}", one=str(choices[0]), other=str(choices[1]))
    names = ", ".join(map(str, choices))
    return phrase("one of {known}", known=names) if len(choices) > 1 else names


def check_memory(name: str, needed: int, percent: int | None) -> None:
    """Refuse a model before it is loaded. needed: bytes of all it takes; percent: None allows everything.

    Raises EngineError `memory_share` when that is more than this share of the memory there is.
    """
    check_option("memory_percent", percent, least=1, most=100, whole=True)
    if percent is None:
        return
    limit = hardware.memory().total * percent // 100
    if needed > limit:
        needs, takes = hardware.size_text(needed), hardware.size_text(limit)
        raise EngineError("memory_share", name=name, needed=needs, limit=takes, percent=percent)


def check_ids(ids: Sequence[int], vocabulary: int, context: int) -> list[int]:
    """The ids as a list. Raises EngineError `empty_prompt`, `context_overflow` or `bad_token`."""
    checked = [int(id) for id in ids]
    if not checked:
        raise EngineError("empty_prompt")
    if len(checked) > context:
        raise EngineError("context_overflow", asked=len(checked), context=context)
    if min(checked) < 0 or max(checked) >= vocabulary:
        wrong = next(id for id in checked if not 0 <= id < vocabulary)
        raise EngineError("bad_token", id=wrong, vocabulary=vocabulary)
    return checked


def cache_reason(
    held: Sequence[int], ids: Sequence[int], reused: int, emptied: CacheReason, bound: CacheReason
) -> CacheReason | None:
    """Why a cache that held some ids gave a prompt no more than `reused` of them; None where the rest is new.

    emptied: why the cache was empty, if it was. bound: why it could not go back to where the prompt parts from it.
    """
    common = common_prefix(held, ids[:-1])
    if reused < common:
        return bound
    if not held:
        return emptied
    return "changed" if common < min(len(held), len(ids) - 1) else None


def common_prefix(one: Sequence[int], other: Sequence[int]) -> int:
    """How many ids both begin with."""
    length = 0
    for mine, yours in zip(one, other, strict=False):
        if mine != yours:
            break
        length += 1
    return length


# Options that only llama.cpp has; beside each, what asks for nothing and so suits every model.
_LLAMA_ONLY: dict[str, tuple[object, ...]] = {
    "gpu_layers": (0,),
    "batch": (),
    "cache_type": (),
    "flash_attention": (False,),
    "mmap": (False,),
    "mlock": (False,),
    "speculation": ("none",),
    "draft_model": (),
    "adapters": ((), []),
}


def open_runtime(model: str | Path, backend: str | None = None, **options: Any) -> Runtime:
    """Open a model by library name, GGUF path, model folder path, or `starter`.

    backend: "llama" or "gpt"; None takes the one that fits the file.
    options: context (positions), threads, memory_percent (the share of this machine's memory that a model
    may take; None for no limit; not looked at where a graphics processor holds them), on_load (called with the share
    loaded, 0 to 1), and for llama those of `LlamaOptions`, where adapters and the draft model may be called by their
    names in the library. None is automatic.
    Raises EngineError with the reason when the model does not open.
    """
    from engine.library.models import resolve

    entry = resolve(model, backend)
    if entry.backend == "llama":
        from engine.runtime.llama import LlamaRuntime

        if options.get("draft_model") is not None:
            options["draft_model"] = resolve(options["draft_model"], "llama").path
        if "adapters" in options:
            options["adapters"] = placed_adapters(options["adapters"])
        return LlamaRuntime(entry.path, name=entry.name, **options)
    from engine.runtime.gpt import GPTRuntime

    for option in options.keys() & _LLAMA_ONLY.keys():
        if (value := options.pop(option)) is not None and value not in _LLAMA_ONLY[option]:
            raise EngineError("option_of_llama", name=entry.name, option=option)
    return GPTRuntime(entry.path, name=entry.name, **options)


def placed_adapters(pairs: Sequence[tuple[str | Path, float]] | None) -> list[tuple[Path, float]]:
    """Adapters by their paths, and not by their names in the library. Raises EngineError where there is none."""
    from engine.library.models import find_here

    return [(find_here(adapter).path, strength) for adapter, strength in pairs or ()]
