"""Writing several tokens in one evaluation: guess what comes next, evaluate the guess at once, keep what was right.

A guess is right as long as it is what the sampler chooses, so the text is the one that would be written token by
token. What may differ is rounding: an evaluation of several tokens adds up in another order than that of one.
"""

from __future__ import annotations

import statistics
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol


@dataclass
class Evaluation:
    """What was evaluated together with the token before it, and what came of it."""

    guess: list[int] = field(default_factory=list)
    guessing: float = 0.0  # seconds it took to guess
    seconds: float = 0.0  # of the evaluation; 0 for that of the prompt
    written: int = 0  # tokens that were chosen from it


class Drafter(Protocol):
    """Guesses how a text goes on."""

    def propose(self, ids: list[int], most: int, cancelled: threading.Event) -> list[int]:
        """Up to `most` ids that may follow `ids`; none where there is no good guess."""


class PromptLookup:
    """Goes on as the text itself did where it last said the same: code that is edited, a source that is quoted.

    Saxena, Prompt Lookup Decoding (2023). What was the same for so many tokens is taken to be so for as many more.
    """

    _RUN = 3  # ids that must be the same, at least
    _CANDIDATES = 8  # places compared, the latest
    _COMPARED = 32  # ids back

    def __init__(self) -> None:
        self._known = 0  # ids whose runs have been learnt
        self._ends: dict[tuple[int, ...], list[int]] = {}  # where each run ends, but for the one that ends the text

    def propose(self, ids: list[int], most: int, cancelled: threading.Event) -> list[int]:
        self._learn(ids)
        places = self._ends.get(tuple(ids[-self._RUN :]), ())
        # the longest, and of those the latest
        same, end = max(((self._same(ids, end), end) for end in places[-self._CANDIDATES :]), default=(0, 0))
        period = len(ids) - end
        return [ids[end + place % period] for place in range(min(same, most))]

    def _learn(self, ids: list[int]) -> None:
        """The runs of a text that has grown behind what is known of it."""
        for end in range(max(self._known, self._RUN), len(ids)):
            self._ends.setdefault(tuple(ids[end - self._RUN : end]), []).append(end)
        self._known = len(ids)

    def _same(self, ids: list[int], end: int) -> int:
        """How many ids before this place are those that end the text."""
        length = self._RUN
        while length < min(end, self._COMPARED) and ids[end - length - 1] == ids[-length - 1]:
            length += 1
        return length


class Pace:
    """How many tokens may be guessed now: none once guesses have cost more than they may.

    Times are counted in tokens written one by one. Each token written earns 2 percent of one; an evaluation with a
    guess takes what it took and gives back the tokens it yielded. Only a guess that may be wrong from its first token
    on without overdrawing this account is made. So wrong guesses cost at most `_MOST_CREDIT` tokens and 2 percent.
    """

    _EARNED = 0.02
    _MOST_CREDIT = 4.0
    _LENGTHS = (32, 16, 8, 4, 2, 1)
    _USUAL_COST = 0.5  # of each token of a guess, before one was evaluated
    _SMOOTHING = 0.3

    def __init__(self) -> None:
        self._credit = self._MOST_CREDIT
        self._plain: deque[float] = deque(maxlen=9)  # seconds of tokens written one by one
        self._costs: dict[int, float] = {}  # of each token of a guess, by the power of two its length begins with

    def length(self) -> int:
        """How long a guess may be; 0 for none."""
        if len(self._plain) < 2 or self._credit <= 0:  # the first time is not a usual one
            return 0
        return next((length for length in self._LENGTHS if length * self._cost_of_each(length) <= self._credit), 0)

    def record(self, evaluation: Evaluation) -> None:
        """Take it into account. One without a guess is that of a token written as ever."""
        guess = len(evaluation.guess)
        if not guess and evaluation.seconds:
            self._plain.append(evaluation.seconds)
        if not self._plain:
            return
        # a guess never takes longer than its tokens one by one, by either model: more is another program's doing
        seconds = evaluation.guessing + (evaluation.seconds if guess else 0.0)
        cost = min(seconds / statistics.median(self._plain), 2.0 * guess + 2.0)
        if guess:
            each, known = max(cost - 1, 0.0) / guess, self._costs.get(guess.bit_length())
            self._costs[guess.bit_length()] = each if known is None else known + self._SMOOTHING * (each - known)
        gained = (evaluation.written if guess else 0) - cost
        self._credit = min(self._credit + self._EARNED * evaluation.written + gained, self._MOST_CREDIT)

    def _cost_of_each(self, length: int) -> float:
        """As it was in guesses of about this length."""
        power = length.bit_length()
        return self._costs[min(self._costs, key=lambda known: abs(known - power))] if self._costs else self._USUAL_COST
