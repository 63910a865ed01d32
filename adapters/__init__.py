"""What speaks to Discord without being a command."""
