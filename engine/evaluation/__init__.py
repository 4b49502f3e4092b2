"""How good a model is: the likelihood of texts, an n-gram model to compare with, and the starter's own examination."""
