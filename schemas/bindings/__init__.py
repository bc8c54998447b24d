"""The payloads as values, generated from the XSDs; not edited by hand."""
