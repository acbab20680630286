"""What all tests share."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

import isthmus
from isthmus.pack import Pack, find_region

settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def strait() -> Pack:
    """The invented region."""
    return isthmus.load("strait")


@pytest.fixture
def copy_of_strait(tmp_path: Path) -> Path:
    """A folder with the invented region's files, to spoil."""
    folder = tmp_path / "strait-copy"
    shutil.copytree(find_region("strait"), folder)
    return folder
