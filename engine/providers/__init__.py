"""Models that answer somewhere else: local servers and APIs, each a provider with a name of its own."""
