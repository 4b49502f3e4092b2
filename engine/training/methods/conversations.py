"""Learning to answer, from conversations: `full` trains all weights."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

from torch import nn

from engine.chat.messages import Message
from engine.data import conversations
from engine.data.conversations import ConversationData, Report, render
from engine.data.files import Source
from engine.data.items import Data
from engine.errors import EngineError
from engine.events import Event, Log, Progress
from engine.gpt.model import GPT
from engine.gpt.tokenizer import CHAT_TEMPLATE, Tokenizer
from engine.training.machine import Compute
from engine.training.methods.base import Method, Objective, Parent, Preparation, write
from engine.training.methods.language import LanguageModelling
from engine.training.recipe import Recipe


class Full(Method):
    """All weights learn from the replies of conversations."""

    suffixes = conversations.SUFFIXES

    def examples(self, sources: list[Source], report: Report) -> list[list[Message]]:
        return [messages for source in sources for messages in conversations.conversations(source, report)]

    def tokenizer(
        self, recipe: Recipe, examples: list[Any], parent: Parent | None
    ) -> Generator[Event, None, Tokenizer]:
        assert parent is not None
        tokenizer = parent.tokenizer
        if min(tokenizer.turn_start_id, tokenizer.turn_end_id) < 0:
            raise EngineError("no_chat_tokens", model=recipe.model)
        if tokenizer.template != CHAT_TEMPLATE:
            yield Log("warning", "The model's own chat template gives way to ChatML, which this training uses.")
            tokenizer.template = CHAT_TEMPLATE
        return tokenizer

    def encode(self, examples: list[list[Message]], preparation: Preparation) -> Generator[Event, None, Data]:
        recipe, report = preparation.recipe, preparation.report
        yield Progress(0, 0, "", "Turning conversations into tokens")
        return ConversationData.encode(
            examples, preparation.tokenizer, recipe.max_length, recipe.validation_share, report
        )

    def load(self, folder: Path, about: dict[str, Any], recipe: Recipe) -> Data:
        return ConversationData.load(folder, about["split"])

    def counted(self, about: dict[str, Any]) -> str:
        return f"{about['items']:,} conversations, and {about['held_back']:,} more held back for evaluation."

    def objective(self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, compute: Compute) -> Objective:
        assert isinstance(model, GPT)
        return LanguageModelling(model, tokenizer, compute)

    def sample(self, model: nn.Module, tokenizer: Tokenizer, recipe: Recipe, seed: int) -> str:
        asked = render(Message("user", recipe.sample_prompt), tokenizer).ids
        return write(model, tokenizer, [*asked, tokenizer.turn_start_id, *tokenizer.encode("assistant\n")], seed)
