"""`isthmus doctor`."""

import platform
import sys

import typer

from isthmus import __version__
from isthmus.cli._output import AsJson, print_json, print_table

PACKAGES = ("numpy", "scipy", "pandas", "numba", "pyarrow", "pydantic", "fudgeo", "h5py")


def doctor(as_json: AsJson = False) -> None:
    """Say whether this installation is sound: versions, cache of compiled kernels, regions that ship.

    Exit code 0 if it is, 2 otherwise.
    """
    import pandas as pd

    checks = [_python(), *_packages(), *_cache(), *_regions()]
    frame = pd.DataFrame(checks, columns=["what", "found", "sound"])
    if as_json:
        print_json("doctor", {"checks": frame})
    else:
        print_table(frame, title=f"Isthmus {__version__}")
    if not frame["sound"].all():
        raise typer.Exit(2)


def _python() -> tuple[str, str, bool]:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return "Python", found, sys.version_info >= (3, 11)


def _packages() -> list[tuple[str, str, bool]]:
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name in PACKAGES:
        try:
            found.append((name, version(name), True))
        except PackageNotFoundError:
            found.append((name, "missing", False))
    return found


def _cache() -> list[tuple[str, str, bool]]:
    from isthmus._kernels import cache_folder, is_cache_writable

    compiled = len(list(cache_folder().rglob("*.nbc")))
    state = "can be written" if is_cache_writable() else "cannot be written: every start compiles anew"
    return [
        ("Cache", f"{cache_folder()} {state}", is_cache_writable()),
        ("Compiled kernels", str(compiled) if compiled else "none yet; the first run compiles them", True),
    ]


def _regions() -> list[tuple[str, str, bool]]:
    from isthmus import pack

    found = []
    for name in pack.shipped_regions():
        result = pack.check(name)
        wrong = len(result.problems)
        rows = int(result.tables["rows"].sum())
        state = f"{rows:,} rows" + (
            f", {wrong} problems; see isthmus check {name}" if wrong else ", nothing wrong"
        )
        found.append((f"Region {name}", state, not wrong))
    return found
