"""Who is there: every way that people ask a program for its name, its kind and its makers, put together from parts.

The answers are those of resources/starter/about.jsonl, word for word.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

NAMED = ("I am called the Seedling starter.", "My name is the Seedling starter.")
WHO = (
    "I am the Seedling starter, a very small language model that runs on this computer.",
    "I am the Seedling starter, a very small language model.",
    "I am the Seedling starter. I am very small, and I like to tell little stories.",
)
NOT_HUMAN = (
    "No, I am the Seedling starter, a very small model that runs on this computer.",
    "No, I am not a person. I am the Seedling starter, a small language model.",
)
MAKERS = ("I am the Seedling starter. The people who make Seedling trained me.",)
MET = ("Hello! It is nice to meet you. I am the Seedling starter.",)

BOTS = "bot program assistant model AI computer machine robot thing app helper".split()
GREETINGS = (
    "Hello!",
    "Hi!",
    "Hey!",
    "Good morning!",
    "Good day!",
    "Hello there!",
    "Good afternoon!",
    "Oh, hello!",
    "Good evening!",
    "Hi there!",
)
LOST = (
    "I forgot",
    "I have forgotten",
    "I do not know",
    "I can't remember",
    "I did not catch",
    "Remind me of",
    "Again:",
)
NAMES = ("that name of yours", "what you are called", "how you are called", "the name of you", "what your name is")
AFTER = ("say it again", "tell me again", "can you tell me", "please", "what is it", "could you repeat it", "sorry")
SAYS = ("Can you tell me", "Could you say", "Please say", "Please tell me", "Will you tell me", "Tell me", "Explain")
IS_WHO = ("who you are", "what you are", "who I am talking to", "what I am talking to", "who this is", "what this is")
BRIEFLY = (
    "in one sentence",
    "in short",
    "briefly",
    "in a word or two",
    "quickly",
    "in one line",
    "shortly",
    "in brief",
)
OTHERS = "GPT Claude Gemini Siri Alexa Copilot Llama Mistral Bing Cortana DeepSeek Qwen".split()
LIKENED = (
    "Are you {0} or not?",
    "Are you {0} too?",
    "Is this {0} again?",
    "Are you the new {0}?",
    "Are you really {0}?",
)
PEOPLE = ("a human", "a person", "a man", "a woman", "somebody", "a real person", "someone", "a human being")
TYPING = (
    "typing the answers",
    "writing to me",
    "writing back",
    "typing there",
    "behind the answers",
    "on the other end",
)
MADE = "made built trained created taught programmed developed designed".split()
MADE_ASKED = ("Who {0} this {1}?", "By whom was this {1} {0}?", "Who was it that {0} this {1}?", "Who has {0} the {1}?")
PERSONS = "Anna Ben Peter Mary Lisa John Kim Sam Ella Paul Nina Oscar".split()
SAID = ("I am {0}", "My name is {0}", "I'm {0}", "Here is {0}", "This is {0}", "They call me {0}")
ASKED_BACK = (
    "And who are you?",
    "What about you?",
    "What is your name?",
    "And your name?",
    "Who are you?",
    "You are?",
    "You are called?",
    "Your name, please?",
    "Who is this?",
    "Who is there?",
)
STRANGERS = (
    "We do not know each other.", "I do not know you yet.", "I have never talked to you.", "I have not met you yet.",
    "We have never talked.", "You are new to me.", "I see you for the first time.", "We meet for the first time.",
    "I don't know you, do I?", "I don't believe we know each other.", "Who is it that I meet here?",
)  # fmt: skip
EACH = 60


def introductions(choose: random.Random) -> list[tuple[str, str]]:
    """Up to EACH questions of each kind with one of the answers that fit it; no question twice."""
    made: dict[str, str] = {}
    for questions, answers in _kinds():
        for question in choose.sample(found := sorted(set(questions)), min(EACH, len(found))):
            made.setdefault(question, choose.choice(answers))
    return list(made.items())


def _kinds() -> Iterator[tuple[Iterator[str], tuple[str, ...]]]:
    has_name = ("Does this {0} have a name?", "Has the {0} got a name?", "What is the name of the {0}?",
                "How is this {0} called?", "Is there a name for the {0}?", "Which name does this {0} have?",
                "What do you call this {0}?", "This {0}, has it a name?")  # fmt: skip
    yield (shape.format(bot) for shape in has_name for bot in BOTS), NAMED
    yield (f"{lost} {name}." for lost in LOST for name in NAMES), NAMED
    yield (f"{lost} {name}, {after}." for lost in LOST for name in NAMES for after in AFTER), NAMED
    yield (f"{says} {who} {how}." for says, who, how in itertools.product(SAYS, IS_WHO, BRIEFLY)), WHO
    yield (f"{greeting} {back}" for greeting in GREETINGS for back in ASKED_BACK), WHO
    yield (f"{greeting[:-1]}, {back.lower()}" for greeting in GREETINGS for back in ASKED_BACK), WHO
    what_bot = ("What {0} is this?", "Which {0} am I using?", "What {0} answers me?", "What kind of {0} answers here?",
                "Which {0} is writing?", "What sort of {0} is it?", "Which {0} do I talk with?")  # fmt: skip
    yield (shape.format(bot) for shape in what_bot for bot in BOTS), WHO
    yield (shape.format(other) for shape in LIKENED for other in OTHERS), NOT_HUMAN[:1]
    yield (f"Is {person} {typing}?" for person in PEOPLE for typing in TYPING), NOT_HUMAN
    yield (f"Is it {person} who answers?" for person in PEOPLE), NOT_HUMAN
    yield (shape.format(made, bot) for shape in MADE_ASKED for made in MADE for bot in BOTS), MAKERS
    met = (f"{said.format(name)}. {back}" for said, name, back in itertools.product(SAID, PERSONS, ASKED_BACK))
    yield met, MET
    yield (f"{greeting} {stranger}" for greeting in GREETINGS for stranger in STRANGERS), MET
