"""Pictures: what a file is, contact sheets, and fitting a picture to a limit of bytes.

``work.PictureWork`` is what the rest of the bot calls. All that touches a picture's bytes runs in the process
of ``child``, and only there is Pillow loaded: ``work``, ``kept``, ``values`` and ``uploads`` do without it.
"""
