"""Write the conversations the starter's chat recipe trains on: requests for stories, and about.jsonl.

    python tools/starter_chats.py OUT.jsonl

A story is asked for by one or two things that it really names, so that the model learns to heed the request.
"""

from __future__ import annotations

import json
import lzma
import os
import random
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("SEEDLING_DATA", ROOT.parent / "shared" / "data"))
STORIES = "tinystories/tinystories-truecased.txt.xz"
ABOUT = ROOT / "resources" / "starter" / "about.jsonl"
ABOUT_REPEATS = 10
LONGEST_STORY_CHARACTERS = 900

THINGS = frozenset(
    """
    cat dog bird fish ball boat tree flower car truck train toy doll bear rabbit frog duck horse cow pig mouse lion
    monkey elephant butterfly bee ant spider snake turtle fox wolf dragon princess prince king queen castle house
    garden park forest beach sea river lake mountain sky moon sun star cloud rain snow wind apple banana cake cookie
    candy soup bread egg milk hat coat shoe dress box bag book picture song drum kite bike swing slide rock stick
    leaf key door window bed table chair lamp clock phone robot plane doctor farmer teacher baby grandma brother
    """.split()
)

ONE = (
    "Tell me a story about a {0}.",
    "Tell me a little story about a {0}",
    "Can you tell me a story about a {0}?",
    "Write a short story about a {0}.",
    "Please tell me a story with a {0} in it.",
    "I would like a story about a {0}.",
    "A story about a {0}, please",
)
TWO = (
    "Tell me a story about a {0} and a {1}.",
    "Write a short story with a {0} and a {1}.",
    "Can you tell me a story about a {0} and a {1}?",
)
ANY = (
    "Tell me a story.",
    "Tell me a little story",
    "Can you tell me a story?",
    "I want a story, please",
    "Write a short story.",
    "Another story, please",
    "Yes, please",
)


def main(out: Path) -> None:
    choose = random.Random(2)
    rows = [row for story in stories() for row in asked_for(story, choose)]
    rows += [json.loads(line)["messages"] for line in ABOUT.read_text().splitlines()] * ABOUT_REPEATS
    choose.shuffle(rows)
    rows = joined(rows, choose)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(json.dumps({"messages": messages}) + "\n" for messages in rows))
    print(f"{len(rows)} conversations in {out}")


def joined(rows: list[list[dict[str, str]]], choose: random.Random) -> list[list[dict[str, str]]]:
    """Conversations of one to three exchanges, so that the model learns to answer the last one."""
    result, rest = [], list(rows)
    while rest:
        count = choose.choice((1, 1, 2, 3))
        result.append([message for exchange in rest[:count] for message in exchange])
        rest = rest[count:]
    return result


def stories() -> list[str]:
    with lzma.open(DATA / STORIES, "rt", encoding="utf-8") as file:
        parts = [part.strip() for part in file.read().split("<|endoftext|>")]
    return [part for part in parts if 100 < len(part) <= LONGEST_STORY_CHARACTERS]


def asked_for(story: str, choose: random.Random) -> list[list[dict[str, str]]]:
    """One or two conversations that ask for this story."""
    counts = Counter(word for word in re.findall(r"[a-z]+", story.lower()) if word in THINGS)
    things = [thing for thing, count in counts.most_common(3) if count > 1]
    prompts = [choose.choice(ANY)] if not things or choose.random() < 0.1 else []
    if things:
        prompts.append(choose.choice(ONE).format(things[0]))
    if len(things) > 1:
        prompts.append(choose.choice(TWO).format(*things[:2]))
    return [[{"role": "user", "content": p}, {"role": "assistant", "content": story}] for p in prompts]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
