"""What is kept of jobs: asked for, handed out, withdrawn, erased, and gone with time."""
