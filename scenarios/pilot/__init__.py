"""Before and after a pilot: which workflow, how large and how long, and what its actual figures say."""
