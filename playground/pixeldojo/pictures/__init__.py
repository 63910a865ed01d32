"""Pictures from a prompt, a seed and photographs, with Pillow alone."""
