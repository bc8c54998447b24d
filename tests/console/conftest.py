"""What tests of the console share."""

from __future__ import annotations

from tests.console.desk import browser, night, sit

__all__ = ["browser", "night", "sit"]
