"""``python -m workers.verify PACKAGE...``: see :mod:`workers.verify.command`."""

from __future__ import annotations

import sys

from workers.verify.command import main

if __name__ == "__main__":
    sys.exit(main())
