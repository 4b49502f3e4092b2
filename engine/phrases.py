"""Words for a person that are put together where something is found out: the window says them in the person's language.

To everything that reads text a `Phrase` is its English text; beside it, it keeps the template and the values that it
was made of. JSON would keep the text alone: `packed` takes phrases through it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, LiteralString


class Phrase(str):
    """An English text, and the `template` and `values` it was made of; these may be phrases themselves."""

    template: str
    values: Mapping[str, Any]

    def __new__(cls, text: str, template: str, values: Mapping[str, Any]) -> Phrase:
        made = super().__new__(cls, text)
        made.template, made.values = template, values
        return made

    def __str__(self) -> Phrase:  # so that str(error) is a phrase where its message is one
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:  # for copies
        return str.__str__(self), self.template, self.values


def phrase(template: LiteralString, /, **values: Any) -> Phrase:
    """The template, a half-sentence or a whole one, filled in as `str.format` does.

    It is written out where this is called: what is to be translated is found by reading the source
    (`tools/translations.py`). What stands as `{count:,}` is written as the person's language writes numbers.
    """
    return Phrase(template.format_map(values), template, values)


def one_or_many(count: int, one: LiteralString, many: LiteralString, /, **values: Any) -> Phrase:
    """The phrase for a `count`, which is among the values of both. Both are written out where this is called."""
    values = {"count": count, **values}
    template = one if count == 1 else many
    return Phrase(template.format_map(values), template, values)


def joined(parts: Sequence[str], between: str = " ") -> Phrase:
    """Phrases, or names that stay as they are, one after the other."""
    if len(parts) == 1 and isinstance(parts[0], Phrase):
        return parts[0]
    values = {f"part{number}": part for number, part in enumerate(parts)}
    return Phrase(between.join(parts), between.join(f"{{{name}}}" for name in values), values)


def listed(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return parts[0] if parts else ""
    return phrase("{first} and {last}", first=joined(parts[:-1], ", "), last=parts[-1])


# --- in JSON ----------------------------------------------------------------------------------------------------------

_PHRASE, _PAIRS = "§phrase", "§pairs"  # what stands for a phrase: its text, template and values; for phrases as keys


def packed(value: Any) -> Any:
    """The value with something that JSON can hold in the place of every phrase; dataclasses become their fields."""
    match value:
        case Phrase():
            values = {
                name: each if isinstance(each, int | float) else packed(str(each))
                for name, each in value.values.items()
            }
            return {_PHRASE: [str.__str__(value), value.template, values]}
        case str() | int() | float() | None:
            return value
        case Mapping() if any(isinstance(key, Phrase) for key in value):
            return {_PAIRS: [[packed(key), packed(item)] for key, item in value.items()]}
        case Mapping():
            return {key: packed(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [packed(item) for item in value]
        case _ if is_dataclass(value):
            return {each.name: packed(getattr(value, each.name)) for each in fields(value)}
        case _:
            return value


def unpacked(value: Any, say: Callable[[Phrase], str] = str) -> Any:
    """What `packed` was given, with what `say` makes of the phrases: usually themselves. Raises ValueError."""
    try:
        return _unpacked(value, say)
    except (TypeError, AttributeError) as error:
        raise ValueError(f"not a phrase: {error}") from error


def _unpacked(value: Any, say: Callable[[Phrase], str]) -> Any:
    match value:
        case {"§phrase": [str(text), str(template), dict(values)]}:
            return say(Phrase(text, template, _unpacked(values, str)))
        case {"§pairs": pairs}:
            return {_unpacked(key, say): _unpacked(item, say) for key, item in pairs}
        case dict():
            return {key: _unpacked(item, say) for key, item in value.items()}
        case list():
            return [_unpacked(item, say) for item in value]
        case _:
            return value
