"""The demo: a hub and its seven partners, each a process of its own, and the story they play."""
