"""TNTP, GMNS and OMX in and out, and the command on them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from isthmus._errors import UserError
from isthmus.roads import assign, read_network, read_trips, select_link, write_flows, write_skims
from isthmus.store import read_omx, write_omx

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 5
<END OF METADATA>

~ init term capacity length time b power speed toll type ;
1 3 1 100 0.00000001 1000000000 1 0 0 1 ;
1 4 1 100 50 0.02 1 0 0 1 ;
3 2 1 100 50 0.02 1 0 0 1 ;
3 4 1 100 10 0.1 1 0 5 1 ;
4 2 1 100 0.00000001 1000000000 1 0 0 1;
"""

TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 7.0
<END OF METADATA>

Origin 1
    1 : 1.0;    2 : 6.0;
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Braess's network and trips in TNTP."""
    net, trips = tmp_path / "net.tntp", tmp_path / "trips.tntp"
    net.write_text(NET)
    trips.write_text(TRIPS)
    return net, trips


@pytest.fixture
def gmns(tmp_path: Path) -> Path:
    """The same in GMNS: times in minutes from lengths and speeds, two lanes of half the capacity, one link both ways."""
    folder = tmp_path / "gmns"
    folder.mkdir()
    (folder / "node.csv").write_text("node_id,zone_id,node_type\na,one,zone\nb,two,zone\nc,,\nd,,\n")
    (folder / "link.csv").write_text(
        "link_id,from_node_id,to_node_id,directed,length,free_speed,lanes,capacity,toll,VDF_fftt,VDF_alpha,VDF_beta\n"
        "ac,a,c,true,100,,2,0.5,0,0.00000001,1000000000,1\n"
        "ad,a,d,true,100,120,2,0.5,0,,0.02,1\n"
        "cb,c,b,true,100,120,2,0.5,0,,0.02,1\n"
        "cd,c,d,false,20,120,1,1,5,,0.1,1\n"
        "db,d,b,true,100,,2,0.5,0,0.00000001,1000000000,1\n"
    )
    (folder / "demand.csv").write_text("o_zone_id,d_zone_id,volume\none,two,2.5\none,two,3.5\none,one,1\n")
    return folder


def test_tntp_gives_the_equilibrium_of_braess(files: tuple[Path, Path]) -> None:
    found = assign(*files, gap=1e-10)
    assert found.links["flow"].tolist() == pytest.approx([4.0, 2.0, 2.0, 2.0, 4.0], abs=1e-4)
    assert found.links["from"].tolist() == ["1", "1", "3", "3", "4"]
    assert found.certificate.total == pytest.approx(552.0, rel=1e-6)
    assert found.intrazonal == 1.0
    assert assign(*files, gap=1e-10, objective="system").certificate.total == pytest.approx(498.0, rel=1e-6)


def test_weights_make_lengths_and_tolls_a_cost(files: tuple[Path, Path]) -> None:
    plain, tolled = assign(*files, gap=1e-10), assign(*files, gap=1e-10, toll_weight=1.0)
    assert tolled.links["flow"][3] < plain.links["flow"][3] - 0.1
    assert tolled.links["cost"][3] == pytest.approx(tolled.links["time"][3] + 5.0)
    far = assign(*files, gap=1e-10, length_weight=1.0)  # ways of 200 without the bridge, 300 over it
    assert far.links["flow"][3] == pytest.approx(0.0, abs=1e-6)


def test_gmns_gives_the_same(gmns: Path) -> None:
    for source in (gmns, gmns / "link.csv"):
        found = assign(source, gmns / "demand.csv", gap=1e-10)
        assert found.links["link"].tolist() == ["ac", "ad", "cb", "cd", "cd", "db"]
        assert found.links["flow"].tolist() == pytest.approx([4.0, 2.0, 2.0, 2.0, 0.0, 4.0], abs=1e-4)
    assert found.intrazonal == 1.0
    (gmns / "config.csv").write_text("long_length,speed\nmile,kph\n")
    slower = read_network(gmns).roads
    assert slower.free[1] == pytest.approx(60.0 * 100 * 1.609344 / 120.0)


def test_omx_in_and_out(files: tuple[Path, Path], tmp_path: Path) -> None:
    omx = tmp_path / "trips.omx"
    write_omx(omx, {"am": np.array([[1.0, 6.0], [0.0, 0.0]]), "pm": np.zeros((2, 2))}, "zone", ["1", "2"])
    with pytest.raises(UserError, match="one of: am, pm"):
        assign(files[0], omx)
    found = assign(files[0], omx, matrix="am", gap=1e-10)
    assert found.links["flow"].tolist() == pytest.approx([4.0, 2.0, 2.0, 2.0, 4.0], abs=1e-4)
    out = tmp_path / "skims.omx"
    write_skims(found, out)
    matrices, zones = read_omx(out)
    assert zones == ["1", "2"]
    assert matrices["cost"][0] == pytest.approx([0.0, 92.0], rel=1e-4)
    assert np.isnan(matrices["cost"][1, 0])
    assert matrices["trips"].tolist() == [[1.0, 6.0], [0.0, 0.0]]


@pytest.mark.parametrize("suffix", [".tntp", ".csv", ".parquet"])
def test_flows_are_written_and_can_be_read_back(
    files: tuple[Path, Path], tmp_path: Path, suffix: str
) -> None:
    found = assign(*files, gap=1e-10)
    out = tmp_path / f"flows{suffix}"
    write_flows(found, out)
    if suffix == ".parquet":
        volume = pd.read_parquet(out)["flow"]
    elif suffix == ".csv":
        volume = pd.read_csv(out)["volume"]
    else:
        volume = pd.read_csv(out, sep=r"\s+")["Volume"]
    assert volume.tolist() == found.links["flow"].tolist()


def test_select_link_names_markets_and_links(files: tuple[Path, Path]) -> None:
    found = assign(*files, gap=1e-10)
    links, markets = select_link(found, "3-4")
    assert markets.to_dict("records") == [
        {"origin": "1", "destination": "2", "trips": pytest.approx(2.0, abs=1e-4)}
    ]
    assert links["link"].tolist() == ["1-3", "3-4", "4-2"]
    with pytest.raises(UserError, match="No link"):
        select_link(found, "2-3")


def test_everything_wrong_in_tntp_is_said_with_its_line(files: tuple[Path, Path]) -> None:
    net, trips = files
    net.write_text(
        NET.replace("<NUMBER OF LINKS> 5", "<NUMBER OF LINKS> 6")
        .replace("1 4 1 100 50", "1 9 1 100 fifty")
        .replace("3 4 1 100 10 0.1 1 0 5 1 ;", "3 4 1")
    )
    with pytest.raises(UserError) as error:
        read_network(net)
    said = {(problem.row, problem.column, problem.value) for problem in error.value.problems}
    assert said == {
        (4, "NUMBER OF LINKS", "6"),
        (9, "term_node", "9"),
        (9, "free_flow_time", "fifty"),
        (11, "", "3 4 1"),
    }
    net.write_text(NET)
    trips.write_text(TRIPS.replace("2 : 6.0", "2 : -6.0; 3 : 1; 2 2"))
    with pytest.raises(UserError) as error:
        read_trips(trips, read_network(net))
    assert sorted((problem.row, problem.value) for problem in error.value.problems) == [
        (6, "-6.0"),
        (6, "2 2"),
        (6, "3"),
    ]


def test_everything_wrong_in_gmns_is_said_with_its_row(gmns: Path) -> None:
    text = (gmns / "link.csv").read_text()
    (gmns / "link.csv").write_text(
        text.replace("ad,a,d,true,100,120", "ad,a,x,true,100,0").replace("0.1,1\n", "much,1\n")
    )
    with pytest.raises(UserError) as error:
        read_network(gmns)
    said = [(problem.file, problem.row, problem.column, problem.value) for problem in error.value.problems]
    assert said == [
        ("link.csv", 3, "free_speed", "0"),
        ("link.csv", 3, "to_node_id", "x"),
        ("link.csv", 5, "vdf_alpha", "much"),
    ]
    (gmns / "link.csv").write_text(text)
    (gmns / "demand.csv").write_text("o_zone_id,d_zone_id,volume\none,three,1\none,two,\n")
    with pytest.raises(UserError, match=r"row 2.*'three'(?s:.*)row 3"):
        read_trips(gmns / "demand.csv", read_network(gmns))


def test_the_command_prints_json_and_refuses_with_2(files: tuple[Path, Path], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "isthmus", "assign", *map(str, files)]
    flows = tmp_path / "flows.csv"
    words = ["--gap", "1e-8", "--flows", str(flows), "--select-link", "3-4", "--json"]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=True)
    document = json.loads(done.stdout)
    assert document["certificate"]["gap"] <= 1e-8 and document["certificate"]["converged"]
    assert document["written"] == [str(flows)] and flows.is_file()
    assert document["select_markets"][0]["trips"] == pytest.approx(2.0, abs=1e-3)
    again = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    assert again.returncode == 2 and "--force" in again.stderr
    files[1].write_text("Origin 1\n 7 : 1;\n")
    wrong = subprocess.run(command, capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and "row 2" in wrong.stderr and "Traceback" not in wrong.stderr
