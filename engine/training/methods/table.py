"""Every method under its name in recipes."""

from __future__ import annotations

from engine.training.methods.base import Method
from engine.training.methods.classes import Classify
from engine.training.methods.conversations import Full, Lora
from engine.training.methods.preferences import Dpo
from engine.training.methods.text import Continue, Pretrain
from engine.training.recipe import Recipe

# Under their names in recipes. A further method is an entry here, a name in recipe.py and its habits in defaults.py.
METHODS: dict[str, Method] = {
    "pretrain": Pretrain(),
    "continue": Continue(),
    "full": Full(),
    "lora": Lora(),
    "classify": Classify(),
    "dpo": Dpo(),
}


def method_of(recipe: Recipe) -> Method:
    return METHODS[recipe.method]
