"""``python -m config.address``: print ``DATABASE_URL`` as the bot reads it, for PostgreSQL's own programs.

No shell reads ``.env`` as the bot does, and with an empty address they take another database for the one that
was meant.
"""

import sys

from config.environment import read_environment
from config.problems import SettingsError
from config.settings import load_kept


def main() -> int:
    """Print the address, or why there is none; return the exit status."""
    try:
        url = load_kept(read_environment()).database_url
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for whoever typed it
        return 78
    if url is None:
        print("DATABASE_URL is not set: the database is SQLite's, in DATA_DIR.", file=sys.stderr)  # noqa: T201
        return 78
    print(url)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
