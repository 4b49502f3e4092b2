"""The `preview_tokenizer` job: how the tokenizer that a training would make, or that a model has, cuts any sentence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from engine.data.dataset import Dataset, open_dataset
from engine.data.examples import Document
from engine.data.inspection import tokenizer_of
from engine.data.report import Report
from engine.errors import EngineError
from engine.events import Event, Finished, Progress
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext
from engine.phrases import phrase

_MOST_CHARACTERS = 5_000_000  # of the text: a few seconds, and later text changes few tokens
_KEPT = "tokenizers"


def preview_tokenizer(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `data` (paths of text), `vocabulary` (tokens), `sentences` (texts to cut); or `model`, whose tokenizer
    cuts them, in the place of data and vocabulary.

    Trains on the beginning of the text, once for the same data and vocabulary as long as the worker lives. Ends with
    Finished("done", {"vocabulary", "sampled", "sentences": [{"text", "pieces": [{"id", "text", "bytes", "start",
    "end"}]}]}): bytes in hexadecimal; `start` and `end`, the characters of the sentence where the piece lies, which
    share a character where it is cut; `sampled`: whether less than all of the text was read.
    Raises EngineError as `open_dataset` and `tokenizer_of`, and `bad_tokenizer`.
    """
    if params.get("model"):
        tokenizer, sampled = _of_model(str(params["model"]), context), False
    else:
        yield Progress(0, 0, "", phrase("Learning the tokens"))
        tokenizer, sampled = _trained(params, context)
    cut = [{"text": text, "pieces": pieces(text, tokenizer)} for text in params.get("sentences") or ()]
    yield Finished("done", {"vocabulary": tokenizer.vocabulary, "sampled": sampled, "sentences": cut})


def pieces(text: str, tokenizer: Tokenizer) -> list[dict[str, Any]]:
    """How a text is cut, each piece with the bytes it spells and the characters of the text they belong to."""
    ends = list(accumulate(len(character.encode("utf-8", "replace")) for character in text))  # in bytes
    ids = tokenizer.encode(text)
    added = sum(len(tokenizer.piece(id)) for id in ids) - (
        ends[-1] if ends else 0
    )  # the space SentencePiece puts first
    found, at = list[dict[str, Any]](), -added
    for id in ids:
        spelled = tokenizer.piece(id)
        start, end = bisect_right(ends, max(0, at)), bisect_right(ends, max(0, at + len(spelled) - 1)) + 1
        at += len(spelled)
        shown = spelled.decode("utf-8", "replace")
        found.append({"id": id, "text": shown, "bytes": spelled.hex(), "start": start, "end": end})
    return found


def _of_model(name: str, context: JobContext) -> Tokenizer:
    kept = context.state.get(_KEPT)
    if kept is None or kept[0] != name:
        kept = context.state[_KEPT] = (name, tokenizer_of(name), False)
    return kept[1]


def _trained(params: dict[str, Any], context: JobContext) -> tuple[Tokenizer, bool]:
    """The tokenizer, and whether less than all of the text was read for it."""
    data, vocabulary = params.get("data"), params.get("vocabulary")
    if not data:
        raise EngineError("recipe_missing", key="data", wanted=phrase("a file"))
    if not isinstance(vocabulary, int) or isinstance(vocabulary, bool):
        wanted = phrase("a whole number")
        raise EngineError("recipe_type", key="vocabulary", wanted=wanted, found=repr(vocabulary)[:60])
    dataset = open_dataset(data, params.get("columns"), "text")
    seen = [(str(part.path), part.path.stat().st_size, part.path.stat().st_mtime_ns) for part in dataset.parts]
    key, kept = (seen, vocabulary), context.state.get(_KEPT)
    if kept is None or kept[0] != key:
        sample = _Sample(dataset)
        kept = context.state[_KEPT] = (key, Tokenizer.train(sample, vocabulary), sample.full)
    return kept[1], kept[2]


class _Sample:
    """The beginning of the texts of a dataset. full: it has come to its end before they have."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset, self.full = dataset, False

    def __iter__(self) -> Iterator[str]:
        left = _MOST_CHARACTERS
        for _, example in self._dataset.examples(Report()):
            assert isinstance(example, Document)
            self.full = len(example.text) > left
            yield example.text[:left]
            left -= len(example.text)
            if self.full:
                return
