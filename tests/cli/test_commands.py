"""Commands as a person or a program meets them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from isthmus.cli._main import COMMANDS

HEAVY = {"numpy", "pandas", "scipy", "numba", "pyarrow", "rich", "yaml"}


def isthmus(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "isthmus", *arguments], capture_output=True, text=True, cwd=cwd, check=False
    )


def test_help_loads_nothing_heavy() -> None:
    code = f"""
import contextlib, io, sys
from isthmus.cli import main
for arguments in ([], *([name] for name in {COMMANDS!r})):
    sys.argv = ["isthmus", *arguments, "--help"]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main()
print(*sorted(set(sys.modules) & {HEAVY!r}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_a_page_of_the_manual(name: str) -> None:
    done = isthmus(name, "--help")
    assert done.returncode == 0 and f"isthmus {name}" in done.stdout
    assert "--json" in done.stdout
    page = Path(__file__).parents[2] / "docs" / "commands" / f"{name}.md"
    assert page.read_text(encoding="utf-8").startswith(f"# `isthmus {name}`")


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["check", "strait"], {"region", "hash", "tables", "problems"}),
        (["sources", "links", "--region", "strait"], {"region", "hash", "what", "sources"}),
        (["places", "quay", "--region", "strait"], {"region", "hash", "text", "places"}),
        (["doctor"], {"checks"}),
    ],
)
def test_json_stands_alone_on_standard_output_with_versioned_keys(
    arguments: list[str], keys: set[str]
) -> None:
    done = isthmus(*arguments, "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert set(document) == {"isthmus", "command", "schema"} | keys
    assert document["command"] == arguments[0] and document["schema"] == 1


def test_a_spoilt_region_is_refused_with_every_problem_and_exit_code_2(copy_of_strait: Path) -> None:
    path = copy_of_strait / "links.csv"
    path.write_text(path.read_text().replace("open", "opened").replace("rail-1520", "rail-1521"))
    done = isthmus("check", str(copy_of_strait))
    assert done.returncode == 2 and done.stdout == ""
    assert "found 'opened', expected one of: open" in done.stderr and "rail-1521" in done.stderr
    other = isthmus("places", "quay", "--region", str(copy_of_strait))
    assert other.returncode == 2 and "Traceback" not in other.stderr
    assert other.stderr.splitlines()[1:] == done.stderr.splitlines()[1:]
    document = json.loads(isthmus("check", str(copy_of_strait), "--json").stdout)
    assert len(document["problems"]) == len(done.stderr.splitlines()) - 1
    assert set(document["problems"][0]) == {"file", "row", "column", "value", "expectation"}


@pytest.mark.parametrize(
    "arguments",
    [["check", "atlantis"], ["sources", "atlantis", "--region", "strait"], ["check", "--bogus"], ["bogus"]],
)
def test_what_cannot_be_done_is_said_without_a_traceback(arguments: list[str]) -> None:
    done = isthmus(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr and "Traceback" not in done.stderr


def test_tables_for_people_say_what_was_asked() -> None:
    assert "Nothing wrong in" in isthmus("check", "strait").stdout
    assert "West Quay" in isthmus("places", "west quay", "--region", "strait").stdout
    assert "No place like" in isthmus("places", "xyzzy", "--region", "strait").stdout
    assert isthmus("--version").stdout.startswith("isthmus ")
