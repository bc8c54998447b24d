"""The acts of the story: each gives orders and holds what comes of them against what must be."""
