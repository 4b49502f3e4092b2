"""Write the words that stories of the permitted corpora are made of, for the card's question whether a word is one.

python -m tools.starter.words OUT.txt
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from engine.evaluation.scoring import base, words
from tools.starter import corpora

LEAST = 3  # occurrences; a slip of the pen is rarer


def main(out: Path) -> None:
    texts = [*corpora.tinystories(), *corpora.storybooks(), *corpora.fairytales(), *corpora.childrens_books()]
    counts = Counter(form for text in texts for word in words(text) for form in {word, base(word)})
    kept = sorted(word for word, count in counts.items() if count >= LEAST and _listed(word, counts))
    out.write_text("".join(f"{word}\n" for word in kept), encoding="utf-8")
    print(f"{len(kept):,} words, {out.stat().st_size:,} bytes in {out}")


def _listed(word: str, counts: Counter[str]) -> bool:
    """Not what follows from its base, such as possessives; of letters only those that are words."""
    return (len(word) > 1 or word in "aio") and (word == base(word) or counts[base(word)] < LEAST)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
