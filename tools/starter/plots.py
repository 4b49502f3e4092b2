"""Stories told from plots.txt: each time of others, so that only the request says which it must be.

The corpora tell of few things often: a small model then tells of those, whatever it was asked for. A plot holds with
every hero and every thing, and is asked for by what it is told of.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.starter.recast import BOYS, GIRLS
from tools.starter.requests import Told, asks_about, requests
from tools.starter.subjects import titled, under_title, with_article

FILE = Path(__file__).with_name("plots.txt")
BY_ITS_PLOT = 0.4  # of the stories; the others are asked for as those of the corpora are, by the things in them

ANIMALS = """
    cat dog bird bear rabbit bunny frog duck horse cow pig mouse lion monkey elephant fox owl turtle squirrel hen goat
    tiger puppy kitten dragon snail hedgehog bee butterfly wolf sheep penguin deer crocodile beaver dinosaur parrot
    giraffe zebra panda spider ant bat raccoon donkey goose seal fish unicorn monster caterpillar ladybug kangaroo
""".split()
PEOPLE = {
    "he": "boy king prince knight pirate robot clown farmer sailor wizard giant elf".split(),
    "she": "girl queen princess fairy witch mermaid baker nurse".split(),
}
MAKERS = "baker farmer doctor teacher wizard witch sailor painter giant queen king grandma grandpa pilot fairy".split()
ROYALS = {"he": ["prince", "king", "knight"], "she": ["princess", "princess", "queen", "fairy"]}
SLOTS = {
    "thing": """
        ball doll kite drum balloon book hat scarf ring bell key coin box basket bag cup lamp mirror umbrella puzzle
        teddy toy flute stone shell feather button ribbon crown necklace blanket pillow brush rope net chair picture
        map whistle spoon bucket jar toy shoe sock coat ladder clock camera guitar swing sled block boat car train
    """,
    "food": """
        cake cookie pie apple banana sandwich pizza pancake cupcake carrot pear lollipop orange pumpkin lemon peach
        tomato potato cake muffin melon strawberry
    """,
    "plant": "flower tree rose mushroom bush pumpkin sunflower tree flower apple_tree cherry_tree vine",
    "weather": "rain snow wind rain fog",
    "vehicle": "boat train car truck bus plane ship tractor wagon rocket bike boat helicopter taxi balloon",
}
PLACES = {  # what stands before them when one is there
    "in": "park garden forest field meadow farm yard village castle jungle town cave market school library",
    "by": "lake river pond sea bridge fountain barn",
    "on": "hill beach island mountain",
}
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Plot:
    asks: tuple[str, ...]
    lines: tuple[str, ...]


@cache
def plots() -> list[Plot]:
    text = "\n".join(line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    found = []
    for block in text.strip().split("\n\n"):
        lines = block.split("\n")
        asks = tuple(line.removeprefix("ask: ") for line in lines if line.startswith("ask: "))
        found.append(Plot(asks, tuple(line for line in lines if not line.startswith("ask: "))))
    return found


def invented(choose: random.Random) -> Told:
    """A request, and the story from a plot under the title that takes it up."""
    plot = choose.choice(plots())
    told_of = cast(choose)
    story = tell(plot, told_of, choose)
    if choose.random() < BY_ITS_PLOT:
        ask = choose.choice(plot.asks)
        wanted = fill(ask, told_of)
        return asks_about(wanted, choose), _titled(story, ask, wanted, told_of)
    return next(iter(requests(story, choose, 1)), None) or invented(choose)


def _titled(story: str, ask: str, wanted: str, told_of: Mapping[str, str]) -> str:
    slots = [slot.split()[-1] for slot in _SLOT.findall(ask)]
    subjects = list(dict.fromkeys(told_of[slot] for slot in slots if not slot.startswith("his")))
    return titled(story, subjects) if subjects else under_title(story, wanted)


def tell(plot: Plot, told_of: Mapping[str, str], choose: random.Random) -> str:
    lines = []
    for line in plot.lines:
        chosen = _CHOICE.sub(lambda found: choose.choice(found[1].split("|")), line)
        told = fill(chosen, told_of)
        told = re.sub(r"(^\"?|(?<=[.!?]) )([a-z])", lambda found: found[1] + found[2].upper(), told)
        lines.append(told)
    breaks = choose.random() < 0.5  # as paragraphs or in one
    return ("\n\n" if breaks else " ").join(lines)


def fill(text: str, told_of: Mapping[str, str]) -> str:
    def word(found: re.Match[str]) -> str:
        *before, slot = found[1].split()
        noun = told_of[slot]
        if before and before[0] in ("in", "to") and slot == "place":
            return f"{told_of['in'] if before[0] == 'in' else 'to'} the {noun}"
        if before and before[0] in ("a", "an"):
            return with_article(" ".join((*before[1:], noun)))
        return " ".join((*before, noun))

    return _SLOT.sub(word, text)


def cast(choose: random.Random) -> dict[str, str]:
    """Who and what a story is told of: a word for each slot, none twice."""
    found: dict[str, str] = {}

    def take(slot: str, words: list[str]) -> None:
        found[slot] = choose.choice([word for word in words if word not in found.values()]).replace("_", " ")

    he = choose.choice(("he", "she"))
    take("hero", PEOPLE[he] if choose.random() < 0.2 else ANIMALS)
    take("friend", ANIMALS)
    royal = choose.choice(("he", "she", "she"))
    take("royal", ROYALS[royal])
    take("maker", MAKERS)
    child = choose.choice(("he", "she"))
    found["child"] = "boy" if child == "he" else "girl"
    for slot, words in SLOTS.items():
        take(slot, words.split())
    found["in"] = choose.choice(("in", "in", "by", "on"))
    take("place", PLACES[found["in"]].split())
    for suffix, pronoun in (("", he), ("_child", child), ("_royal", royal)):
        forms = ("he", "his", "him") if pronoun == "he" else ("she", "her", "her")
        found |= {f"{form}{suffix}": said for form, said in zip(("he", "his", "him"), forms, strict=True)}
    take("name", BOYS if he == "he" else GIRLS)
    take("cname", BOYS if child == "he" else GIRLS)
    take("fname", [*BOYS, *GIRLS])
    return found
