"""Write the raw text the starter's base recipe trains on, its held-out documents last; and those beside it,
as held-out.txt, for the evaluation.

python -m tools.starter.text OUT.txt
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from tools.starter import corpora
from tools.starter.plots import invented
from tools.starter.recast import recast
from tools.starter.requests import Told, by_any, requests

END = "\n<|endoftext|>\n"
STORY_PASSES, STORYBOOK_PASSES, FAIRYTALE_PASSES = 2, 2, 1
TELLINGS = 5  # of each story, with other names and things and under a title, so that it is learnt what a title promises
INVENTED = 10_000  # stories from plots
ASKED_FOR = 0.4  # of the tellings and the invented ones
CHILDRENS_BOOKS_SHARE = 0.2


def main(out: Path) -> None:
    choose = random.Random(3)
    stories, books, tales = corpora.tinystories(), corpora.storybooks(), corpora.fairytales()
    held = [text for text in (*stories, *books, *tales) if corpora.held_out(text)]
    stories, books, tales = (
        [text for text in found if not corpora.held_out(text)] for found in (stories, books, tales)
    )
    text = stories * STORY_PASSES + books * STORYBOOK_PASSES + tales * FAIRYTALE_PASSES
    told = [telling(story, choose) for story in stories for _ in range(TELLINGS)]
    told += [invented(choose) for _ in range(INVENTED)]
    text += [f"{request}\n\n{story}" if choose.random() < ASKED_FOR else story for request, story in told]
    text += [as_text(conversation) for conversation in corpora.persona_chat()]
    pieces = corpora.childrens_books()
    text += choose.sample(pieces, round(len(pieces) * CHILDRENS_BOOKS_SHARE))
    choose.shuffle(text)
    choose.shuffle(held)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(END.join([*text, *held]), encoding="utf-8")
    out.with_name("held-out.txt").write_text(END.join(held), encoding="utf-8")
    share = sum(map(len, held)) / sum(map(len, [*text, *held]))
    print(f"{len(text):,} documents and {len(held):,} held out ({share:.4f} of the characters) in {out}")


def telling(story: str, choose: random.Random) -> Told:
    """A request for the story, and the story told of others, under a title that names some of them."""
    again = recast(story, choose)
    return next(iter(requests(again, choose, 1)), None) or by_any(again, choose)


def as_text(conversation: list[dict[str, str]]) -> str:
    return "\n".join(f'"{message["content"]}"' for message in conversation)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
