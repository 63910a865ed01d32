"""What holds for all tests."""

import os
import sys

# Compiled modules are kept whatever the environment says: rewriting the asserts of two hundred files is half
# of what collecting them costs, in each worker, and every bot that is started would compile the product anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
