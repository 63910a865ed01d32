"""Limits of the provider and of Discord, with where each is from."""

MIB = 1024 * 1024
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
"""Spans in milliseconds, the unit of every stored moment."""

MAX_SOURCES = 8
"""Images a job may be given (the most that a model of the provider takes)."""
MAX_COUNT = 10
"""Results a job may be asked for, of a model that makes so many (one message takes ten files)."""
MAX_SOURCE_BYTES = 50 * MIB
"""One source, in bytes (provider: under 50 MB)."""
MAX_SOURCE_PIXELS = 64_000_000
"""One source, in pixels: what one small machine decodes without harm."""
MAX_SCALED_PIXELS = 256_000_000
"""One JPEG, in pixels: it is decoded at a half to an eighth of its size. Telephones make 200 million."""
MAX_SENT_SIDE = 4_096
"""Longer side in pixels of a source that must be encoded anew; the models make up to 3,840 of it."""
FILE_BYTES = 10 * MIB
"""One attachment where no server has more, in bytes (Discord)."""
MAX_RESULT_BYTES = 64 * MIB
"""One result, in bytes: more than the provider's largest PNG, far less than the disk."""
MIN_PROMPT, MAX_PROMPT = 2, 32_000
"""Characters of a prompt (provider)."""
COMMAND_PROMPT = 6_000
"""Characters that a slash command's text option takes (Discord)."""
MODAL_TEXT = 4_000
"""Characters that a modal's text field takes (Discord)."""

FILES_PER_MESSAGE = 10
"""Attachments of one message (Discord)."""
REQUEST_BYTES = 25 * MIB
"""One request with all its files, in bytes (Discord)."""
TOKEN_LIFE = 15 * MINUTE
"""How long an interaction's token is good for (Discord)."""
TOKEN_MARGIN = 20 * SECOND
"""A token this close to its end is not tried any more: an upload takes a while itself."""

SOFT_DEADLINE = 5 * MINUTE
"""A job that runs longer is called late on its card."""
HARD_DEADLINE = 10 * MINUTE
"""After this a running job is asked about only now and then (``LATE_INTERVAL``)."""
LATE_INTERVAL = 10 * MINUTE
A_FEW_MINUTES = 3 * MINUTE
"""How long after trouble at the provider the same is not asked for again."""
GIVE_UP = DAY
"""When a late or unknown job is given up and released."""
REMIND_AFTER = MINUTE
"""A job that took longer ends with a reply that mentions its member."""
