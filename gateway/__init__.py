"""The hub at work: the door, the workers, the deliveries, the seal, the client and the commands."""
