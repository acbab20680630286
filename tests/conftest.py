"""What all tests share."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

import isthmus
from isthmus.freight import Prepared, Solved, prepare
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


@pytest.fixture(scope="session")
def caspian() -> Pack:
    """The shipped region."""
    return isthmus.load("caspian")


@pytest.fixture(scope="session")
def strait_freight(strait: Pack) -> Prepared:
    """Freight of the invented region, prepared."""
    return prepare(strait)


@pytest.fixture(scope="session")
def strait_base(strait_freight: Prepared) -> Solved:
    """Freight of the invented region at its base."""
    return strait_freight.solve()


@pytest.fixture(scope="session")
def caspian_freight(caspian: Pack) -> Prepared:
    """Freight of the shipped region, prepared."""
    return prepare(caspian)


@pytest.fixture(scope="session")
def caspian_base(caspian_freight: Prepared) -> Solved:
    """Freight of the shipped region at its base."""
    return caspian_freight.solve()
