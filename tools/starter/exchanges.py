"""Simple questions with right answers, where the corpora are thin: sums, opposites, animals, little texts to read.

The tables of tools/starter/facts.py decide the truth; chance decides only the wording.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable

from tools.starter import facts
from tools.starter.introductions import introductions
from tools.starter.places import places
from tools.starter.refusals import refusals

Exchange = tuple[str, str]  # what the person says, what the starter answers

PASSAGES = 700


def exchanges(choose: random.Random) -> dict[str, list[Exchange]]:
    """Every kind with its exchanges, none twice; the same for the same state of `choose`."""
    kinds = {
        "sums": sums,
        "counting": counting,
        "order": order,
        "words": words,
        "animals": animals,
        "colours": colours,
        "sizes": sizes,
        "lists": lists,
        "sense": sense,
        "rhymes": rhymes,
        "reading": reading,
        "introductions": introductions,
        "places": places,
        "refusals": refusals,
    }
    return {kind: list(dict.fromkeys(write(choose))) for kind, write in kinds.items()}


def sums(choose: random.Random) -> list[Exchange]:
    """All additions, subtractions and products within twenty, in digits or in words."""
    found = []
    ask_plus = ("What is {0} plus {1}?", "{0} + {1}", "what is {0} + {1}", "How much is {0} and {1}?", "{0} plus {1}?")
    ask_minus = ("What is {0} minus {1}?", "{0} - {1}", "what is {0} - {1}", "How much is {0} minus {1}?")
    ask_times = ("What is {0} times {1}?", "{0} x {1}", "how much is {0} times {1}")
    for a, b in itertools.product(range(21), repeat=2):
        if 0 < a * b <= 20:
            question = choose.choice(ask_times).format(*_digits_or_words(choose, a, b))
            found.append((question, f"{a} times {b} is {a * b}."))
        if a + b <= 20:
            question = choose.choice(ask_plus).format(*_digits_or_words(choose, a, b))
            found.append((question, choose.choice(("{0} plus {1} is {2}.", "{0} + {1} = {2}.")).format(a, b, a + b)))
        if b <= a:
            question = choose.choice(ask_minus).format(*_digits_or_words(choose, a, b))
            found.append((question, choose.choice(("{0} minus {1} is {2}.", "{0} - {1} = {2}.")).format(a, b, a - b)))
    return found


def _digits_or_words(choose: random.Random, *numbers: int) -> list[str]:
    spoken = choose.random() < 0.3
    return [facts.NUMBERS[number] if spoken else str(number) for number in numbers]


def counting(choose: random.Random) -> list[Exchange]:
    found = []
    for last in range(3, 21):
        row = ", ".join(map(str, range(1, last + 1))) + "."
        found += [(f"Count to {last}.", row), (f"Can you count to {facts.NUMBERS[last]}?", row)]
        down = ", ".join(map(str, range(last, 0, -1))) + "."
        found.append((f"Count down from {last}.", down))
    for number in range(20):
        found.append((f"What comes after {number}?", f"After {number} comes {number + 1}."))
        found.append((f"Which number comes after {facts.NUMBERS[number]}?", f"After {number} comes {number + 1}."))
        found.append((f"What comes before {number + 1}?", f"Before {number + 1} comes {number}."))
    for a, b in itertools.permutations(range(21), 2):
        if choose.random() < 0.3:
            ask = choose.choice(
                ("Which is bigger, {0} or {1}?", "Is {0} or {1} more?", "which number is larger, {0} or {1}")
            )
            found.append((ask.format(a, b), f"{max(a, b)} is more than {min(a, b)}."))
    return found


def order(choose: random.Random) -> list[Exchange]:
    """Days, months and seasons, one after another and round again."""
    found = []
    for names, what in ((facts.DAYS, "day"), (facts.MONTHS, "month"), (facts.SEASONS, "season")):
        for name, following in zip(names, (*names[1:], names[0]), strict=True):
            after, before = f"After {name} comes {following}.", f"Before {following} comes {name}."
            found += [(f"Which {what} comes after {name}?", after), (f"What comes after {name}?", after)]
            found += [(f"what {what} is after {name}", after), (f"After {name} comes?", after)]
            found += [(f"Which {what} comes before {following}?", before), (f"What comes before {following}?", before)]
        row = _capital(_listed(names)) + "."
        found += [(f"Name the {what}s.", row), (f"What are the {what}s called?", row), (f"Say all the {what}s.", row)]
    week, year = facts.DAYS, facts.MONTHS
    found += [("What is the first day of the week?", f"The first day of the week is {week[0]}.")]
    found += [("What is the last day of the week?", f"The last day of the week is {week[-1]}.")]
    found += [("What is the first month of the year?", f"The first month of the year is {year[0]}.")]
    found += [("What is the last month of the year?", f"The last month of the year is {year[-1]}.")]
    found += [("Say the days of the week.", _listed(week) + "."), ("Say the months of the year.", _listed(year) + ".")]
    return found


def words(choose: random.Random) -> list[Exchange]:
    """Opposites both ways, plurals, past forms, beginnings and ends of words."""
    found = []
    ask = (
        "What is the opposite of {0}?",
        "opposite of {0}?",
        "Tell me the opposite of {0}.",
        "{0} is the opposite of what?",
    )
    for pair in pairs(facts.OPPOSITES):
        for word, other in (pair, pair[::-1]):
            answer = choose.choice(("The opposite of {0} is {1}.", "{0} is the opposite of {1}."))
            shown = answer.format(word, other) if answer.startswith("The") else answer.format(other.capitalize(), word)
            for question in choose.sample(ask, 2):
                found.append((_capital(question.format(word)), shown))
    ask = ("What is the plural of {0}?", "plural of {0}?", "One {0}, two what?", "How do you say more than one {0}?")
    for word, many in pairs(facts.PLURALS):
        for question in choose.sample(ask, 2):
            found.append((_capital(question.format(word)), f"The plural of {word} is {many}."))
    ask_past = ("What is the past of {0}?", "Past tense of {0}?", "What is the past tense of {0}?")
    for word, past in pairs(facts.PASTS):
        for question in choose.sample(ask_past, 2):
            found.append((question.format(word), f"The past of {word} is {past}."))
    for word, _ in pairs(facts.PLURALS):
        found.append((f"Which letter does the word {word} begin with?", f"The word {word} begins with {word[0]}."))
        if len(word) <= 5:
            spelled = "-".join(word)
            found += [(f"How do you spell {word}?", f"{spelled}."), (f"Spell the word {word}.", f"{spelled}.")]
    return found


def animals(choose: random.Random) -> list[Exchange]:
    found = []
    for animal, sound in pairs(facts.SOUNDS):
        one = a(animal)
        for question in (
            "What does {0} say?",
            "What sound does {0} make?",
            "How does {0} go?",
            "what noise does {0} make",
        ):
            found.append((question.format(one), f"{_capital(one)} says {sound}."))
        found.append((f"Which animal says {sound}?", f"{_capital(one)} says {sound}."))
    for animal, young in pairs(facts.YOUNG):
        answer = f"A young {animal} is called {a(young)}."
        for question in ("What is a baby {0} called?", "What do you call a young {0}?", "name of a young {0}?"):
            found.append((question.format(animal), answer))
    for animal, home in pairs(facts.HOMES):
        answer = f"{_capital(a(animal))} lives in {a(home) if home != 'water' else home}."
        found += [(f"Where does {a(animal)} live?", answer), (f"What is the home of {a(animal)}?", answer)]
    for one, legs in facts.LEGS:
        answer = f"{_capital(one)} has {facts.NUMBERS[legs] if legs else 'no'} legs."
        found += [(f"How many legs does {one} have?", answer), (f"how many legs has {one}", answer)]
    return found


def colours(choose: random.Random) -> list[Exchange]:
    found = []
    for thing, colour in facts.COLOUR_OF:
        answer = f"{_capital(thing)} is {colour}."
        for question in ("What colour is {0}?", "What color is {0}?", "Which colour does {0} have?", "colour of {0}?"):
            found.append(
                (_capital(question.format(thing)) if choose.random() < 0.7 else question.format(thing), answer)
            )
        found.append((f"Is {thing} {colour}?", f"Yes, {thing} is {colour}."))
        wrong = choose.choice([other for other in ("red", "blue", "green", "black") if other != colour])
        found.append((f"Is {thing} {wrong}?", f"No, {thing} is {colour}."))
    for one, other, mixed in facts.MIXED:
        for first, second in ((one, other), (other, one)):
            answer = f"{_capital(first)} and {second} make {mixed}."
            found += [(f"What do {first} and {second} make?", answer), (f"Mix {first} and {second}.", answer)]
            found.append((f"What colour do you get from {first} and {second}?", answer))
    for colour in dict.fromkeys(colour for _, colour in facts.COLOUR_OF):
        things = [thing for thing, its in facts.COLOUR_OF if its == colour]
        for question in ("Name something {0}.", "What is {0}?", "Tell me one thing that is {0}."):
            thing = choose.choice(things)
            found.append((question.format(colour), f"{_capital(thing)} is {colour}."))
    return found


def sizes(choose: random.Random) -> list[Exchange]:
    found = []
    for row in (facts.ANIMALS_BY_SIZE, facts.THINGS_BY_SIZE):
        for (n, one), (m, other) in itertools.permutations(enumerate(row), 2):
            small, big = (one, other) if n < m else (other, one)
            bigger, smaller = f"{_capital(big)} is bigger than {small}.", f"{_capital(small)} is smaller than {big}."
            ask = choose.choice(
                ("Which is bigger, {0} or {1}?", "What is bigger, {0} or {1}?", "which one is bigger: {0} or {1}")
            )
            found.append((ask.format(one, other), bigger))
            if choose.random() < 0.5:
                found.append((f"Which is smaller, {one} or {other}?", smaller))
            if choose.random() < 0.5:
                found.append(
                    (
                        f"Is {one} bigger than {other}?",
                        f"Yes, {bigger[0].lower()}{bigger[1:]}" if n > m else f"No, {bigger[0].lower()}{bigger[1:]}",
                    )
                )
    return found


def lists(choose: random.Random) -> list[Exchange]:
    found = []
    ask = (
        "Name {0} {1}.",
        "Tell me {0} {1}",
        "Can you name {0} {1}?",
        "List {0} {1}.",
        "Give me {0} {1}, please.",
        "{0} {1}?",
    )
    for what, members in facts.MEMBERS.items():
        for _ in range(10):
            count = choose.choice((2, 3, 3, 3, 4))
            named = choose.sample(members.split(), min(count, len(members.split())))
            shown = named if what in facts.BARE else [facts.UNCOUNTED.get(word, a(word)) for word in named]
            number = facts.NUMBERS[len(named)] if choose.random() < 0.7 else str(len(named))
            found.append((_capital(choose.choice(ask).format(number, what)), _capital(_listed(shown)) + "."))
    kinds = {"animals": "an animal", "colours": "a colour", "fruits": "a fruit", "toys": "a toy"}
    for one, other in itertools.permutations(kinds, 2):
        for word in choose.sample([w for w in facts.MEMBERS[one].split() if w not in facts.MEMBERS[other].split()], 2):
            found.append((f"Is {word} {kinds[one]} or {kinds[other]}?", f"{_capital(word)} is {kinds[one]}."))
    return found


def sense(choose: random.Random) -> list[Exchange]:
    """Common sense: yes and no, what and where, how many, and sentences to end."""
    found = [*facts.FACTS, *facts.SIMPLE]
    found += [(question.rstrip("?").lower(), answer) for question, answer in (*facts.FACTS, *facts.SIMPLE)]
    for what, number in facts.COUNTS:
        many = f"{_capital(facts.NUMBERS[number])}."
        found += [(f"How many {what}?", many), (f"Do you know how many {what}?".replace(" does a", " a"), many)]
    for start, whole in (*facts.SENTENCES, *facts.NURSERY):
        found.append(
            (
                choose.choice(("Finish this: {0}", "Complete the sentence: {0}", "How does this go on? {0}")).format(
                    start
                ),
                whole,
            )
        )
        found.append((choose.choice(("{0} ...", "Go on: {0}", "What comes next? {0}")).format(start), whole))
    return found


def rhymes(choose: random.Random) -> list[Exchange]:
    found = []
    ask = ("What rhymes with {0}?", "A word that rhymes with {0}?", "Find a rhyme for {0}.", "rhyme with {0}")
    for row in facts.RHYMES:
        group = row.split()
        for word in group:
            for question in choose.sample(ask, 2):
                other = choose.choice([one for one in group if one != word])
                found.append((question.format(word), f"{_capital(other)} rhymes with {word}."))
    return found


def reading(choose: random.Random) -> list[Exchange]:
    """A little text and a question whose answer stands in it."""
    found = []
    for _ in range(PASSAGES):
        text, asked = passage(choose)
        question, answer = choose.choice(asked)
        form = choose.choice(("{0} {1}", "{0}\n{1}", "{1} {0}", "Read this: {0} {1}"))
        found.append((form.format(text, question), answer))
    return found


def passage(choose: random.Random) -> tuple[str, list[Exchange]]:
    """A text of two or three sentences, and the questions it answers."""
    name, friend = choose.sample(facts.CHILDREN, 2)
    kind, thing = choose.choice(("dog", "cat", "rabbit", "bird", "frog", "duck")), choose.choice(facts.TOYS)
    colour = choose.choice(("red", "blue", "green", "yellow", "white", "black", "pink"))
    place, day = choose.choice(facts.PLACES), choose.choice(facts.DAYS)
    number, food = choose.randrange(2, 10), choose.choice(("apples", "cookies", "plums", "eggs", "nuts", "cakes"))
    feeling = choose.choice(("happy", "sad", "tired", "hungry", "scared", "proud"))
    texts = (
        (
            f"{name} had a {colour} {thing}. {name} played with it {place}.",
            [
                (f"What colour was the {thing}?", f"The {thing} was {colour}."),
                (f"Who had the {thing}?", f"{name} had the {thing}."),
                (f"Where did {name} play?", f"{name} played {place}."),
                (f"What did {name} have?", f"{name} had a {colour} {thing}."),
            ],
        ),
        (
            f"{name} had a {kind} named {friend}. They went for a walk {place}. {friend} was {feeling}.",
            [
                (f"What was the {kind}'s name?", f"The {kind} was named {friend}."),
                ("Where did they go for a walk?", f"They went for a walk {place}."),
                (f"How did {friend} feel?", f"{friend} was {feeling}."),
                (f"Which animal did {name} have?", f"{name} had a {kind}."),
            ],
        ),
        (
            f"On {day} {name} found {facts.NUMBERS[number]} {food} {place}. {name} gave them to {friend}.",
            [
                (f"How many {food} did {name} find?", f"{name} found {facts.NUMBERS[number]} {food}."),
                (f"Who got the {food}?", f"{friend} got the {food}."),
                (f"Where were the {food}?", f"The {food} were {place}."),
                (f"When did {name} find the {food}?", f"{name} found the {food} on {day}."),
                (f"What did {name} find?", f"{name} found {facts.NUMBERS[number]} {food}."),
            ],
        ),
        (
            f"A little {kind} lived {place}. One day the {kind} lost its {thing} and was sad. {name} found it.",
            [
                (f"Where did the {kind} live?", f"The {kind} lived {place}."),
                (f"What did the {kind} lose?", f"The {kind} lost its {thing}."),
                (f"Who found the {thing}?", f"{name} found the {thing}."),
                ("Who lost something?", f"The little {kind} lost its {thing}."),
            ],
        ),
    )
    return choose.choice(texts)


def pairs(table: str) -> list[tuple[str, str]]:
    """The pairs of a table of words written `one-other`; the other may hold hyphens itself."""
    return [(one, other) for one, _, other in (pair.partition("-") for pair in table.split())]


def a(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
