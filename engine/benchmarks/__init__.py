"""Figures a person can trust: contenders in turn within one run, warmed up first, medians, and whether it was quiet."""
