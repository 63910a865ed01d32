"""The few kinds of things that a member or an operator has to tell apart."""

from enum import StrEnum


class State(StrEnum):
    """Where a job is at the provider."""

    RUNNING = "running"  # every name that is not known to be an end
    COMPLETED = "completed"  # without addresses of images it is not to be believed yet
    FAILED = "failed"


class Failure(StrEnum):
    """Why a job failed, or why its request was refused."""

    MODERATION = "moderation"  # the prompt, a source or the result was screened out
    MODEL_GONE = "model gone"  # the model has ended, or does not exist
    BAD_INPUT = "bad input"  # the provider could not use an option or a source
    PROVIDER = "provider"  # anything else
