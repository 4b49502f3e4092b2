"""Which languages rows are written in, guessed from the beginnings of a sample of them.

py3langid (naive Bayes over byte n-grams; Lui and Baldwin 2012, "langid.py") knows 139 languages in 5 MB and needs
nothing but numpy. Alone it cannot tell a short English row from a Dutch one, so the rows of a dataset are judged
together: what most of them are, a doubtful one is as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLED = 1000  # rows
UNKNOWN = "und"  # as ISO 639 writes what is not determined
_READ = 400  # characters of a row
_HINT = 0.15  # a row whose likeliest language is less likely gives none: numbers, code, a name
_ROUNDS = 50


def shares(texts: Iterable[str]) -> list[tuple[str, float]]:
    """Codes of ISO 639 with their shares of the texts, the largest first and UNKNOWN last."""
    guesses = [dict(_identifier().rank(text[:_READ])) for text in texts]
    if not guesses:
        return []
    codes = sorted(guesses[0])
    alone: NDArray[np.float64] = np.array([[guess[code] for code in codes] for guess in guesses])
    counted = Counter(codes[best] if sure else UNKNOWN for best, sure in _judged(alone))
    found = sorted(counted.items(), key=lambda pair: (pair[0] == UNKNOWN, -pair[1], pair[0]))
    return [(code, count / len(guesses)) for code, count in found]


def _judged(alone: NDArray[np.float64]) -> list[tuple[int, bool]]:
    """Of each row its likeliest language, and whether it hints at any. alone: (rows, languages), each row by itself.

    How common languages are is estimated from all rows by EM (Saerens et al. 2002, "Adjusting the outputs of a
    classifier to new a priori probabilities"), which begins from all being alike.
    """
    hints = alone.max(1) >= _HINT
    common = np.full(alone.shape[1], 1 / alone.shape[1])
    together = alone
    for _ in range(_ROUNDS if hints.any() else 0):
        together = alone * common
        together = together / together.sum(1, keepdims=True)
        common = together[hints].mean(0)
    return list(zip(together.argmax(1).tolist(), hints.tolist(), strict=True))


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
