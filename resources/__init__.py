"""Data that ships with Seedling; found through engine.paths.resource."""
