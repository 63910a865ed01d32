"""What holds for all tests."""

import os
import sys

from hypothesis import settings

# Compiled modules are kept whatever the environment says: rewriting the asserts of two hundred files is half
# of what collecting them costs, in each worker, and every bot that is started would compile the product anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The same examples each time where DARKROOM_EXAMPLES says so: what an unrelated change must pass before it lands is
# not drawn. Everybody else, and the long proofs, draw new ones.
settings.register_profile("same", derandomize=True)
if os.environ.get("DARKROOM_EXAMPLES") == "same":
    settings.load_profile("same")
