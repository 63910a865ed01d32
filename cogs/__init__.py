"""Discord commands, thin: read options, call jobs/, show ui/."""
