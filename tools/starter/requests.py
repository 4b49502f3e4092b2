"""How people ask for a story: by the things, names and themes that the story really holds, in many ways."""

from __future__ import annotations

import random
import re
from collections import Counter
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
THEMES = {  # what a story must speak of at least twice: how it may be asked for
    r"shar(?:e|ed|es|ing)": ("sharing", "learning to share", "children who share"),
    r"rain(?:ed|ing|y)?": ("rain", "a rainy day", "the rain"),
    r"birthday": ("a birthday", "a birthday party"),
    r"friends?": ("friendship", "two friends", "good friends", "making a new friend"),
    r"help(?:ed|s|ing)?": ("helping", "helping others", "someone who helps"),
    r"brave": ("being brave", "courage"),
    r"kind(?:ness)?": ("being kind", "kindness"),
    r"sorry": ("saying sorry", "a mistake"),
    r"lost": ("something lost", "getting lost"),
    r"scared|afraid": ("being scared", "someone who is scared"),
    r"snow(?:y|man)?": ("snow", "a snowy day", "winter"),
    r"sle(?:ep|pt|eping|epy)": ("sleep", "going to sleep", "bedtime"),
    r"bake(?:d|r|s)?|baking|cook(?:ed|ing)?": ("baking", "cooking"),
    r"paint(?:ed|ing|s)?": ("painting",),
    r"sw[ia]m|swimming": ("swimming",),
    r"danc(?:e|ed|es|ing)": ("dancing",),
    r"s[iau]ng|singing": ("singing",),
    r"race|raced|racing": ("a race",),
    r"adventures?": ("an adventure", "a little adventure"),
    r"surprise[ds]?": ("a surprise",),
    r"gift|present": ("a gift", "a present"),
    r"dream(?:ed|s|ing)?": ("a dream", "dreams"),
    r"wish(?:ed|es)?": ("a wish",),
    r"sick|doctor": ("being sick", "a visit to the doctor"),
    r"trip|journey": ("a trip", "a journey"),
    r"mommy|mom|mum|mama": ("a child and a mom", "mom"),
    r"dad|daddy|papa": ("a child and a dad", "dad"),
}

ABOUT = (  # {0}: one thing, with its article
    "Tell me a story about {0}.",
    "Tell me a little story about {0}",
    "tell me a story about {0} please",
    "Can you tell me a story about {0}?",
    "can you tell a story about {0}",
    "Could you tell me a story about {0}?",
    "Write a short story about {0}.",
    "write a story about {0}",
    "Please write a little story about {0}.",
    "Please tell me a story with {0} in it.",
    "I would like a story about {0}.",
    "I'd like to hear a story about {0}",
    "I want to hear about {0}",
    "I want a story about {0}!",
    "A story about {0}, please",
    "story about {0}",
    "Story about {0}!",
    "a short story about {0}",
    "Do you know a story about {0}?",
    "Could you write a little story about {0}?",
    "Make up a story about {0}.",
    "Give me a short story about {0}.",
    "A bedtime story about {0}, please.",
    "Let's hear a story about {0}",
    "Now a story about {0}.",
    "I'd love a tale about {0}.",
    "Tell us a story about {0}!",
    "How about a story about {0}?",
    "Another story, this time about {0}",
    "Can I have a story about {0}?",
    "Invent a story about {0}",
    "My child wants a story about {0}.",
    "Tell a story in which there is {0}.",
    "Once more, but about {0}",
    "Something about {0}, please.",
    "Make a story with {0}",
)
ASKED = (  # what stands before the story that is asked for
    "Tell me", "Tell us", "tell me", "Please tell me", "Please tell us", "Let me hear", "Let us hear", "I want to hear",
    "I would like to hear", "I would enjoy", "I feel like", "I would love", "Read me", "Read us", "Make", "Make up",
    "Please make", "Write", "Please write", "Invent", "Think of", "Give me", "Can you tell", "Could you make",
    "Do you know", "How about", "What about", "May I have", "We want", "We would like", "My son wants", "She wants",
    "Now tell me", "Let there be", "I am waiting for", "I am in the mood for", "Start", "Begin", "Show me", "Play me",
)  # fmt: skip
SORTS = (
    "a story", "a little story", "a short story", "a tale", "a small tale", "a nice story", "a bedtime story",
    "one story", "one short story", "another story", "something", "something nice", "a few words", "a tiny story",
    "a happy story", "a funny story", "a quiet story",
)  # fmt: skip
LINKS = (
    "about {0}", "about {0}", "about {0}", "with {0}", "with {0} in it", "that has {0} in it", "that is about {0}",
    "in which there is {0}", "where {0} comes along", "of {0}", "that tells of {0}", "which begins with {0}",
    "in which we meet {0}", "where we meet {0}", "with {0}, please",
)  # fmt: skip
CLOSINGS = (
    "", "", "", "", " please", ", please", " today", " tonight", " now", ", if you like", " for my son",
    " for my daughter", " for the children", " before we sleep", ", thank you", " for us", " again",
)  # fmt: skip
OTHERWISE = (
    "What happened to {0}?", "I want to know what happened to {0}.", "There was {0}. What happened then?",
    "Once there was {0}. How does it go on?", "Once upon a time there was {0}. Go on!", "Begin with {0}.",
    "Imagine {0}. What happens?", "Let us imagine {0}.", "Here comes {0}! Tell the story.", "{0}, what is the story?",
    "My daughter likes stories with {0}. Do you have one?", "My son asks for {0}.", "Is there a story with {0}?",
    "Have you a story about {0}?", "Does one of your stories have {0} in it?", "We saw {0} today. Tell us a story!",
    "What can happen to {0}? Tell me.", "Who knows the story of {0}?", "Do tell about {0}.", "I like {0}. A story!",
    "My little one loves {0}. Tell a story, please.", "Think of {0} and tell me a story.",
)  # fmt: skip


def _freely(choose: random.Random) -> str:
    """A way to ask put together anew; {0} is the thing."""
    if choose.random() < 0.25:
        return choose.choice(OTHERWISE)
    parts = choose.choice(ASKED), choose.choice(SORTS), choose.choice(LINKS) + choose.choice(CLOSINGS)
    asks = parts[0].startswith(("Can", "Could", "Do", "How", "What", "May"))
    return " ".join(parts) + ("?" if asks else choose.choice((".", ".", "!", "")))


OF = tuple(form for form in ABOUT if "about {0}" in form)  # also for what is no single thing
BARE = ("{0} story please", "{0} story", "a {0} story", "Tell me a {0} story.", "story with {0}", "story: {0}", "{0}!")
TWO = (  # {0} and {1}: things with their articles
    "Tell me a story about {0} and {1}.",
    "tell me a story about {0} and {1}",
    "Write a short story with {0} and {1}.",
    "Can you tell me a story about {0} and {1}?",
    "A story about {0} and {1}, please.",
    "I would like a story with {0} and {1} in it",
    "story about {0} and {1}",
    "Make up a story about {0} and {1}.",
    "Please tell a little story with {0} and {1}.",
    "Do you know a story about {0} and {1}?",
    "Could you write about {0} and {1}?",
    "I want to hear about {0} and {1}.",
)
BARE_TWO = (
    "{0} and {1} story please",
    "story with {0} and {1}",
    "story: {0}, {1}",
    "a story with the words {0} and {1}",
    "Use {0} and {1} in a story.",
)
THREE = (
    "Tell me a story about {0}, {1} and {2}.",
    "Write a story with {0}, {1} and {2}.",
    "Can you make a story with {0}, {1} and {2}?",
    "a story about {0}, {1} and {2}, please",
)
BARE_THREE = (
    "Use these words in a story: {0}, {1}, {2}.",
    "story: {0}, {1}, {2}",
    "Write a story with the words {0}, {1} and {2}.",
)
ANY = (
    "Tell me a story.",
    "Tell me a little story",
    "tell me a story",
    "Can you tell me a story?",
    "I want a story, please",
    "Write a short story.",
    "Another story, please",
    "Tell me another story.",
    "One more story!",
    "a story please",
    "story",
    "Story time!",
    "Please tell me a short story.",
    "I would like to hear a story.",
    "Do you have a story for me?",
    "Surprise me with a story.",
    "Tell me a bedtime story.",
    "Make up a story for me",
    "Write something for me",
    "Let me hear a story",
    "Any story will do.",
    "Tell me a nice story",
    "Once upon a time",
)
BEFORE = (  # what people say before they ask
    "It is late.", "It is bedtime.", "I am bored.", "I cannot sleep.", "Hello!", "Hi!", "Please!", "Okay.",
    "My daughter is here.", "My son cannot sleep.", "We have five minutes.", "I like stories.", "Let us read.",
    "I need something nice to read.", "The children are waiting.", "It is raining outside.", "Now it is your turn.",
)  # fmt: skip
OPENING = 170  # characters: one or two sentences
NOUN = re.compile(rf"\b(?:an?|the|his|her|their|its|my|your|this|that|one|{ADJECTIVES}) (?=([a-z]+)\b)")
NAMED = re.compile(
    rf"(?<!year )(?<!years )(?<!year-)\b((?:(?:{ADJECTIVES}) )*(?:[a-z]+)) (?:named|called) ([A-Z][a-z]+)\b"
)
WHO = re.compile(
    rf"\b((?:an?) (?:(?:{ADJECTIVES}) )*([a-z]+)) (?:who|that) "
    r"((?:loved|liked|wanted|lived|was|had) (?:(?!him|her|them|his|he|she|they|it|their)\b[a-z']+ ?){2,7})[.,]"
)


def requests(story: str, choose: random.Random, count: int) -> list[str]:
    """`count` different ways to ask for this story; fewer if it offers fewer."""
    if not things(story) and choose.random() < 0.7:
        return []  # enough stories are asked for by nothing in particular
    writers = [_by_thing] * 6 + [_by_two] * 4 + [_by_three] + [_by_name] * 3 + [_by_quality] * 3 + [_by_theme] * 2
    made: list[str] = []
    for _ in range(4 * count):
        write = _by_any if choose.random() < 0.06 else choose.choice(writers)
        asked = write(story, choose)
        if asked and choose.random() < 0.12:
            asked = f"{choose.choice(BEFORE)} {asked}"
        if asked and asked not in made:
            made.append(asked)
        if len(made) == count:
            break
    return made or [_by_any(story, choose)]


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


def _by_any(story: str, choose: random.Random) -> str:
    return choose.choice(ANY)


def _by_thing(story: str, choose: random.Random) -> str:
    found = things(story)[:3]
    if not found:
        return ""
    thing = choose.choice([thing for thing in found if thing not in COMMON or choose.random() < 0.3] or found)
    if choose.random() < 0.15:
        return choose.choice(BARE).format(thing)
    return _about(with_article(thing), choose)


def _about(what: str, choose: random.Random) -> str:
    """One of the common ways to ask, or one put together."""
    asked = (_freely(choose) if choose.random() < 0.6 else choose.choice(ABOUT)).format(what)
    return asked[0].upper() + asked[1:] if asked.startswith(what) else asked


def _by_two(story: str, choose: random.Random) -> str:
    found = things(story)[:4]
    if len(found) < 2:
        return ""
    two = choose.sample(found, 2)
    if choose.random() < 0.2:
        return choose.choice(BARE_TWO).format(*two)
    if choose.random() < 0.4:
        return _about(" and ".join(map(with_article, two)), choose)
    return choose.choice(TWO).format(*map(with_article, two))


def _by_three(story: str, choose: random.Random) -> str:
    found = things(story)[:4]
    if len(found) < 3:
        return ""
    three = choose.sample(found, 3)
    if choose.random() < 0.4:
        return choose.choice(BARE_THREE).format(*three)
    return choose.choice(THREE).format(*map(with_article, three))


def _by_name(story: str, choose: random.Random) -> str:
    """By a character: `a girl named Lily`, and perhaps something else of the story."""
    found = characters(story)
    if not found:
        return ""
    kind, name = choose.choice(found)
    kind = kind if choose.random() < 0.5 else kind.split()[-1]
    who = choose.choice((f"{with_article(kind)} {choose.choice(('named', 'called'))} {name}", name))
    others = [thing for thing in things(story) if thing not in kind]
    if others and choose.random() < 0.5:
        return choose.choice(TWO).format(who, with_article(choose.choice(others)))
    return _about(who, choose)


def _by_quality(story: str, choose: random.Random) -> str:
    """By a thing as the story describes it: `a brave dog`, `a dragon who lived in a cave`."""
    told = [f"{who} who {does}" for who, noun, does in WHO.findall(story) if noun in THINGS]
    if told and choose.random() < 0.6:
        return choose.choice(OF).format(choose.choice(told))
    wanted = "|".join(things(story))
    found = (
        list(dict.fromkeys(re.findall(rf"\b(?:an?|the) ((?:{ADJECTIVES}) (?:{wanted}))\b", story))) if wanted else []
    )
    return _about(with_article(choose.choice(found)), choose) if found else ""


def _by_theme(story: str, choose: random.Random) -> str:
    found = [ways for word, ways in THEMES.items() if len(re.findall(rf"\b(?:{word})\b", story.lower())) >= 2]
    return choose.choice(OF).format(choose.choice(choose.choice(found))) if found else ""
