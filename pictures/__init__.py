"""Pictures: what a file is, the contact sheet of a job's sources, and fitting a result to a limit.

``work.PictureWork`` is what the rest of the bot calls. Everything else here is plain functions on
paths that never run on the event loop. Nothing is imported here, so that ``worker`` starts fast.
"""
