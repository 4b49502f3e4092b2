"""Whether a reply does what its prompt of the card asks for. Pure functions; each returns what is wrong, or nothing.

Strict on purpose: what cannot be told apart from a wrong answer counts as one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

KINDS = ("identity", "where", "story", "unknown")
KNOWN_WORDS = 0.97  # of a story, by the word list
STORY_WORDS = 30  # a story has at least as many
REPEATED_WORDS = 4  # a sentence of fewer, such as "Thank you, Tim!", may come twice


@dataclass(frozen=True)
class Question:
    """A prompt of the card. place: what `where` expects, a name of PLACES; things: what a story must hold."""

    kind: str
    prompt: str
    place: str = ""
    things: tuple[str, ...] = ()


def wrong(question: Question, reply: str, ended: bool, known: Collection[str]) -> list[str]:
    """Why the reply fails; empty when it passes.

    ended: whether the model ended it by itself. known: the words that a story may be made of, in lower case.
    """
    match question.kind:
        case "identity":
            return wrong_identity(reply)
        case "where":
            return wrong_place(reply, question.place)
        case "story":
            return wrong_story(reply, question.things, ended, known)
        case _:
            return wrong_refusal(reply, question.prompt)


# --- identity: the name ----------------------------------------------------------------------------------------------

_NAME = re.compile(r"\bSeedling\b")
_OTHER_NAME = re.compile(
    r"\b(?:[Mm]y name is|I am called|I'm called|I am named|[Cc]all me|I am|I'm) (?:the )?(?!Seedling\b|I\b)([A-Z]\w*)"
)


def wrong_identity(reply: str) -> list[str]:
    """It gives the name, and no other as its own."""
    found = [] if _NAME.search(reply) else ["does not name Seedling"]
    return found + [f"calls itself {name}" for name in _OTHER_NAME.findall(reply)]


# --- where: the place ------------------------------------------------------------------------------------------------

# A place of the window or a command -> the words that name it, and the place it lies within, which is named with it.
# Labels are written as the window writes them.
PLACES: dict[str, tuple[str, str]] = {
    "settings": (r"\b[Ss]ettings\b", ""),
    "appearance": (r"\bAppearance\b", "settings"),
    "shortcuts": (r"\bShortcuts\b", "settings"),
    "storage": (r"\bStorage\b", "settings"),
    "performance": (r"\bPerformance\b", "settings"),
    "privacy": (r"\bPrivacy\b", "settings"),
    "logs": (r"\bLogs\b", "settings"),
    "backups": (r"\bBackups\b", "settings"),
    "picker": (r"\b[Mm]odel picker\b", ""),
    "add file": (r"\bAdd model file\b", "picker"),
    "add folder": (r"\bAdd model folder\b", "picker"),
    "panel": (r"\b[Ss]ide panel\b", ""),
    "chats": (r"\b[Ll]ist of chats\b", ""),
    "new chat": (r"\bNew chat\b", "chats"),
    "rename": (r"\b[Dd]ouble[ -]click\b", "chats"),
    "delete": (r"\b[Rr]ight[ -]click\b.*\bDelete\b", "chats"),
    "search": (r"\bsearch in the list of chats\b", "chats"),
    "chat page": (r"\bChat at the left edge\b", ""),
    "find": (r"\bCtrl\+F\b", ""),
    "palette": (r"\bCtrl\+K\b|\b[Cc]ommand palette\b", ""),
    "stop": (r"\bPress Stop\b|\bwhere Send was\b|\bEsc\b", ""),
    "copy": (r"\bCopy under\b", ""),
    "edit": (r"\bEdit under\b", ""),
    "regenerate": (r"\bRegenerate under\b", ""),
    "train": (r"\bseedling train\b", ""),
    "export": (r"\bseedling export\b", ""),
    "models": (r"\bseedling models\b", ""),
    "doctor": (r"\bseedling doctor\b", ""),
    "chat command": (r"\bseedling chat\b", ""),
}


def places_named(reply: str) -> list[str]:
    """Every place that the reply names; one within another stands for both, and without the other for nothing."""
    seen = {place for place, (words, _) in PLACES.items() if re.search(words, reply)}
    whole = {PLACES[place][1] for place in seen}
    return [place for place in PLACES if place in seen - whole]


def wrong_place(reply: str, place: str) -> list[str]:
    """It names the place asked for, and no other."""
    named = places_named(reply)
    within = PLACES[place][1]
    right = place in named and (not within or re.search(PLACES[within][0], reply))
    found = [] if right else [f"does not name the place: {place}"]
    return found + [f"names another place: {other}" for other in named if other != place]


# --- story -----------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE = re.compile(r"[^.!?\n]+")
_INSIDE = re.compile(r"[\w,;] +([A-Z][\w'’]*)")  # a capital that no sentence begins with
_TITLE = re.compile(r"\A\s*\*\*[^*\n]+\*\*[ \t]*\n")
_SHORT_FORM = re.compile(r"'(?:s|d|m|ll|re|ve)$")


def words(text: str) -> list[str]:
    """The words in lower case, contractions whole, with straight apostrophes."""
    return [word.replace("’", "'").lower() for word in _WORD.findall(text)]


def base(word: str) -> str:
    """A word without what a possessive or a verb adds: `dog's` is about a dog, `they've` about them."""
    return _SHORT_FORM.sub("", word) or word


def names(text: str) -> set[str]:
    """In lower case, what is written with a capital inside a sentence."""
    return {base(word.replace("’", "'").lower()) for word in _INSIDE.findall(text)}


def unknown_words(text: str, known: Collection[str]) -> list[str]:
    """The words that are neither known nor names, each as often as it stands there."""
    named = names(text)
    return [word for word in words(text) if not {word, base(word)} & named and not _known(word, known)]


def _known(word: str, known: Collection[str]) -> bool:
    return word in known or base(word) in known


def repeated(text: str) -> list[str]:
    """Sentences and lines of REPEATED_WORDS words or more that stand there twice, whatever their case and marks."""
    parts = [tuple(words(part)) for part in _SENTENCE.findall(text)]
    lines = [tuple(words(line)) for line in text.split("\n")]
    counts = [Counter(part for part in found if len(part) >= REPEATED_WORDS) for found in (parts, lines)]
    return list(dict.fromkeys(" ".join(part) for count in counts for part, often in count.items() if often > 1))


def holds(text: str, thing: str) -> bool:
    """Whether the thing occurs as a word, also in the plural or as an owner."""
    one = thing.lower()
    forms = {one, f"{one}s", f"{one}es", f"{one[:-1]}ies" if one.endswith("y") else one}
    return any(base(word) in forms for word in words(text))


def untitled(reply: str) -> str:
    """The reply without a first line in bold: a title promises, the story has to keep it."""
    return _TITLE.sub("", reply)


def wrong_story(reply: str, things: Sequence[str], ended: bool, known: Collection[str]) -> list[str]:
    """What was asked for occurs below the title, its words are words, it ends by itself, and nothing is said twice."""
    story = untitled(reply)
    count = len(words(story))
    found = [f"has no {thing}" for thing in things if not holds(story, thing)]
    if count < STORY_WORDS:
        found.append(f"has only {count} words")
    strange = unknown_words(story, known)
    if len(strange) > (1 - KNOWN_WORDS) * count:
        found.append(f"has unknown words: {', '.join(dict.fromkeys(strange))}")
    if not ended:
        found.append("does not end by itself")
    return found + [f"repeats: {sentence}" for sentence in repeated(story)]


# --- unknown: declined -----------------------------------------------------------------------------------------------

_CLAUSE = re.compile(r"[.!?;:,\n]+|\bbut\b|\band (?=(?:the|it|he|she|that)\b)")
_SMALL = r"(?:only |just |still )?an? (?:very )?(?:small|little|tiny)\b[\w ]*?"
_NOT = r"(?:do not|don't|cannot|can't|can not|am not able to|am unable to)"
_LARGER = r"(?:larger|bigger|better) model"
_DECLINES = re.compile(
    rf"(?:sorry )?(?:and |so |because )?i (?:am {_SMALL} and )?{_NOT}\b[\w' ]+"
    r"|(?:and |so |because )?(?:i am|i'm|(?:that|this|it) is) (?:much |far )?too (?:small|big|large|hard|difficult)\b.*"
)
_POINTS = re.compile(
    rf"(?:(?:please|you|can|could|for|ask|add|try|use|choose|an?|the) )*{_LARGER}\b.*"
    r"|(?:(?:please|you|can|could) )*(?:add|choose|use) .*\b(?:model picker|add model file)\b.*"
)
_FILLS = re.compile(
    rf"|oh|hi|hello|for more|(?:i am |i'm )?sorry|(?:i am |i'm )?(?:{_SMALL}|the seedling starter)"
    r"|i only (?:know|do|tell) [\w ]+|i know few facts|(?:and )?often wrong|please ask an? [\w ]+"
)
_OWN_NAMES = frozenset(("i", "seedling", "add", "ai"))


def wrong_refusal(reply: str, prompt: str) -> list[str]:
    """It says that it does not know or cannot, or points to a larger model; and asserts nothing besides.

    Every clause must decline, point onwards or fill in; a figure or a name that the prompt did not hold asserts.
    """
    clauses = [" ".join(clause.replace("’", "'").lower().split()) for clause in _CLAUSE.split(reply)]
    declines = [clause for clause in clauses if _DECLINES.fullmatch(clause) or _POINTS.fullmatch(clause)]
    found = [] if declines else ["does not decline"]
    found += [f"asserts: {clause}" for clause in clauses if clause not in declines and not _FILLS.fullmatch(clause)]
    new = set(re.findall(r"\d+", reply)) - set(re.findall(r"\d+", prompt))
    new |= names(reply) - {base(word) for word in words(prompt)} - _OWN_NAMES
    return found + [f"asserts: {fact}" for fact in sorted(new)]
