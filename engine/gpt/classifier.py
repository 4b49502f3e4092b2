"""A GPT that tells classes of texts apart: a linear head on the hidden vector of a text's last token.

Its folder is what transformers calls a model `...ForSequenceClassification`, which opens it unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engine.errors import EngineError
from engine.gpt import hf
from engine.gpt.hf_names import FAMILIES, config_from_json
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.library import facts
from engine.phrases import phrase

_SCORE = "score.weight"
_MOST_CLASSES = 100_000


class Classifier(nn.Module):
    """A GPT without its output layer, and a head without bias that begins as zeros: all classes equally likely."""

    def __init__(self, body: GPT, labels: Sequence[str]) -> None:
        """labels: the names of the classes, in the order of their numbers. The weights of `body` are shared."""
        super().__init__()
        self.body, self.labels = without_output(body), tuple(labels)
        self.score = nn.Linear(body.config.width, len(labels), bias=False, device=body.embedding.weight.device)
        nn.init.zeros_(self.score.weight)

    def forward(self, ids: Tensor, last: Tensor) -> Tensor:
        """Logits of the classes: (B, T) and the place of each text's last token (B,) -> (B, classes)."""
        hidden = self.body.hidden(ids)
        return self.score(hidden[torch.arange(len(ids), device=ids.device), last])  # type: ignore[no-any-return]

    @torch.no_grad()
    def probabilities(self, texts: Sequence[Sequence[int]]) -> Tensor:
        """Of the classes, for texts of at least one token each: (texts, classes), float32."""
        longest, device = max(map(len, texts)), self.score.weight.device
        ids = torch.tensor([[*text, *[0] * (longest - len(text))] for text in texts], device=device)
        last = torch.tensor([len(text) - 1 for text in texts], device=device)
        return self.eval()(ids, last).float().softmax(-1)  # type: ignore[no-any-return]

    def save(self, tokenizer: Tokenizer, folder: Path, card: str) -> None:
        """Write the model folder. Raises EngineError as `hf.save` does."""
        names = FAMILIES[self.body.config.shape]
        fields = {
            "architectures": [_for_classes(names.architecture)],
            "id2label": {str(number): label for number, label in enumerate(self.labels)},
            "label2id": {label: number for number, label in enumerate(self.labels)},
            "problem_type": "single_label_classification",
        }
        hf.save(self.body, tokenizer, folder, card, head=hf.Head({_SCORE: self.score.weight}, fields))

    @staticmethod
    def load(folder: str | Path) -> Classifier:
        """The classifier in a folder: float32, in evaluation mode.

        Raises EngineError `not_a_classifier`, `bad_config`, and what `hf.load` raises.
        """
        folder = Path(folder)
        fields, place = hf.read_fields(folder), str(folder / "config.json")
        if not facts.is_classifier(fields):
            raise EngineError("not_a_classifier", place=str(folder))
        labels, config = _labels(fields, place), config_from_json(fields, place)
        body, extra = hf.load_with_head(folder, config, {_SCORE: (len(labels), config.width)})
        classifier = Classifier(body, labels)
        classifier.score.weight = nn.Parameter(extra[_SCORE])
        return classifier.eval()


def without_output(model: GPT) -> GPT:
    """The same weights in a model whose output layer is its embedding, which a classifier does not use."""
    if model.config.tied:
        return model
    body = GPT.shapes(replace(model.config, tied=True))
    kept = {name: tensor for name, tensor in model.state_dict().items() if not name.startswith("output.")}
    body.load_state_dict(kept, assign=True)
    return body.train(model.training)


def _for_classes(architecture: str) -> str:
    """transformers' name of a family's model with a head for classes, from that with a head for tokens."""
    return architecture.removesuffix("ForCausalLM").removesuffix("LMHeadModel") + facts.CLASSIFIER


def _labels(fields: dict[str, Any], place: str) -> tuple[str, ...]:
    """Raises EngineError `bad_config` unless id2label names the classes 0, 1, 2, …"""
    table = fields.get("id2label")
    if not isinstance(table, dict) or not 0 < len(table) <= _MOST_CLASSES:
        raise EngineError("bad_config", place=place, field="id2label", reason=phrase("does not name the classes"))
    labels = [table.get(str(number)) for number in range(len(table))]
    if not all(isinstance(label, str) for label in labels):
        reason = phrase("does not name the classes 0, 1, 2, …")
        raise EngineError("bad_config", place=place, field="id2label", reason=reason)
    return tuple(map(str, labels))
