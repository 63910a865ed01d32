"""The work: accept, submit, track, deliver, resume. Never imports discord."""
