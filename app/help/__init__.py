"""The guide to Seedling inside the program, and the report of a problem."""
