"""The chat page: views, item models and its controller."""
