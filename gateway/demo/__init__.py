"""The demo: a hub, a declarant, a ministry and a customs office, each a process of its own."""
