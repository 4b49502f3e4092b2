"""Learning to answer, from conversations: `full` trains all weights, `lora` an adapter."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from torch import nn

from engine.chat.messages import Message
from engine.data.conversations import ConversationData
from engine.data.encode import encoder, prompt_of, talk, template_of
from engine.data.examples import Conversation
from engine.data.items import Data
from engine.data.row_data import held_back
from engine.data.written import Talk
from engine.events import Event, Log, Progress
from engine.gpt.config import GPTConfig
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import phrase
from engine.training.machine import Compute
from engine.training.methods import adapters
from engine.training.methods.base import Method, Objective, Parent, Preparation, write
from engine.training.methods.language import LanguageModelling
from engine.training.recipe import Recipe
from engine.training.run import Run


class Full(Method):
    """All weights learn from the replies of conversations."""

    kind = "conversation"
    encodes_by: tuple[str, ...] = ("max_length", "validation_share", "train_on")

    def tokenizer(
        self, recipe: Recipe, examples: Iterable[Conversation], parent: Parent | None
    ) -> Generator[Event, None, Tokenizer]:
        assert parent is not None
        tokenizer = parent.tokenizer
        if tokenizer.template is None:
            tokenizer.template = template_of(tokenizer)
            yield Log("info", phrase("The model has no chat template, so it gets one."))
        return tokenizer

    def encode(self, examples: Iterable[Conversation], preparation: Preparation) -> Generator[Event, None, Data]:
        recipe, folder = preparation.recipe, preparation.folder
        yield Progress(0, 0, "", phrase("Turning conversations into tokens"))

        def talks(examples: Iterable[Conversation]) -> Iterator[Talk]:
            return (talk(example.messages, recipe.train_on, example.learnt) for example in examples)

        with closing(encoder(preparation.tokenizer)) as encode:
            own = ConversationData.write(
                folder, talks(examples), encode, recipe.max_length, preparation.report, talks(preparation.evaluation)
            )
        return ConversationData.load(folder, own - held_back(own, recipe.validation_share))

    def load(self, folder: Path, about: dict[str, Any], recipe: Recipe) -> Data:
        return ConversationData.load(folder, about["split"])

    def counted(self, about: dict[str, Any]) -> str:
        return f"{about['items']:,} conversations, and {about['held_back']:,} more held back for evaluation."

    def objective(
        self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, compute: Compute, data: Data
    ) -> Objective:
        assert isinstance(model, GPT)
        return LanguageModelling(model, tokenizer, compute)

    def sample(self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, seed: int) -> str:
        asked = prompt_of(tokenizer, [Message("user", recipe.sample_prompt)])
        return write(model, tokenizer, asked, seed)


class Lora(Full):
    """An adapter learns the same, and the parent stays as it is."""

    def keeps_parent(self, recipe: Recipe) -> bool:
        return True

    def build(self, recipe: Recipe, config: GPTConfig, parent: GPT | None, data: Data) -> nn.Module:
        model = super().build(recipe, config, parent, data)
        assert isinstance(model, GPT)
        if parent is not None:
            parent.to("meta")  # its memory is the model's now, and is freed as the model is made smaller
        adapters.attach(model, recipe)
        return model

    def save(self, model: nn.Module, tokenizer: Tokenizer, run: Run, card: str) -> None:
        adapters.save(model, tokenizer, run, card)
