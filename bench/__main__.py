"""Run benches and write their figures: `python -m bench [NAME ...]`."""

import sys
from importlib import import_module

from bench import _results

BENCHES = ("region",)


def main() -> int:
    """Run the named benches, or all; returns the exit code."""
    names = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"No bench {', '.join(unknown)}; there are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    for name in names:
        print(f"bench {name}", file=sys.stderr)
        _results.write(name, import_module(f"bench.{name}").measure())
    _results.write_page()
    return 0


sys.exit(main())
