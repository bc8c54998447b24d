"""What crosses the wire: envelope, message types, code lists, errors, words of the workflow."""
