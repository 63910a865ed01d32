"""``python -m config.health [/healthz]``: ask the bot of these settings whether it is ready (runs); 0 is yes.

What a container's engine runs every minute: it reads the settings as the bot does and imports little.
"""

import sys
from http.client import HTTPConnection, HTTPException

from config.environment import read_environment
from config.problems import SettingsError
from config.settings import load_listen

HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where it listens, not we
"""Whom to ask that listens everywhere."""
TIMEOUT = 5.0


def main(path: str = "/readyz") -> int:
    """Return the exit status, and say what it is about."""
    try:
        if (listen := load_listen(read_environment())) is None:
            print("The bot has no WEBHOOK_LISTEN: it cannot be asked.")  # noqa: T201 - for the engine
            return 0
        host, port = listen
        bot = HTTPConnection(HERE.get(host, host), port, timeout=TIMEOUT)
        bot.request("GET", path)
        answer = bot.getresponse()
    except (SettingsError, OSError, HTTPException) as error:
        print(f"The bot cannot be asked: {error}")  # noqa: T201
        return 1
    print(answer.read().decode(errors="replace"))  # noqa: T201
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
