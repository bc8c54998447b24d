"""What crosses the wire: envelope, message types, code lists, errors and the words of the workflow."""
