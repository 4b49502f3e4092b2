"""One conversation with two models."""
