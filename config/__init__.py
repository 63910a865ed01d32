"""What an operator chooses: the environment and ``.env``, read once and checked whole, and the log."""
