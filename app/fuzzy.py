"""How well a title answers what was typed: its letters in their order, best where words begin and letters touch."""

from __future__ import annotations

_START, _WORD, _NEXT = 12, 8, 6  # for a letter that begins the title, begins a word, follows the one before
_GAP = 3
_LONGEST = 120  # characters of a title that count


def score(typed: str, title: str) -> float | None:
    """A number that is larger for better answers; None where the letters do not occur in this order.

    What is typed may be several words, in any order, each found on its own. Case does not count. Nothing typed
    fits everything alike. Of two titles that fit alike, the shorter one comes first.
    """
    text = title[:_LONGEST].casefold()
    total = 0.0
    for word in typed.casefold().split():
        if not _occurs(word, text):
            return None
        total += _best(word, text)
    return total - len(text) / 1000


def _occurs(word: str, text: str) -> bool:
    letters = iter(text)
    return all(letter in letters for letter in word)


def _best(word: str, text: str) -> float:
    """The best way to place the letters: one row for each letter, one column for each place of the text.

    `ends[i]` is the best score with the letter placed at i; a gap between two placed ones costs _GAP, and 1 for every
    further letter in it.
    """
    nowhere = float("-inf")
    worth = [_START if i == 0 else _WORD if not text[i - 1].isalnum() else 0 for i in range(len(text))]
    ends = [worth[i] if text[i] == word[0] else nowhere for i in range(len(text))]
    for letter in word[1:]:
        best, row = nowhere, [nowhere] * len(text)  # best: of the row above up to here, less what was skipped
        for i in range(1, len(text)):
            best = max(best - 1, ends[i - 2] - _GAP if i > 1 else nowhere)
            if text[i] == letter:
                row[i] = max(best + worth[i], ends[i - 1] + max(_NEXT, worth[i]))
        ends = row
    return max(ends)
