"""What the engine says, in the person's language: phrases, and the templates of errors and advice."""

from __future__ import annotations

import re
import string
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from app.figures import decimal, number
from engine.phrases import Phrase

CONTEXT = "engine"  # of the translator


def said(text: str) -> str:
    """A phrase in the person's language; any other text, such as a name, as it is."""
    return filled(text.template, text.values) if isinstance(text, Phrase) else text


def filled(template: str, values: Mapping[str, object]) -> str:
    """A template of the engine's in the person's language; a value that is missing shows as nothing."""
    told = {name: said(value) if isinstance(value, str) else value for name, value in values.items()}
    return _FORMATTER.vformat(QCoreApplication.translate(CONTEXT, template), (), defaultdict(str, told))


class _Formatter(string.Formatter):
    """Fills in values by their names alone, nothing of theirs, and writes numbers as the person's language does."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, str):
            return value
        if format_spec == ",":
            return number(value)
        if digits := _DIGITS.fullmatch(format_spec):
            return decimal(value, int(digits[1]))
        return str(super().format_field(value, format_spec))


_DIGITS = re.compile(r"\.(\d)f")
_FORMATTER = _Formatter()
