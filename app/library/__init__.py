"""The page of models: those on this computer, those other programs have, and each one's settings."""
