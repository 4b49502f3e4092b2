"""The methods of training. All that differs between them stands in these modules; the loop knows none by name."""
