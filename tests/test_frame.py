"""What holds of the repository as a whole."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import isthmus
from isthmus.pack import SCHEMA, load, shipped_regions
from isthmus.pack.schema import SCHEMA as SAME

ROOT = Path(__file__).parents[1]
SOURCES = [
    *sorted((ROOT / "src" / "isthmus").rglob("*.py")),
    ROOT / "src" / "isthmus" / "pack" / "schema.yaml",
]


@pytest.mark.parametrize("region", shipped_regions())
def test_no_country_place_zone_or_corridor_of_a_region_stands_in_the_engine(region: str) -> None:
    pack = load(region)
    words = {
        *pack.table("countries")["country"],
        *pack.table("countries")["name"],
        *pack.table("places")["place"],
        *(name for name in pack.table("places")["name"] if len(name) > 4),
        *(operator for operator in pack.table("services")["operator"].dropna()),
        *(corridor for corridor in pack.table("corridors")["corridor"] if "-" in corridor),
        *pack.table("corridors")["name"],
    }
    pattern = re.compile(
        r"(?<![\w-])(" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + r")(?![\w-])"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group(1)}"
        for path in SOURCES
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_public_verbs_are_there_and_have_a_docstring() -> None:
    for name, module in isthmus.VERBS.items():
        verb = getattr(isthmus, name)
        assert verb is getattr(import_module(module), name)
        assert verb.__doc__
    with pytest.raises(AttributeError):
        isthmus.no_such_verb  # noqa: B018


def test_every_module_opens_with_a_docstring_and_is_shorter_than_600_lines() -> None:
    for path in SOURCES:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 600, path
        assert path.suffix != ".py" or lines[0].startswith('"""'), path


def test_the_locks_hold_versions_and_hashes_only() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text and "--find-links" not in text and "--index" not in text
        assert len(re.findall(r"^\S+==", text, re.MULTILINE)) <= text.count("--hash=sha256:")


def test_every_column_has_a_meaning_and_every_number_of_a_quantity_a_unit() -> None:
    assert SCHEMA is SAME
    bare = {"units_per_train", "capacity", "used_by_others", "departures_per_week", "slots_per_departure"}
    for table in SCHEMA.tables.values():
        for column in table.columns.values():
            assert column.meaning.strip().endswith("."), (table.name, column.name)
            if column.type == "number" and column.name not in bare | {"value"}:
                assert column.unit, (table.name, column.name)
