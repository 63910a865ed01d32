"""Moved to ``ui/boundary.py``."""

from ui.boundary import SafeItem, SafeModal, SafeTree, answer_privately, report

__all__ = ["SafeItem", "SafeModal", "SafeTree", "answer_privately", "report"]
