"""The operators' console: the queue watched, anything found, acts done safely, in a browser."""
