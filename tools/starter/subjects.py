"""What a story is about, and the title that says so."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

THINGS = frozenset(  # with `a`
    """
    cat dog bird fish bear rabbit bunny frog duck horse cow pig mouse lion monkey elephant butterfly bee ant spider
    snake turtle fox wolf dragon squirrel owl puppy kitten goat sheep hen chicken tiger giraffe zebra penguin whale
    shark dolphin crab octopus snail worm caterpillar ladybug hedgehog deer dinosaur crocodile parrot crow eagle swan
    goose turkey rooster donkey kangaroo panda raccoon beaver bat bug lizard seal unicorn monster fairy witch wizard
    ghost elf giant mermaid princess prince king queen knight pirate robot clown doctor nurse teacher farmer baker
    painter pilot sailor driver policeman fireman mailman barber judge thief baby girl boy man woman lady child
    brother sister grandma grandpa friend neighbor hero ball boat tree flower car truck train toy doll bike plane kite
    drum swing slide rock stick stone leaf key door window bed table chair lamp clock phone book picture song box bag
    basket bottle bucket cup plate bowl spoon pot jar hat coat shoe dress shirt sock scarf jacket ring necklace crown
    coin button needle pencil crayon letter map card stamp envelope mirror candle blanket pillow towel brush comb
    sponge broom hammer nail rope net ladder wheel bell whistle horn trumpet piano guitar violin flute camera radio
    computer balloon bubble puzzle block teddy tent cave castle house hut cabin barn tower bridge road fence gate wall
    hole nest cage shell feather egg apple banana pear peach orange lemon cherry berry strawberry carrot potato tomato
    onion pumpkin mushroom cake cookie pie sandwich pizza pancake cupcake lollipop rocket star cloud rainbow storm
    river lake pond hill mountain island garden farm park forest field meadow jungle desert village town city school
    library hospital store shop market museum circus picnic party bench bush branch seed plant rose cactus vine log
    statue fountain volcano treasure chest sword shield wand potion umbrella suitcase backpack purse wallet wagon cart
    tractor helicopter ship submarine sled skateboard scooter tricycle bus taxi subway engine jet bone leash collar
    wing tail bandage medal trophy kitchen bathroom closet drawer oven fridge stove bathtub couch sofa carpet curtain
    shelf desk
    """.split()
)
COMMON = frozenset("girl boy friend child man woman lady toy".split())  # in every other story: they tell little of it
ONLY = frozenset("moon sun sea beach ocean sky zoo playground woods wind".split())  # with `the`
MASS = frozenset(  # without an article
    """
    rain snow ice water milk bread soup cheese honey candy chocolate juice sand mud fire magic music lightning thunder
    jam butter soap rice corn paint clay jelly grass
    """.split()
)
ADJECTIVES = (
    "little|small|tiny|big|huge|brave|kind|happy|sad|magic|magical|clever|wise|friendly|lonely|curious|naughty|lazy|gentle|"
    "old|young|red|blue|green|yellow|white|black|pink|purple|brown|shiny|silly|funny|angry|hungry|scared|shy|grumpy|fast|slow|"
    "beautiful|pretty|fluffy|strong|lost|mean|greedy|careless|helpful|polite|proud|famous|rich|poor|fierce|wild|tall|fat"
)
OPENING = 220  # characters: one or two sentences, perhaps three
NOUN = re.compile(rf"\b(?:an?|the|his|her|their|its|my|your|this|that|one|{ADJECTIVES}) (?=([a-z]+)\b)")
NAMED = re.compile(
    rf"(?<!year )(?<!years )(?<!year-)\b((?:(?:{ADJECTIVES}) )*(?:[a-z]+)) (?:named|called) ([A-Z][a-z]+)\b"
)


@lru_cache(maxsize=8)
def things(story: str) -> list[str]:
    """The things the story is about: named at least twice, and so early that a teller must know them from the start.

    The most frequent come first.
    """
    opening = set(re.findall(r"[a-z]+", story[:OPENING].lower()))
    exact = Counter(re.findall(r"[a-z]+", story.lower()))
    nouns = set(NOUN.findall(story.lower())) | MASS  # not `she saw`, `they park`
    counts = {word: exact[word] + exact[f"{word}s"] for word in THINGS | ONLY | MASS if exact[word] and word in nouns}
    named = {kind.split()[-1] for kind, _ in characters(story)}
    ranked = sorted(counts, key=lambda word: (word in COMMON, -counts[word], word))
    return [word for word in ranked if (counts[word] >= 2 or word in named) and word in opening][:5]


def characters(story: str) -> list[tuple[str, str]]:
    """What they are and how they are called: ("little girl", "Lily")."""
    found = dict.fromkeys(NAMED.findall(story))
    return [(kind, name) for kind, name in found if kind.split()[-1] in THINGS]


def with_article(words: str) -> str:
    noun = words.split()[-1]
    if noun in ONLY:
        return f"the {words}"
    if noun in MASS:
        return words
    return f"{'an' if words[0] in 'aeiou' and not words.startswith(('uni', 'use')) else 'a'} {words}"


def titled(story: str, subjects: Sequence[str]) -> str:
    """The story under a title that names its subjects, nouns and names alike: what was asked for is said at once.

    A small model that only has to go on from `Once upon a time` tells of what it has read most.
    """
    named = [subject if subject[0].isupper() else f"the {subject}" for subject in subjects]
    listed = f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0]
    return under_title(story, listed)


def under_title(story: str, title: str) -> str:
    return f"**{title[0].upper()}{title[1:]}**\n\n{story}"


def subjects_of(story: str, choose: random.Random) -> list[str]:
    """One to three things or names that the story may be called by, in any order; none if it has none."""
    found = things(story)
    rare = [thing for thing in found if thing not in COMMON] or found
    called = [name for _, name in characters(story) if name in story[:OPENING]]
    every = [*rare[:4], *called[:1]]
    return choose.sample(every, min(len(every), choose.choice((1, 1, 2, 2, 3))))
