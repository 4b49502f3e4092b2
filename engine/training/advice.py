"""What a person is told of a training before and while it runs: each sentence once, with what to do about it.

Like errors, texts are templates that the window passes through translation; `Advice` fills them in English.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.errors import Message

# Sorted by code within each part.
TEXTS: dict[str, Message] = {
    # warnings.py: what the figures of a run show
    "accuracy_at_chance": Message(
        "The model tells the better reply from the other one no better than a coin: {percent} % of the held-back pairs at step {step}.",
        "Look at whether the two replies really differ; if they do, raise the learning rate or dpo.beta.",
    ),
    "empty_mask": Message(
        "Nothing is learnt: the loss has been exactly zero since step {first}.",
        "No token of the data counts. Look at what is learnt on the card of the data.",
    ),
    "learning_rate_high": Message(
        "The learning rate looks too high: {sign} at step {step}.", "Start again with a third of it, {rate}."
    ),
    "margin_flat": Message(
        "After {step} steps the model does not prefer the better replies more than at first.",
        "Raise the learning rate or train longer; look at whether the two replies really differ.",
    ),
    "memorising": Message(
        "The model begins to learn the data by heart: since step {best} the training loss fell by {fell} and the "
        "held-back loss rose by {rose}.",
        "Stop here and keep the best, which is step {best}. More data or fewer passes would help.",
    ),
    "nothing_learnt": Message(
        "Nothing has been learnt so far: the loss has stayed at {loss} since step {first}.",
        "Raise the learning rate, or look at whether the data fits the model.",
    ),
    "one_class": Message(
        "The model gives every text the label {label}.",
        "Rare labels need more examples; set classify.weights to balanced, or train longer.",
    ),
    "rewards_fall": Message(
        "The better replies become unlikelier too: their reward fell to {reward} by step {step}.",
        "A lower learning rate or a higher dpo.beta keeps the model closer to what it was.",
    ),
}


@dataclass(frozen=True)
class Advice:
    """One thing to know. code: of `TEXTS`. step: of the run, where it is about one. data: fills the templates."""

    code: str
    step: int | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self._filled(TEXTS[self.code].sentence)

    @property
    def cure(self) -> str:
        return self._filled(TEXTS[self.code].remedy)

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "step": self.step, "text": self.text, "cure": self.cure, "data": self.data}

    def _filled(self, template: str) -> str:
        return template.format(step=self.step, **self.data)
