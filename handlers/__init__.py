"""What each message means: pure functions from a message and its dossier to a decision."""
