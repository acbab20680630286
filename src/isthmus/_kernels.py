"""Compiled kernels: numba functions with a cache that notices every change of their sources.

Numba looks only at the file of a function when it decides whether its cached machine code is stale, yet the code of
the helpers it calls is compiled into it. So all kernels share one cache folder, named by a hash of every source file
that holds a kernel or its constants, numba's version and the bounds check: a change to any of them starts from an empty folder.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent


def cache_root() -> Path:
    """Folder that holds the caches of all versions: ISTHMUS_CACHE, or isthmus in the user's cache folder."""
    chosen = os.environ.get("ISTHMUS_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "isthmus"


def kernel_sources() -> list[Path]:
    """Source files of the package that hold a kernel or, named arrays.py, the constants of kernels; in order of their path."""
    return [
        path
        for path in sorted(_PACKAGE.rglob("*.py"))
        if path.name == "arrays.py" or b"\n@kernel" in path.read_bytes()
    ]


@cache
def cache_folder() -> Path:
    """Cache folder of the kernels as they are written now; made by the first one that is compiled."""
    digest = hashlib.sha256(f"numba {version('numba')} boundscheck {_bounds_checked()}".encode())
    for path in kernel_sources():
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return cache_root() / digest.hexdigest()[:16]


@cache
def is_cache_writable() -> bool:
    """Whether compiled kernels can be kept; if not, each process compiles what it uses."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function with numba when it is first called; nogil, without fastmath, cached across processes.

    NUMBA_BOUNDSCHECK=1 checks every index. Call a kernel with arguments of one and the same types, so that it has
    one signature; a constant 0 or False and a variable are two types.
    """
    return _compiled(function, no_cfunc_wrapper=True)


def kernel_part(function: Callable[..., Any]) -> Callable[..., Any]:
    """As `kernel`, for a function that only kernels call: cheaper to compile, because Python cannot call it."""
    return _compiled(function, no_cfunc_wrapper=True, no_cpython_wrapper=True)


def kernel_inline(function: Callable[..., Any]) -> Callable[..., Any]:
    """As `kernel_part`, for a few lines that are copied into every caller rather than compiled and linked on their own."""
    return _compiled(function, no_cfunc_wrapper=True, no_cpython_wrapper=True, inline="always")


def _compiled(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    from numba import config, njit

    settings: Any = config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(cache_folder())
    try:
        compiled: Callable[..., Any] = njit(
            function,
            cache=is_cache_writable(),
            nogil=True,
            fastmath=False,
            boundscheck=_bounds_checked(),
            **options,
        )
    finally:
        settings.CACHE_DIR = before
    return compiled


def _bounds_checked() -> bool:
    return os.environ.get("NUMBA_BOUNDSCHECK", "0") not in ("", "0")
