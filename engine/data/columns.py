"""What columns are called. A role is what a column is read as; its names are tried in their order."""

from __future__ import annotations

import re

ROLES: dict[str, tuple[str, ...]] = {
    # conversations
    "messages": ("messages", "conversations", "conversation", "dialogue", "dialog", "dialogs", "chat", "texts"),
    "turns": ("turns", "utterances"),
    "prompt": (
        "instruction", "prompt", "question", "query", "problem", "user", "human", "request", "usermessage", "inputtext",
        "userinput", "userprompt",
    ),
    "input": ("input", "context", "passage", "body", "background"),
    "response": (
        "output", "response", "completion", "answer", "answers", "reply", "generation", "assistant", "solution",
        "targettext", "outputtext", "assistantresponse", "bot", "gpt",
    ),
    "system": ("system", "systemprompt", "systemmessage"),
    "history": ("history",),
    # preferences
    "chosen": ("chosen", "chosenresponse", "chosenmessages", "preferred", "chosenanswer", "accepted", "better"),
    "rejected": ("rejected", "rejectedresponse", "rejectedmessages", "dispreferred", "rejectedanswer", "worse"),
    "ranked": ("answers", "responses", "completions"),
    # classes
    "label": (
        "label", "labels", "class", "target", "category", "sentiment", "intent", "topic", "emotion", "tag", "genre",
        "stars", "rating", "polarity", "classification", "labeltext",
    ),
    # multiple choice
    "question": ("question", "query", "problem", "stem", "prompt", "input", "questionstem", "sentence"),
    "choices": ("choices", "options", "endings", "candidates", "alternatives"),
    "answer": (
        "answer", "answerkey", "correct", "label", "target", "correctanswer", "answeridx", "answerindex", "gold", "cop",
        "correctoption", "solution",
    ),
    # running text
    "text": (
        "text", "content", "document", "story", "body", "article", "raw", "rawtext", "passage", "sentence", "message",
        "sms", "review", "comment", "tweet", "headline", "description", "utterance", "question", "input", "title",
        "prompt",
    ),
}  # fmt: skip

# The roles of a kind, those it cannot do without first; `|` where one of several will do.
KINDS: dict[str, tuple[str, ...]] = {
    "text": ("text",),
    "conversation": ("messages|turns|response", "prompt", "input", "system", "history"),
    "preference": ("chosen|ranked", "rejected", "prompt", "messages", "input", "system"),
    "labelled": ("text", "label"),
    "choice": ("question", "choices", "answer"),
}

# One letter or number a choice, in columns of their own: A, option_b, choice3, opa, ending0 …
OPTION = re.compile(r"(?:option|choice|answer|ending|op|opt)?([a-e1-5]|0(?=$))")


def normal(name: str) -> str:
    """A column's name without case, blanks, underscores and signs."""
    return re.sub(r"[\W_]+", "", name.casefold())


KNOWN = frozenset(name for names in ROLES.values() for name in names) | {"id", "idx", "index", "rejected"}
