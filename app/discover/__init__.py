"""Finding models and datasets elsewhere: what we recommend, what the hub has, and what is on its way here."""
