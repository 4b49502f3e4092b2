"""Newer versions: looked for when a person asks, believed when they are signed, fetched when asked, never installed."""
