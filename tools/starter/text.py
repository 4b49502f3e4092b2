"""Write the raw text the starter's base recipe trains on, its held-out documents last; and those beside it,
as held-out.txt, for the evaluation.

python -m tools.starter.text OUT.txt
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from tools.starter import corpora

END = "\n<|endoftext|>\n"
STORY_PASSES, STORYBOOK_PASSES, FAIRYTALE_PASSES = 6, 3, 2
CHILDRENS_BOOKS_SHARE = 0.6


def main(out: Path) -> None:
    choose = random.Random(3)
    stories, books, tales = corpora.tinystories(), corpora.storybooks(), corpora.fairytales()
    held = [text for text in (*stories, *books, *tales) if corpora.held_out(text)]
    text = [text for text in stories if not corpora.held_out(text)] * STORY_PASSES
    text += [text for text in books if not corpora.held_out(text)] * STORYBOOK_PASSES
    text += [text for text in tales if not corpora.held_out(text)] * FAIRYTALE_PASSES
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


def as_text(conversation: list[dict[str, str]]) -> str:
    return "\n".join(f'"{message["content"]}"' for message in conversation)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
