"""The job `quantizations`: what a model in fewer bits costs and saves, measured on the person's own text."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from engine import files, paths
from engine.data.dataset import open_dataset
from engine.data.examples import Conversation, Document, Example, Labelled, Preference
from engine.data.report import Report
from engine.errors import EngineError
from engine.evaluation import likelihood
from engine.events import Event, Finished, Metric, Progress, Started
from engine.gpt import gguf, opening
from engine.jobs import JobContext
from engine.phrases import phrase
from engine.runtime.base import open_runtime

TYPES = ("f16", "q8_0", "q6_k", "q5_k_m", "q4_k_m", "q3_k_m", "q2_k")
ENOUGH = 100_000  # bytes of text: differences between types are then far above their error


def compare(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `model` (as `export` takes it), `data` (files of text, or of anything that is read as data), `types`
    (some of `gguf.TYPES`, default `TYPES`), `bytes` of the text that are enough (default `ENOUGH`).

    f16 is measured first, as what the others are held against. Yields a Metric for each type with `type`, `size_bytes`,
    `bits_per_weight`, `loss` (nats a token), `perplexity`, `loss_difference` (to f16) and `worse` (the same as a share
    of the perplexity); ends with Finished("done", {"model", "bytes", "tokens", "types": [those]}). Files are written
    into a folder of their own, which goes. Raises EngineError.
    """
    place = opening.find(params["model"])
    asked = dict.fromkeys(["f16", *(params.get("types") or TYPES)])
    for type in asked:
        if type not in gguf.TYPES:
            raise EngineError("unknown_gguf_type", type=type, known=", ".join(gguf.TYPES))
    texts = sample_of(params["data"], int(params.get("bytes") or ENOUGH))
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    yield Started("quantizations", {"model": str(place), "bytes": size, "types": list(asked)})
    yield Progress(0, len(asked), "types", phrase("Reading the model"))
    model, tokenizer = opening.open_model(place)
    found: list[dict[str, Any]] = []
    with files.scratch(paths.home() / "quantizations") as folder:
        whole = folder / "f32.gguf"
        gguf.write_gguf(model, tokenizer, whole, "f32")
        tokens = 0
        for number, type in enumerate(asked):
            yield Progress(number, len(asked), "types", phrase("Measuring {type}", type=type))
            path = folder / f"{type}.gguf"
            contents = (
                gguf.quantize_gguf(whole, path, type)
                if type in gguf.QUANTIZED
                else gguf.write_gguf(model, tokenizer, path, type)
            )
            measured = yield from _measure(path, texts, context)
            if measured is None:
                yield Finished("cancelled")
                return
            tokens = measured.tokens
            loss = measured.nats / measured.tokens
            least = found[0]["loss"] if found else loss
            row = {"type": type, "size_bytes": path.stat().st_size, "bits_per_weight": contents.bits_per_weight}
            row |= {"loss": loss, "perplexity": measured.perplexity, "loss_difference": loss - least}
            row["worse"] = math.expm1(min(loss - least, 700.0))
            found.append(row)
            yield Metric(number + 1, row)
            path.unlink()
    yield Finished("done", {"model": str(place), "bytes": size, "tokens": tokens, "types": found})


def sample_of(data: Any, enough: int) -> list[str]:
    """Texts of the data, spread over it, of about so many bytes; of conversations all that is said.

    Raises EngineError as `open_dataset` and `Dataset.examples` do.
    """
    dataset = open_dataset(data)
    texts = [text for _, example in dataset.examples(Report()) if (text := text_of(example)).strip()]
    total = sum(len(text.encode("utf-8", "replace")) for text in texts)
    every = max(1, round(total / enough))
    kept, size = list[str](), 0
    for text in texts[::every]:
        if size >= enough:
            break
        kept.append(text.encode("utf-8", "replace")[: enough - size].decode("utf-8", "ignore"))
        size += len(kept[-1].encode())
    return kept


def text_of(example: Example) -> str:
    """What a row says, as running text."""
    match example:
        case Document(text=text) | Labelled(text=text):
            return text
        case Conversation(messages=messages):
            return "\n".join(message.content for message in messages)
        case Preference(prompt=prompt, chosen=chosen):
            return "\n".join(message.content for message in (*prompt, *chosen))
        case _:
            return "\n".join((example.question, *example.choices))


def _measure(
    path: Path, texts: Sequence[str], context: JobContext
) -> Generator[Event, None, likelihood.Likelihood | None]:
    runtime = open_runtime(path, "llama")
    try:
        return (yield from likelihood.measure(runtime, texts, context.cancelled))
    finally:
        runtime.close()
