"""The payloads as values, generated from the XSDs."""
