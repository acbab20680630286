"""`isthmus new`, `skim`, `export` and `import` as a user types them, and the walkthrough of the manual."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "new-region.md"


def isthmus(*words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "isthmus", *words], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_the_walkthrough_of_a_new_region_works_as_it_is_written(tmp_path: Path) -> None:
    blocks = re.findall(
        r"```(console|text|python)( [\w./-]+)?\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S
    )
    assert len(blocks) >= 6
    for kind, file, body in blocks:
        if kind == "text":
            with (tmp_path / file.strip()).open("a", encoding="utf-8") as table:
                table.write(body)
        elif kind == "python":
            subprocess.run([sys.executable, "-c", body], check=True, cwd=tmp_path, capture_output=True)
        else:
            for line in filter(None, body.splitlines()):
                done = isthmus(*line.split()[1:], cwd=tmp_path)
                assert done.returncode == 0, (line, done.stderr)


def test_a_new_region_passes_and_is_never_overwritten(tmp_path: Path) -> None:
    document = json.loads(isthmus("new", "land", "--json", cwd=tmp_path).stdout)
    assert document["command"] == "new" and document["region"] == "land"
    assert isthmus("check", "land", cwd=tmp_path).returncode == 0
    run = json.loads(isthmus("run", "land", "--json", cwd=tmp_path).stdout)
    assert run["certificate"]["converged"] is True and run["not_shipped"] == []
    assert isthmus("new", "land", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "Not An Id"), "Not An Id"),
        (("skim", "strait", "--out", "s", "--cargo", "gold"), "gold"),
        (("skim", "strait", "--out", "s", "--format", "xls"), "xls"),
        (("skim", "strait"), "--out"),
        (("export", "shape", "strait", "s"), "shape"),
        (("export", "gmns", "nowhere", "s"), "nowhere"),
        (("import", "shape", "a", "s"), "shape"),
        (("import", "gmns", "a", "s"), "node.csv"),
        (("import", "gmns", "a", "s", "--mode", "zeppelin"), "zeppelin"),
    ],
)
def test_wrong_input_exits_with_2_and_writes_nothing(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    done = isthmus(*words, cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert said in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_skims_and_networks_answer_in_json(tmp_path: Path) -> None:
    done = isthmus(
        "skim", "strait", "--out", "s", "--cargo", "grain", "--format", "omx", "--json", cwd=tmp_path
    )
    assert json.loads(done.stdout)["segments"] == ["grain"]
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"grain.omx", "manifest.json"}
    done = isthmus("export", "gmns", "strait", "g", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["format"] == "gmns"
    done = isthmus("import", "gmns", "g", "back", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["command"] == "import"
