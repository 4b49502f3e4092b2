"""The proof behind `export --check`: the exported file, run by llama.cpp, does what the model does in torch.

`check_parity` is for the float32 form: same token ids, same logits, same greedy text. `check_likeness` is for the
other types, which are rounded on purpose: how far their predictions are from the model's on a committed text.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (everyone's name for it)
from torch import Tensor
from torch.overrides import TorchFunctionMode

from engine.errors import EngineError
from engine.gpt.gguf import context_of
from engine.gpt.model import GPT, KVCache
from engine.gpt.tokenizer import TURN_END, TURN_START, Tokenizer
from engine.hardware import threads_for
from engine.paths import resource
from engine.phrases import Phrase, phrase
from engine.runtime.base import Runtime

POSITIONS = 64  # of which the logits are compared
GREEDY_TOKENS = 256
TOLERANCE = 1e-4  # between two logits; float32 sums in another order differ by a tenth of it
ADAPTER_TOLERANCE = 1e-3  # where a matrix and its adapter's product are multiplied apart on one side only
WINDOW = 512  # positions evaluated at once, at most
TEXT_POSITIONS = 2048  # of the text that the types are judged on

# Beside the committed text. Only what models from anywhere agree on: llama.cpp never composes accents, for example.
_PROBE = f"{TURN_START}I'LL don't 1234\t \n\n  naïve 日本語 \x00 🧑\u200d🚀{TURN_END}"


@dataclass(frozen=True)
class Parity:
    """What was found equal: logits at `positions` of a text and where each greedy token was chosen, and the tokens.

    rounding: how far llama.cpp's own GELU table moves these logits (see `_GeluTable`). limit: what the difference was
    held to. ties: greedy tokens that differ because two logits are the same.
    """

    positions: int
    max_logit_difference: float
    limit: float
    rounding: float
    greedy_tokens: int
    ties: tuple[int, ...]


@dataclass(frozen=True)
class Likeness:
    """How the file's predictions differ from the model's: KL(model || file) in nats, and the text's perplexity."""

    positions: int
    mean_kl: float
    kl_99: float  # 99th percentile
    same_argmax: float  # share of positions
    perplexity: float
    file_perplexity: float


@dataclass(frozen=True)
class Limits:
    """The worst `Likeness` that a type may show."""

    mean_kl: float
    kl_99: float
    same_argmax: float
    perplexity: float  # ratio of the file's to the model's


# Where the numbers come from. f16 and bf16 keep 11 and 8 bits: models trained by us (0.1 to 2 million parameters) gave
# a mean KL of 1e-7 and 6e-6, random ones with large activations forty times that. For the others llama.cpp publishes
# Llama 3 8B, a harder case than ours (a twentieth of it): mean KL 0.0014 for q8_0, 0.0057 q6_k, 0.011 q5_k_m,
# 0.031 q4_k_m, 0.10 q3_k_m, 0.45 q2_k (its tools/perplexity/README.md). Three times that is allowed, ten times as much
# at the 99th percentile, and for q8_0 a perplexity within 1 %. A matrix with its rows in reverse costs at least 0.008
# in ours: types up to q8_0 would show it themselves, the coarser ones rely on the proof of their float32 form.
_Q5, _Q4 = Limits(0.04, 0.4, 0.88, 1.05), Limits(0.1, 1.0, 0.80, 1.15)
LIMITS = {
    "f16": Limits(mean_kl=1e-4, kl_99=1e-3, same_argmax=0.99, perplexity=1.001),
    "bf16": Limits(0.002, 0.02, 0.97, 1.005),
    "q8_0": Limits(0.005, 0.05, 0.94, 1.01),
    "q6_k": Limits(0.02, 0.2, 0.90, 1.03),
    "q5_k_m": _Q5,
    "q5_k_s": _Q5,
    "q5_0": _Q5,
    "q4_k_m": _Q4,
    "q4_k_s": _Q4,
    "q4_0": _Q4,
    "q3_k_m": Limits(0.3, 3.0, 0.70, 1.4),
    "q2_k": Limits(1.5, 10.0, 0.50, 2.5),
}


# A GGUF file and what was read from it have the same weights: only llama.cpp's rounding of activations, to 8 bits at
# the coarsest, lies between the two.
SAME_WEIGHTS = "q8_0"


def check_parity(model: GPT, tokenizer: Tokenizer, path: Path, adapter: Path | None = None) -> Parity:
    """Compare the float32 GGUF `path`, with the adapter GGUF laid over it if there is one, with `model` (float32,
    evaluation mode). Raises EngineError `check_failed`.
    """
    tolerance = TOLERANCE if adapter is None else ADAPTER_TOLERANCE
    window = min(context_of(model.config), WINDOW)
    text = resource("check.txt").read_text(encoding="utf-8")
    with _opened(path, window, adapter) as runtime, torch.inference_mode():
        _check_vocabulary(tokenizer, runtime, text + _PROBE)
        ids = list(islice(cycle(tokenizer.encode(text)), GREEDY_TOKENS * POSITIONS))
        positions = min(POSITIONS, window)
        theirs = runtime.evaluate(ids[:positions], "all")
        exact, rounded = (_logits(model, ids[:positions], within) for within in (nullcontext(), _GeluTable()))
        rounding = _largest(exact - rounded)
        limit = max(tolerance, rounding)
        difference, arithmetic = min((_largest(exact - theirs), "exact"), (_largest(rounded - theirs), "rounded"))
        _require(phrase("the largest difference of two logits"), difference, limit)
        with nullcontext() if arithmetic == "exact" else _GeluTable():
            greedy_difference, ties = _check_greedy(model, tokenizer, runtime, ids, window, limit)
    return Parity(positions, max(difference, greedy_difference), limit, rounding, GREEDY_TOKENS, ties)


def check_likeness(model: GPT, tokenizer: Tokenizer, path: Path, type: str, adapter: Path | None = None) -> Likeness:
    """Compare the GGUF `path`, of one of the rounded types, with the adapter GGUF laid over it if there is one, with
    `model`. Raises EngineError `check_failed`.
    """
    likeness = measure_likeness(model, tokenizer, path, adapter)
    limits = LIMITS[type]
    _require(phrase("the mean KL divergence"), likeness.mean_kl, limits.mean_kl)
    _require(phrase("the 99th percentile of the KL divergence"), likeness.kl_99, limits.kl_99)
    different, ratio = 1 - likeness.same_argmax, likeness.file_perplexity / likeness.perplexity
    _require(phrase("the share of different likeliest tokens"), different, 1 - limits.same_argmax)
    _require(phrase("the ratio of the perplexities"), ratio, limits.perplexity)
    return likeness


def measure_likeness(model: GPT, tokenizer: Tokenizer, path: Path, adapter: Path | None = None) -> Likeness:
    """The figures of `check_likeness`, without judging them."""
    window = min(context_of(model.config), WINDOW)
    ids = tokenizer.encode(resource("check.txt").read_text(encoding="utf-8"))
    windows = [ids[start : start + window] for start in range(0, min(len(ids), TEXT_POSITIONS), window)]
    divergences, same, losses, file_losses = [], [], [], []
    with _opened(path, window, adapter) as runtime, torch.inference_mode():
        for part in windows:
            ours = F.log_softmax(torch.from_numpy(_logits(model, part, nullcontext())), dim=-1)
            theirs = F.log_softmax(torch.from_numpy(runtime.evaluate(part, "all")), dim=-1)
            divergences.append((ours.exp() * (ours - theirs)).sum(-1, dtype=torch.float64).clamp(min=0))
            same.append(ours.argmax(-1) == theirs.argmax(-1))
            targets = torch.tensor(part[1:])
            losses.append(F.nll_loss(ours[:-1], targets, reduction="none"))
            file_losses.append(F.nll_loss(theirs[:-1], targets, reduction="none"))
    divergence = torch.cat(divergences)
    return Likeness(
        positions=len(divergence),
        mean_kl=divergence.mean().item(),
        kl_99=divergence.quantile(0.99).item(),
        same_argmax=torch.cat(same).double().mean().item(),
        perplexity=torch.cat(losses).double().mean().exp().item(),
        file_perplexity=torch.cat(file_losses).double().mean().exp().item(),
    )


def to_json(parity: Parity, likeness: Likeness | None) -> dict[str, Any]:
    """Everything that was found, for the report of an export."""
    return {"parity": asdict(parity), "likeness": None if likeness is None else asdict(likeness)}


# --- the parts -------------------------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path, window: int, adapter: Path | None = None) -> Iterator[Runtime]:
    """The file as exactly as llama.cpp computes: on the processor, keys and values in float32, attention unfused."""
    from engine.runtime.llama import LlamaRuntime

    threads = threads_for("background")
    runtime = LlamaRuntime(
        path,
        context=window,
        batch=window,
        threads=threads,
        gpu_layers=0,
        cache_type="f32",
        flash_attention=False,
        adapters=[] if adapter is None else [(adapter, 1.0)],
    )
    try:
        yield runtime
    finally:
        runtime.close()


class _GeluTable(TorchFunctionMode):
    """Compute GELU as llama.cpp does on a processor: looked up in a table of float16, between -10 and 10.

    It moves the logits of models with GELU (gpt2, Gemma, ...) by 1e-5 to 1e-2, depending on the sizes of their
    activations, and there is no switch for it; nor is there one for GPT-NeoX's exact GELU, which becomes the tanh form.
    So our model is also run with this rounding: what it moves is what llama.cpp may differ by.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if func is not F.gelu:
            return result
        x: Tensor = args[0]
        table = F.gelu(x.half().float(), approximate="tanh").half().float()
        return torch.where(x.abs() < 10, table, x.clamp(min=0))


def _check_vocabulary(tokenizer: Tokenizer, runtime: Runtime, text: str) -> None:
    """The same ids for a text, the same bytes for every id, the same template."""
    for special in (False, True):
        ours, theirs = tokenizer.encode(text, special), runtime.tokenize(text, special)
        _require_equal(phrase("the ids of the probe text"), ours, theirs)
    ids = range(tokenizer.vocabulary)
    pieces = [tokenizer.piece(id) for id in ids], [runtime.piece(id) for id in ids]
    _require_equal(phrase("the tokens"), *pieces)
    _require_equal(phrase("the chat template"), tokenizer.template or "", runtime.info.template or "")


def _check_greedy(
    model: GPT, tokenizer: Tokenizer, runtime: Runtime, ids: list[int], window: int, limit: float
) -> tuple[float, tuple[int, ...]]:
    """Continue prompts from `ids` greedily on both sides until 256 tokens are equal.

    A context that is full ends a continuation, and the next prompt begins another one. Returns the largest
    difference of two logits on the way, and where there were ties.
    """
    largest = 0.0
    length = min(POSITIONS, max(1, window // 2))
    ours: list[int] = []
    theirs: list[int] = []
    ties: list[int] = []
    for start in count(0, length):
        fed = ids[start : start + length]
        cache = KVCache(model.config, batch=1, positions=window)
        new = fed
        while len(fed) <= window and len(ours) < GREEDY_TOKENS:
            logits, file_logits = model(torch.tensor([new]), cache)[0, -1].numpy(), runtime.evaluate(fed)[-1]
            largest = max(largest, _largest(logits - file_logits))
            number = len(ours) + 1
            figure = phrase("the largest difference of two logits for greedy token {number}", number=number)
            _require(figure, largest, limit)
            token, other = int(logits.argmax()), int(file_logits.argmax())
            if token != other:
                margin = float(logits[token] - logits[other])
                _require(phrase("the margin by which greedy token {number} differs", number=number), margin, limit)
                ties.append(len(ours))
                other = token  # both go on with ours
            ours.append(token)
            theirs.append(other)
            new = [token]
            fed = fed + new
        if len(ours) == GREEDY_TOKENS:
            break
    text = b"".join(map(runtime.piece, theirs)).decode("utf-8", "replace")
    _require_equal(phrase("the greedy text"), tokenizer.decode(ours), text)
    return largest, tuple(ties)


def _logits(model: GPT, ids: list[int], within: AbstractContextManager[Any]) -> np.ndarray:
    with within:
        return model(torch.tensor([ids]))[0].numpy()  # type: ignore[no-any-return]


def _largest(difference: np.ndarray) -> float:
    return float(np.abs(difference).max())


def _require(figure: Phrase, value: float, limit: float) -> None:
    if not value <= limit:  # so that NaN fails as well
        raise EngineError("check_failed", figure=figure, value=f"{value:.3g}", limit=f"{limit:.3g}")


def _require_equal(figure: Phrase, ours: Any, theirs: Any) -> None:
    if ours != theirs:
        pairs = enumerate(zip(ours, theirs, strict=False))
        place = next((i for i, (our, their) in pairs if our != their), min(len(ours), len(theirs)))
        raise EngineError("check_different", f"{ours!r:.500} / {theirs!r:.500}", figure=figure, place=place)
