"""The benchmarks' modules, which are no package, for their tests."""

from __future__ import annotations

import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

if BENCHMARKS.exists():
    # Last, so that it hides nothing.
    sys.path.append(str(BENCHMARKS))
else:
    # They are not part of the source distribution.
    collect_ignore_glob = ["test_*.py"]
