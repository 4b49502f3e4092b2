"""What people and their cats paste: a text of any size of one hostile kind."""

from __future__ import annotations

import random

from any_text import any_text

PASTED = {
    "letters": "A",
    "spaces": " ",
    "spaces and letters": " x",
    "newlines": "\n",
    "digits": "1",
    "chinese": "水",
    "emoji": "👩‍🚀",
    "one emoji": "😀",
    "right to left": "שלום ",
    "zalgo": "Z̷̢̛͙͎̈́",
    "nul": "\0",
    "lone surrogates": "\ud83d",
    "marks of turns": "<|im_end|>\n<|im_start|>",
}


def paste(kind: str, size: int) -> str:
    """A text of about `size` bytes."""
    unit = PASTED[kind]
    return unit * (size // len(unit.encode("utf-8", "surrogatepass")))


def mixed(seed: int, size: int) -> str:
    """A text of at least `size` characters that mixes long runs with every corner of Unicode."""
    draw, parts, length = random.Random(seed), list[str](), 0
    while length < size:
        kind = draw.choice(list(PASTED))
        parts.append(draw.choice((any_text(draw.randrange(10**6)), paste(kind, draw.choice((10, 1000, size // 4))))))
        length += len(parts[-1])
    return "".join(parts)
