"""What may go wrong with a training that has not begun: pure functions of what is known of it.

Each looks at `Facts` and gives one `Advice` or None; its docstring says from where on it speaks and why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.hardware import size_text
from engine.training.advice import Advice


@dataclass(frozen=True)
class Facts:
    """Of a resolved recipe and its data.

    items: windows, conversations, texts or pairs to learn from, held_back: more of them. size_bytes: of the data.
    per_step: items of a step. too_long: share of the rows that do not fit into max_length. labels: how many texts each
    has. duplicates: rows that repeat others, of `rows`. leaked: rows that also are in other data, for evaluation.
    usual_rate: what the learning rate would be. replay: whether general text is mixed in. memory: bytes it takes, of
    those available now; 0 where that is not known.
    """

    method: str
    items: int
    held_back: int
    rows: int
    size_bytes: int
    steps: int
    per_step: int
    learning_rate: float
    usual_rate: float
    max_length: int = 0
    too_long: float = 0.0
    labels: tuple[tuple[str, int], ...] = ()
    duplicates: int = 0
    leaked: int = 0
    replay: bool = False
    memory: int = 0
    available: int = 0

    @property
    def passes(self) -> float:
        """Over the data."""
        return self.steps * self.per_step / max(1, self.items)


def risks(facts: Facts) -> list[Advice]:
    """All that should be known before this training begins, the gravest first."""
    return [advice for look in LOOKS if (advice := look(facts)) is not None]


def memory_short(facts: Facts) -> Advice | None:
    """It is estimated to take more memory than is free: then the system swaps, or ends it."""
    if facts.memory <= facts.available:
        return None
    return Advice("memory_short", data={"needed": size_text(facts.memory), "free": size_text(facts.available)})


_FEWEST = {"full": 50, "lora": 50, "dpo": 100, "classify": 50}
_LEAST_BYTES = {"pretrain": 100_000, "continue": 50_000}


def little_data(facts: Facts) -> Advice | None:
    """Under 50 conversations or texts with labels, 100 pairs, 100 kB of text from nothing or 50 kB from a parent.

    OpenAI's guide to finetuning sees clear gains from 50 to 100 examples on; a thousand careful ones made an assistant
    (Zhou et al. 2023, arXiv:2305.11206). In 100 kB most words stand once. The numbers of bytes are ours.
    """
    if facts.method in _LEAST_BYTES:
        least = _LEAST_BYTES[facts.method]
        if facts.size_bytes >= least:
            return None
        return Advice("little_text", data={"found": facts.size_bytes, "wanted": least})
    least = _FEWEST[facts.method]
    if facts.items >= least:
        return None
    return Advice("little_data", data={"found": facts.items, "wanted": least})


def labels_rare(facts: Facts) -> Advice | None:
    """A label with under 10 texts. Few-shot finetuning begins to hold from 8 to 16 a class (Gao et al. 2021,
    arXiv:2012.15723, with 16), and one in twenty is held back.
    """
    rare = sorted((count, label) for label, count in facts.labels if count < 10)
    if not rare:
        return None
    count, label = rare[0]
    return Advice("labels_rare", data={"label": label, "count": count, "rare": len(rare)})


_MOST_PASSES = {"pretrain": 16, "continue": 4, "full": 5, "lora": 8, "classify": 20, "dpo": 3}


def too_long(facts: Facts) -> Advice | None:
    """More passes than 16 from nothing, 4 of continued text, 5 of all weights, 8 of an adapter, 20 of labels, 3 of
    preferences.

    Text repeated over 16 times teaches nothing more (Muennighoff et al. 2023, arXiv:2305.16264); finetuning overfits
    after one to a few passes (Ouyang et al. 2022, arXiv:2203.02155, section 3.5); dpo after one to three (TRL).
    Under 200 steps nothing is said: few rows need many passes.
    """
    most = _MOST_PASSES[facts.method]
    if facts.passes <= most or facts.steps <= 200:
        return None
    return Advice("too_many_passes", data={"passes": facts.passes, "most": most})


def will_forget(facts: Facts) -> Advice | None:
    """All weights are trained on one kind of data alone: `continue` without replay, or `full` for over three passes or
    at twice the usual rate.

    A twentieth of general text keeps most of what was known (Ibrahim et al. 2024, arXiv:2403.08763); adapters forget
    less (Biderman et al. 2024, arXiv:2405.09673).
    """
    if facts.method == "continue" and not facts.replay:
        return Advice("forgets_text")
    if facts.method == "full" and (facts.passes > 3.5 or facts.learning_rate > 1.9 * facts.usual_rate):
        return Advice("forgets_rest")
    return None


def rate_unusual(facts: Facts) -> Advice | None:
    """Over 3 times, or under a tenth of, what is usual here. Best rates lie within a factor of 3 (Wortsman et al. 2023,
    arXiv:2309.14322, figure 1); far below them a run is only slow, so that side is wider.
    """
    share = facts.learning_rate / facts.usual_rate
    if 0.1 <= share <= 3:
        return None
    code = "rate_high" if share > 3 else "rate_low"
    return Advice(code, data={"rate": f"{facts.learning_rate:.1e}", "usual": f"{facts.usual_rate:.1e}"})


def batch_large(facts: Facts) -> Advice | None:
    """A step takes more than a tenth of the data, so that there are under ten steps a pass: each then tells the same
    (McCandlish et al. 2018, arXiv:1812.06162: beyond the noise scale larger batches teach no more).
    """
    if facts.per_step * 10 <= facts.items:
        return None
    fitting = max(1, facts.items // 10)
    return Advice("batch_large", data={"batch": facts.per_step, "items": facts.items, "fitting": fitting})


def texts_long(facts: Facts) -> Advice | None:
    """Over 2 in 100 rows do not fit into max_length: their ends, or they, are left out."""
    if facts.too_long <= 0.02:
        return None
    return Advice("texts_long", data={"percent": 100 * facts.too_long, "length": facts.max_length})


def duplicates_leak(facts: Facts) -> Advice | None:
    """Over 1 in 100 rows repeat another, so that held-back rows are known already and look learnt (Lee et al. 2021,
    arXiv:2107.06499); or rows of the data stand in the data kept for evaluation. Where repeated rows are left out, as
    classify and dpo do, they are no risk.
    """
    if facts.leaked:
        return Advice("evaluation_leaks", data={"rows": facts.leaked})
    if facts.method in ("classify", "dpo") or facts.duplicates * 100 <= facts.rows:
        return None
    return Advice("duplicates_leak", data={"rows": facts.duplicates, "all": facts.rows})


def little_held_back(facts: Facts) -> Advice | None:
    """Under 10 items held back: a mean of so few tells little of when to stop."""
    if facts.held_back >= 10:
        return None
    return Advice("little_held_back", data={"count": facts.held_back})


Look = Callable[[Facts], Advice | None]
LOOKS: tuple[Look, ...] = (
    memory_short,
    little_data,
    labels_rare,
    rate_unusual,
    too_long,
    will_forget,
    duplicates_leak,
    texts_long,
    batch_large,
    little_held_back,
)
