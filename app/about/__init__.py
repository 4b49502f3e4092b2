"""About Seedling: what it is, what it is made of, under which licences, and whether there is a newer version."""
