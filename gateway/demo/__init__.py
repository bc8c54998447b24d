"""The demo: a hub and its five partners, each a process of its own, and the story they play."""
