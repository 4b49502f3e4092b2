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
        "The model tells the better reply from the other one no better than a coin: {percent} % of the "
        "held-back pairs at step {step}.",
        "Look at whether the two replies really differ; if they do, raise the learning rate or train longer.",
    ),
    "empty_mask": Message(
        "Nothing is learnt: the loss has been exactly zero since step {first}.",
        "No token of the data counts. Look at what is learnt on the card of the data.",
    ),
    "gradient_exploded": Message(
        "The learning rate looks too high: the gradient has been far larger than before since step {step}.",
        "Start again with a third of it, {rate}.",
    ),
    "learning_rate_high": Message(
        "The learning rate looks too high: the loss jumped at step {step} and has stayed up.",
        "Start again with a third of it, {rate}.",
    ),
    "margin_flat": Message(
        "After {step} steps the model does not prefer the better replies more than at first.",
        "Raise the learning rate or train longer; look at whether the two replies really differ.",
    ),
    "memorising": Message(
        "The model begins to learn the data by heart: since step {best} the training loss fell by {fell:.2f} and the "
        "held-back loss rose by {rose:.2f}.",
        "Stop here and keep the best, which is step {best}. More data or fewer passes would help.",
    ),
    "nothing_learnt": Message(
        "Nothing has been learnt so far: the loss has stayed at {loss:.3f} since step {first}.",
        "Raise the learning rate, or look at whether the data fits the model.",
    ),
    "one_class": Message(
        "The model gives every text the label {label}.",
        "Rare labels need more examples; set classify.weights to balanced, or train longer.",
    ),
    "rewards_fall": Message(
        "The better replies become unlikelier too: their reward fell to {reward:.1f} by step {step}.",
        "A lower learning rate or a higher dpo.beta keeps the model closer to what it was.",
    ),
    # risks.py: what is known before a run begins
    "batch_large": Message(
        "A step takes {batch:,} of only {items:,} examples, so there are few steps in a pass.",
        "A batch_size of {fitting:,} makes more of them.",
    ),
    "duplicates_leak": Message(
        "{rows:,} of {all:,} rows repeat another one, so held-back rows may be known already and the held-back loss "
        "looks better than it is.",
        "Remove the repeated rows.",
    ),
    "evaluation_leaks": Message(
        "{rows:,} rows also stand in the data for evaluation, so its scores will look better than they are.",
        "Remove them from one of the two.",
    ),
    "forgets_rest": Message(
        "Training all weights this long or this fast on one kind of data, the model forgets other things it could do.",
        "An adapter (method lora) forgets less; so do fewer passes and a lower learning rate.",
    ),
    "forgets_text": Message(
        "Reading only this text, the model forgets some of what it knew.",
        "Mix in general text as replay: a tenth as much is a good start.",
    ),
    "labels_rare": Message(
        'Labels with under 10 texts: {rare}. The rarest, "{label}", has {count}.',
        "Bring at least 10 texts for each, or leave rare labels out.",
    ),
    "little_data": Message(
        "There are only {found:,} examples to learn from.", "From {wanted:,} on the model begins to change dependably."
    ),
    "little_held_back": Message(
        "Only {count} examples are held back, too few to tell when the model begins to learn by heart.",
        "Raise validation_share, or bring more data.",
    ),
    "little_text": Message(
        "There are only {found:,} bytes of text.", "From {wanted:,} on a model learns more than single phrases."
    ),
    "memory_short": Message(
        "It takes about {needed} of memory, and {free} are free now.",
        "Choose a smaller model or a smaller batch_size, turn recompute on, or close other programs.",
    ),
    "rate_high": Message(
        "The learning rate {rate} is far above what is usual here, {usual}.",
        "Above three times that, training may fail.",
    ),
    "rate_low": Message(
        "The learning rate {rate} is far below what is usual here, {usual}.", "Little may be learnt in this time."
    ),
    "texts_long": Message(
        "{percent:.0f} % of the rows do not fit into {length:,} tokens; what does not fit is not learnt.",
        "Raise max_length as far as the model allows, or shorten these rows.",
    ),
    "too_many_passes": Message(
        "The data is read {passes:.0f} times; after about {most} a model learns it by heart.",
        "Choose a shorter time, or bring more data.",
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
