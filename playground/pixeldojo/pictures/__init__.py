"""Pictures from a prompt, a seed and sources: edits, compositions and painted scenes, with Pillow alone."""
