"""How people ask for a story: by the things, names and themes that the story really holds, in many ways."""

from __future__ import annotations

import random
import re

from tools.starter.recast import plural
from tools.starter.subjects import (
    ADJECTIVES,
    COMMON,
    MASS,
    ONLY,
    THINGS,
    characters,
    subjects_of,
    things,
    titled,
    under_title,
    with_article,
)

Told = tuple[str, str]  # a request, and the story under the title that takes it up

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
    "a happy story", "a funny story", "a quiet story", "a yarn", "a fable", "some story", "a good tale",
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


WOULD_BE = ("nice", "great", "good", "wonderful", "fun", "perfect", "just right", "welcome")
LIKERS = (
    "My son",
    "My daughter",
    "My daughter Anna",
    "My grandson",
    "My cousin",
    "My class",
    "She",
    "He",
    "Tim",
    "My child",
)
LIKED = ("likes {0}.", "loves {0}.", "is fond of {0}.", "asked about {0}.", "saw {0} today.", "dreams of {0}.")
IN_A_STORY = (
    "Is there {0} in a story of yours?", "Have you a story with {0}?", "Do you know one with {0}?",
    "Can {0} be in the story?", "Will there be {0} in your story?", "Is {0} in any story of yours?",
    "Tell one with {0}.", "So I need a story with {0}.",
)  # fmt: skip


def _freely(choose: random.Random) -> str:
    """A way to ask put together anew; {0} is the thing."""
    if choose.random() < 0.25:
        return choose.choice(OTHERWISE)
    if choose.random() < 0.12:
        sort = choose.choice(SORTS)
        return f"{sort[0].upper()}{sort[1:]} {choose.choice(LINKS[:6])} would be {choose.choice(WOULD_BE)}."
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
TOGETHER = (  # as one thing to ask about
    "{0} and {1}", "{0} and {1}", "{0} and {1}", "{0} with {1}", "{0} beside {1}", "{0} who sees {1}",
    "{0} who wants {1}", "{0}, and about {1}", "{0} looking for {1}", "{0} and also {1}", "{0} together with {1}",
)  # fmt: skip
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
WHO = re.compile(
    rf"\b((?:an?) (?:(?:{ADJECTIVES}) )*([a-z]+)) (?:who|that) "
    r"((?:loved|liked|wanted|lived|was|had) (?:(?!him|her|them|his|he|she|they|it|their)\b[a-z']+ ?){2,7})[.,]"
)


def requests(story: str, choose: random.Random, count: int) -> list[Told]:
    """`count` different ways to ask for this story; fewer if it offers fewer."""
    if not things(story) and choose.random() < 0.7:
        return []  # enough stories are asked for by nothing in particular
    writers = [_by_thing] * 6 + [_by_two] * 5 + [_by_three] + [_by_name] * 3 + [_by_quality] * 3 + [_by_theme] * 2
    made: dict[str, str] = {}
    for _ in range(4 * count):
        write = by_any if choose.random() < 0.06 else choose.choice(writers)
        asked, told = write(story, choose) or ("", "")
        if asked and choose.random() < 0.12:
            asked = f"{choose.choice(BEFORE)} {asked}"
        if asked:
            made.setdefault(asked, told)
        if len(made) == count:
            break
    return list(made.items()) or [by_any(story, choose)]


def by_any(story: str, choose: random.Random) -> Told:
    found = subjects_of(story, choose)
    return choose.choice(ANY), titled(story, found) if found else under_title(story, "A little story")


def _by_thing(story: str, choose: random.Random) -> Told | None:
    found = things(story)[:3]
    if not found:
        return None
    thing = choose.choice([thing for thing in found if thing not in COMMON or choose.random() < 0.3] or found)
    if choose.random() < 0.15:
        asked = choose.choice(BARE).format(thing)
    elif choose.random() < 0.1 and thing not in (ONLY | MASS):
        liked = choose.choice(LIKED).format(plural(thing))
        asked = f"{choose.choice(LIKERS)} {liked} {choose.choice(IN_A_STORY).format(with_article(thing))}"
    else:
        some = choose.random() < 0.08 and thing not in ONLY
        asked = _about(f"some {thing}" if some else with_article(thing), choose)
    return asked, titled(story, [thing])


def _about(what: str, choose: random.Random) -> str:
    """One of the common ways to ask, or one put together."""
    asked = (_freely(choose) if choose.random() < 0.6 else choose.choice(ABOUT)).format(what)
    return asked[0].upper() + asked[1:] if asked.startswith(what) else asked


def asks_about(what: str, choose: random.Random) -> str:
    """A request for what may be a thing or all that happens: `how a fox found a ball`."""
    return _about(what, choose) if what.startswith(("a ", "an ")) else choose.choice(OF).format(what)


def _by_two(story: str, choose: random.Random) -> Told | None:
    found = things(story)[:4]
    if len(found) < 2:
        return None
    two = choose.sample(found, 2)
    if choose.random() < 0.2:
        asked = choose.choice(BARE_TWO).format(*two)
    elif choose.random() < 0.5:
        asked = _about(choose.choice(TOGETHER).format(*map(with_article, two)), choose)
    else:
        asked = choose.choice(TWO).format(*map(with_article, two))
    return asked, titled(story, two)


def _by_three(story: str, choose: random.Random) -> Told | None:
    found = things(story)[:4]
    if len(found) < 3:
        return None
    three = choose.sample(found, 3)
    bare = choose.random() < 0.4
    asked = choose.choice(BARE_THREE).format(*three) if bare else choose.choice(THREE).format(*map(with_article, three))
    return asked, titled(story, three)


def _by_name(story: str, choose: random.Random) -> Told | None:
    """By a character: `a girl named Lily`, and perhaps something else of the story."""
    found = characters(story)
    if not found:
        return None
    kind, name = choose.choice(found)
    kind = kind if choose.random() < 0.5 else kind.split()[-1]
    who = choose.choice((f"{with_article(kind)} {choose.choice(('named', 'called'))} {name}", name))
    others = [thing for thing in things(story) if thing not in kind]
    if others and choose.random() < 0.6:
        other = choose.choice(others)
        what = choose.choice(TOGETHER).format(who, with_article(other))
        asked = choose.choice(TWO).format(who, with_article(other)) if choose.random() < 0.5 else _about(what, choose)
        return asked, titled(story, [name, other])
    return _about(who, choose), titled(story, [name])


def _by_quality(story: str, choose: random.Random) -> Told | None:
    """By a thing as the story describes it: `a brave dog`, `a dragon who lived in a cave`."""
    told = [(f"{who} who {does}", noun) for who, noun, does in WHO.findall(story) if noun in THINGS]
    if told and choose.random() < 0.6:
        wanted, noun = choose.choice(told)
        return choose.choice(OF).format(wanted), titled(story, [noun])
    named = "|".join(things(story))
    found = list(dict.fromkeys(re.findall(rf"\b(?:an?|the) ((?:{ADJECTIVES}) (?:{named}))\b", story))) if named else []
    if not found:
        return None
    wanted = choose.choice(found)
    return _about(with_article(wanted), choose), titled(story, [wanted])


def _by_theme(story: str, choose: random.Random) -> Told | None:
    found = [ways for word, ways in THEMES.items() if len(re.findall(rf"\b(?:{word})\b", story.lower())) >= 2]
    if not found:
        return None
    theme = choose.choice(choose.choice(found))
    return choose.choice(OF).format(theme), under_title(story, theme)
