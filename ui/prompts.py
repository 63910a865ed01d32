"""What a member asked for, as a quotation."""

from domain.job import Job
from ui.plain import clean, escape

PROMPT_CHARACTERS = 900
PROMPT_LINES = 12
NO_WORDS = "-# What was asked for is not kept any more."
HIDDEN_WORDS = "-# What was asked for is not shown here."


def words_of(job: Job) -> str:
    """Return what a card shows of a job's prompt."""
    if job.prompt_hidden:
        return HIDDEN_WORDS
    return quoted(job.words) if job.prompt else NO_WORDS


def quoted(prompt: str) -> str:
    """Return a prompt as a quotation that can neither ping nor break a message, nor link anywhere."""
    lines = clean(prompt, PROMPT_CHARACTERS).split("\n")
    shown = [*lines[:PROMPT_LINES], "…"] if len(lines) > PROMPT_LINES else lines
    return "\n".join(f"> {escape(line)}" for line in shown)[:2000]
