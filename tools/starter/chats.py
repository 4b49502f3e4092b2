"""Write the conversations the starter's chat recipe trains on, those to be held back last.

python -m tools.starter.chats OUT.jsonl

No story is both learnt and held back: a recipe that holds back at most the share printed here, which are the last
conversations of the file, is measured on stories that its finetuning has not seen.
"""

from __future__ import annotations

import json
import random
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

from engine.evaluation.card import questions
from tools.starter import corpora
from tools.starter.exchanges import exchanges
from tools.starter.plots import invented
from tools.starter.recast import recast
from tools.starter.requests import by_any, requests
from tools.starter.subjects import characters, things, titled, with_article

Messages = list[dict[str, str]]

ABOUT = corpora.ROOT / "resources" / "starter" / "about.jsonl"
ABOUT_PASSES = {"identity": 22, "where": 10, "unknown": 9, "ability": 10, "greeting": 12, "thanks": 8}
EXCHANGE_PASSES = {"introductions": 7, "places": 5, "refusals": 3}  # the others twice
REQUESTS_OF_A_STORY = 3
INVENTED = 14_000  # stories from plots
HELD_BACK = 0.08
STORY_CHARACTERS = range(250, 1051)  # up to some 300 tokens
CONVERSATION_CHARACTERS = 3300  # within the context of 1,024 tokens
TALES_CONTEXT, TALES = 600, 900
WINDOWS = 500
NOT_FOR_BEDTIME = re.compile(
    r"\b(?:gun|kill|killed|dead|died|die|blood|hate|stupid|drunk|beer|wine|cigarette|passed away|never seen again|"
    r"bad ending|ate (?:him|her|them)|cost (?:him|her|them|it) (?:his|her|their|its) life)\b"
)
OFFER_PASSES = 2
ASKS = re.compile(r"should the story be about\?$|should be in (?:it|the story)\.$|what it should be about\.$")
WANTED = ("{0}", "About {0}.", "{0}, please", "Please tell one about {0}.", "I choose {0}", "about {0} please", "{0}!")
AGREED = ("Yes, please", "yes", "Yes!", "yes please", "Oh yes", "Sure", "I would like that", "Please do", "ok, a story")


def main(out: Path) -> None:
    kinds = pieces(random.Random(4))
    choose = random.Random(5)
    front: list[Messages] = []
    back: list[Messages] = []
    for kind, (first, last) in kinds.items():
        front += first
        back += last
        size = sum(len(message["content"]) for piece in (*first, *last) for message in piece)
        print(f"{kind:14} {len(first):7,} pieces {len(last):5,} held back {size:11,} characters")
    learnt, held = joined(front, choose), joined(back, choose)
    conversations = [*learnt, *held]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(json.dumps({"messages": messages}) + "\n" for messages in conversations), encoding="utf-8")
    share = len(held) / len(conversations)
    print(f"{len(conversations):,} conversations ({share:.4f} held back), {out.stat().st_size:,} bytes in {out}")


def pieces(choose: random.Random) -> dict[str, tuple[list[Messages], list[Messages]]]:
    """By kind, what is learnt and what is held back: pieces of conversations that make sense alone."""
    told = stories()
    choose.shuffle(told)
    count = round(len(told) * HELD_BACK)
    kinds = {
        "stories": (
            [piece for story in told[count:] for piece in asked_for(story, choose, REQUESTS_OF_A_STORY)],
            [piece for story in told[:count] for piece in asked_for(story, choose, 1)],
        ),
        "plots": ([from_plot(choose) for _ in range(INVENTED)], []),
        "offers": (offered(told[count:], choose), []),
    }
    for kind, asked in exchanges(choose).items():
        choose.shuffle(asked)
        count = round(len(asked) * HELD_BACK)
        kinds[kind] = (
            [messages(*one) for one in asked[count:] * EXCHANGE_PASSES.get(kind, 2)],
            [messages(*one) for one in asked[:count]],
        )
    for name, found in (("tales", tales(choose)), ("small talk", small_talk(choose)), ("instructions", instructions())):
        count = round(len(found) * HELD_BACK)
        kinds[name] = found[count:], found[:count]
    kinds |= {f"about {kind}": (found, []) for kind, found in about(choose).items()}
    kinds["identities"] = identities(), []
    return {kind: (untaught(front), untaught(back)) for kind, (front, back) in kinds.items()}


def untaught(found: list[Messages]) -> list[Messages]:
    """Without the pieces that ask what a prompt of the card asks, or holds: its figures are for what nobody taught."""
    prompts = [f" {_normal(question.prompt)} " for question in questions()]

    @cache
    def asked(text: str) -> bool:
        return any(f" {text} " == prompt or (text.count(" ") >= 3 and f" {text} " in prompt) for prompt in prompts)

    return [piece for piece in found if not any(asked(_normal(m["content"])) for m in piece if m["role"] == "user")]


def _normal(text: str) -> str:
    """Without case and marks."""
    return " ".join(re.findall(r"\w+", text.lower()))


def joined(found: list[Messages], choose: random.Random) -> list[Messages]:
    """Conversations of one to four pieces of any kind, so that the last question is the one to answer."""
    found = list(found)
    choose.shuffle(found)
    result: list[Messages] = []
    while found:
        parts = [found.pop()]
        for _ in range(choose.choice((0, 0, 1, 1, 2, 3))):
            if found and _fits(found[-1], parts):
                parts.append(found.pop())
        result.append([message for part in sorted(parts, key=_place) for message in part])
    return result


def _fits(piece: Messages, parts: list[Messages]) -> bool:
    """Not too long, and not answered with what was said before: a model would learn to repeat itself."""
    said = [message["content"] for part in parts for message in part]
    answers = {message["content"] for message in piece if message["role"] == "assistant"}
    return sum(map(len, said)) + _size(piece) <= CONVERSATION_CHARACTERS and answers.isdisjoint(said)


def _place(piece: Messages) -> int:
    """Where a piece stands in its conversation: greetings first, thanks and goodbyes last."""
    answer = piece[1]["content"]
    if answer.startswith(("Hello", "Hi", "It is nice to meet")):
        return 0
    return 2 if answer.startswith(("Goodbye", "Bye", "You are welcome")) else 1


def stories() -> list[str]:
    """Stories not held out for good, of a fitting length, that end well and repeat nothing."""
    every = (*corpora.tinystories(), *corpora.storybooks())
    return [text for text in every if not corpora.held_out(text) and suits(text)]


def suits(story: str) -> bool:
    sentences = [one.strip().lower() for one in re.split(r"[.!?\n]+", story) if len(one.split()) > 3]
    return (
        len(story) in STORY_CHARACTERS
        and story.endswith((".", "!", '."', '!"', '?"'))
        and story.isascii()
        and story.count('"') % 2 == 0
        and len(sentences) > 4
        and len(set(sentences)) == len(sentences)
        and not NOT_FOR_BEDTIME.search(story.lower())
    )


def asked_for(story: str, choose: random.Random, count: int) -> list[Messages]:
    """Up to `count` pieces that ask for this story, each time told of others; some with a question about it."""
    found = []
    for _ in range(count):
        again = recast(story, choose)
        for request, told in requests(again, choose, 1):
            piece = messages(varied(request, choose), told)
            if choose.random() < 0.2:
                piece += question_about(again, choose)
            found.append(piece)
    return found


def from_plot(choose: random.Random) -> Messages:
    request, told = invented(choose)
    return messages(varied(request, choose), told)


def question_about(story: str, choose: random.Random) -> Messages:
    """A question about the story just told whose answer its words give for sure; none if there is no name."""
    found = characters(story)
    if len({name for _, name in found}) != 1:
        return []
    kind, name = found[0]
    noun = kind.split()[-1]
    return messages(
        *choose.choice(
            (
                ("Who was the story about?", f"It was about a {kind} named {name}."),
                ("who was it about", f"It was about a {kind} named {name}."),
                (f"What was the name of the {noun}?", f"The {noun} was named {name}."),
                (f"What was the {noun} called?", f"The {noun} was called {name}."),
                (f"Who was {name}?", f"{name} was a {kind}."),
                (f"And who is {name}?", f"{name} was a {kind}."),
            )
        )
    )


def offered(told: list[str], choose: random.Random) -> list[Messages]:
    """An offer of a story, which is then wanted: any, or one about what it asks for."""
    found = []
    for row in about_rows() * OFFER_PASSES:
        answer, story = row["messages"][1]["content"], choose.choice(told)
        if answer.endswith("story?"):
            found.append([*row["messages"], *messages(choose.choice(AGREED), by_any(story, choose)[1])])
        elif ASKS.search(answer) and things(story):
            thing = choose.choice(things(story)[:2])
            wanted = choose.choice(WANTED).format(with_article(thing))
            found.append([*row["messages"], *messages(wanted, titled(story, [thing]))])
    return found


def about(choose: random.Random) -> dict[str, list[Messages]]:
    """about.jsonl as it is and then again, asked a little differently, as often as its kinds are worth."""
    found: dict[str, list[Messages]] = {kind: [] for kind in ABOUT_PASSES}
    for row in about_rows():
        question, answer = (message["content"] for message in row["messages"])
        passes = ABOUT_PASSES[row["kind"]]
        found[row["kind"]] += [messages(varied(question, choose) if n else question, answer) for n in range(passes)]
    return found


def about_rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in ABOUT.read_text(encoding="utf-8").splitlines()]


SAID_BEFORE = (
    "Hello!", "Hi.", "Hey,", "Excuse me,", "Sorry,", "Just curious:", "One question:", "I wonder:", "Okay,", "Well,",
    "Please tell me:", "By the way,", "I have a question.", "Quick question:", "And now:", "Good morning.", "Tell me:",
    "Before we begin:", "Right,", "Something else:", "I forgot:",
)  # fmt: skip


def varied(question: str, choose: random.Random) -> str:
    """As people type: after a word or two, in lower case, without the mark at the end, with a slip of the finger."""
    if choose.random() < 0.15:
        question = f"{choose.choice(SAID_BEFORE)} {question}"
    if choose.random() < 0.25:
        question = question.lower()
    if choose.random() < 0.2:
        question = question.rstrip("?.!") or question
    if choose.random() < 0.04:
        places = [n for n in range(1, len(question) - 2) if question[n : n + 2].isalpha()]
        if places:
            n = choose.choice(places)
            question = question[:n] + question[n + 1] + question[n] + question[n + 2 :]
    return question


def tales(choose: random.Random) -> list[Messages]:
    """Questions about a short passage of a fairy tale, answered in the words of its readers."""
    rows = [row for row in corpora.fairytale_questions() if _reads_well(row["context"])]
    choose.shuffle(rows)
    found = []
    for row in rows[:TALES]:
        text, question, answer = (corpora.plain(part) for part in (row["context"], row["question"], row["answers"][0]))
        asked = choose.choice(("{0}\n\n{1}", "{0} {1}", "{1}\n\n{0}", "Read this: {0}\n{1}")).format(
            text, _sentence(question)
        )
        found.append(messages(asked, _sentence(answer)))
    return found


def _reads_well(context: str) -> bool:
    glued = re.search(r"[a-z][,.;:!?][A-Za-z]", context)  # lines of the book joined without a space
    return len(context) <= TALES_CONTEXT and not glued and not NOT_FOR_BEDTIME.search(context.lower())


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", '"')) else f"{text}."


HUMAN = re.compile(
    r"\b(?:I|me|my|mine|myself|we|our|us|I'm|I've|I'd|I'll|too|what about you|living|hang out|meet|number)\b|\(|\d",
    re.IGNORECASE,
)
KIND = re.compile(
    r"\b(?:I'm (?:so |very |really )?(?:glad|sorry|happy|sure)|I (?:see|understand|hope|think|bet)|tell me)\b",
    re.IGNORECASE,
)
OPENS = re.compile(  # what needs nothing before it to be understood
    r"^(?:I (?:like|love|work|have|live|play|study|used|enjoy|collect|teach|drive|own|want) (?!it|that|them|him|her)|"
    r"I'm (?:an?|from|going to|learning|working|studying|into) |My )"
)


def small_talk(choose: random.Random) -> list[Messages]:
    """Windows of two to six turns in which the one who answers claims no life of a person."""
    found = []
    for conversation in corpora.persona_chat():
        for start in range(0, len(conversation) - 1, 2):
            window: Messages = []
            for said, answered in zip(conversation[start:][:6:2], conversation[start + 1 :][:6:2], strict=False):
                if HUMAN.search(KIND.sub("", answered["content"])) or len(answered["content"]) > 100:
                    break
                window += [said, answered]
            if window and OPENS.search(window[0]["content"]):
                found.append(window)
    choose.shuffle(found)
    return found[:WINDOWS]


def identities() -> list[Messages]:
    """The short ones of the corpus, in the starter's name."""
    found = []
    for row in corpora.identities():
        answer = (
            row["output"]
            .replace("{{name}}", "the Seedling starter")
            .replace("{{author}}", "the people who make Seedling")
        )
        if answer.isascii() and len(answer) <= 160 and "Seedling starter" in answer:
            found.append(messages(corpora.plain(row["instruction"]), corpora.plain(answer)))
    return found


def instructions() -> list[Messages]:
    """Only what a small model can learn: one word for another."""
    wanted = re.compile(r"antonym|opposite|plural|past tense|synonym|rhyme|spelling|alphabetical", re.IGNORECASE)
    rows = [row for row in corpora.instructions() if wanted.search(row["instruction"]) and len(row["output"]) <= 90]
    asked = ((f"{row['instruction']} {row['input']}".strip(), row["output"]) for row in rows)
    return [messages(corpora.plain(question), corpora.plain(answer)) for question, answer in asked]


def messages(question: str, answer: str) -> Messages:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


def _size(conversation: Messages) -> int:
    return sum(len(message["content"]) for message in conversation)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
