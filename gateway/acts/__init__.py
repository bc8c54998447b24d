"""What operators may do to the hub, by command or in the console: one way for both."""
