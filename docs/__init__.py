"""The documentation, and the command that writes its reference pages from the code."""
