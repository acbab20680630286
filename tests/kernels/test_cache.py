"""The cache of compiled kernels."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import isthmus._kernels as kernels

HELPER = """
from isthmus._kernels import kernel


@kernel
def helper(x):
    return x + {addend}
"""

CALLER = """
from isthmus._kernels import kernel
from isthmus.helper import helper


@kernel
def caller(x):
    return 10 * helper(x)
"""


def _answer(folder: Path) -> float:
    environment = {**os.environ, "PYTHONPATH": str(folder), "ISTHMUS_CACHE": str(folder / "cache")}
    environment.pop("NUMBA_DISABLE_JIT", None)
    done = subprocess.run(
        [sys.executable, "-c", "from isthmus.caller import caller; print(caller(1.0))"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def test_editing_a_helper_in_another_file_changes_what_its_caller_answers(tmp_path: Path) -> None:
    package = tmp_path / "isthmus"
    package.mkdir()
    (package / "__init__.py").touch()
    shutil.copy(kernels.__file__, package / "_kernels.py")
    (package / "caller.py").write_text(CALLER)

    (package / "helper.py").write_text(HELPER.format(addend=1.0))
    assert _answer(tmp_path) == 20.0
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert list((tmp_path / "cache").rglob("*.nbc"))

    (package / "helper.py").write_text(HELPER.format(addend=2.0))
    assert _answer(tmp_path) == 30.0
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_the_bounds_check_has_a_cache_of_its_own(monkeypatch) -> None:
    folders = set()
    for value in ("0", "1"):
        monkeypatch.setenv("NUMBA_BOUNDSCHECK", value)
        kernels.cache_folder.cache_clear()
        folders.add(kernels.cache_folder())
    kernels.cache_folder.cache_clear()
    assert len(folders) == 2
