"""Run benches and write their figures: `python -m bench [NAME ...]`; what follows one name and begins with - is passed on."""

import sys
from importlib import import_module

from bench import _results

BENCHES = ("region", "equilibrium", "design")


def main() -> int:
    """Run the named benches, or all; returns the exit code."""
    words = sys.argv[1:]
    at = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    names, options = words[:at] or list(BENCHES), words[at:]
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"No bench {', '.join(unknown)}; there are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    for name in names:
        print(f"bench {name}", file=sys.stderr)
        measure = import_module(f"bench.{name}").measure
        figures = measure(options) if options and len(names) == 1 else measure()
        if figures:
            _results.write(name, figures)
    _results.write_page()
    return 0


sys.exit(main())
