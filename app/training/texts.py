"""What runs, kinds of data and answers are called on the training page, and numbers as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale

from app.figures import number, percent
from engine.training.runs import RunInfo

# --- runs ------------------------------------------------------------------------------------------------------------


def unfinished_sentence(run: RunInfo) -> str:
    if run.state == "paused":
        text = QCoreApplication.translate(
            "training", "{name} ran out of disk space at {step}. It can go on from there."
        )
    else:
        text = QCoreApplication.translate("training", "{name} was cut short at {step}. It can go on from there.")
    return text.format(name=run.name, step=step_of(run.done, run.steps))


def step_of(step: int, steps: int) -> str:
    text = QCoreApplication.translate("training", "step {step} of {steps}")
    return text.format(step=number(step), steps=number(steps))


def expected_sentence(code: str) -> str:
    """What a model from nothing will write; see `engine.training.dial.expected`."""
    translate = QCoreApplication.translate
    what = {
        "pieces": translate(
            "training", "It will write pieces of words and the commonest words; there is little to read."
        ),
        "words": translate(
            "training", "It will write words and short sentences like your text's, which seldom make sense together."
        ),
        "sentences": translate(
            "training", "It will write whole sentences like your text's, which keep to a matter for a line or two."
        ),
        "stories": translate("training", "It will write short texts like yours that mostly hang together."),
        "articles": translate(
            "training", "It will write fluent texts like yours, of several paragraphs, with facts that are often wrong."
        ),
    }.get(code, "")
    anyway = translate("training", "It goes on from what you write; it does not answer questions.")
    return f"{what} {anyway}".strip()


# --- data ------------------------------------------------------------------------------------------------------------


def kind_name(kind: str) -> str:
    translate = QCoreApplication.translate
    return {
        "text": translate("training", "Running text"),
        "conversation": translate("training", "Conversations"),
        "preference": translate("training", "Preferences"),
        "labelled": translate("training", "Texts with labels"),
        "choice": translate("training", "Multiple choice questions"),
    }.get(kind, kind)


def role_name(role: str) -> str:
    """Of a column; see `engine.data.columns`."""
    translate = QCoreApplication.translate
    return {
        "messages": translate("training", "All messages"),
        "turns": translate("training", "All turns"),
        "prompt": translate("training", "What is asked"),
        "input": translate("training", "What it is about"),
        "response": translate("training", "The reply"),
        "system": translate("training", "System prompt"),
        "history": translate("training", "What was said before"),
        "chosen": translate("training", "The better reply"),
        "rejected": translate("training", "The worse reply"),
        "ranked": translate("training", "Replies, best first"),
        "label": translate("training", "The label"),
        "question": translate("training", "The question"),
        "choices": translate("training", "The choices"),
        "answer": translate("training", "The right answer"),
        "text": translate("training", "The text"),
    }.get(role, role)


def languages_text(shares: Sequence[tuple[str, float]]) -> str:
    """The three most frequent, by their names."""
    known = [pair for pair in shares if pair[0] != "und"] or shares
    return ", ".join(f"{language_name(code)} {percent(share)}" for code, share in known[:3])


def language_name(code: str) -> str:
    """As its speakers call it."""
    if code == "und":
        return QCoreApplication.translate("training", "no language known")
    return QLocale(QLocale(code).language(), QLocale.Country.World).nativeLanguageName() or code


def lengths_text(lengths: Mapping[str, Any]) -> str:
    """quantiles: of shares 0, 0.5, 0.9, 0.99 and 1 of the rows, in tokens."""
    _, half, _, most, longest = lengths["quantiles"]
    text = QCoreApplication.translate(
        "training", "Half of the rows have up to {half} tokens, 99 of 100 up to {most}, the longest {longest}."
    )
    return text.format(half=number(half), most=number(most), longest=number(longest))
