"""Networks as GMNS, out and in again."""

from pathlib import Path

import pandas as pd
import pytest

from isthmus._errors import UserError
from isthmus.network import export_gmns
from isthmus.pack import Pack, check, import_gmns, load
from isthmus.store import StoreError

NODES = "node_id,x_coord,y_coord,zone_id\n1,10,50,A\n2,11,50,\n3,12,50,B\n"
LINKS = """link_id,from_node_id,to_node_id,directed,length,free_speed,allowed_uses
a,1,2,true,50,40,
b,2,1,true,50,40,
c,2,3,false,,,road
d,2,3,true,80,90,"road,bus"
e,1,3,true,5,5,foot
"""


def small(folder: Path, nodes: str = NODES, links: str = LINKS, config: str = "") -> Path:
    folder.mkdir()
    (folder / "node.csv").write_text(nodes)
    (folder / "link.csv").write_text(links)
    if config:
        (folder / "config.csv").write_text(config)
    return folder


def test_strait_s_roads_come_back_as_they_left(strait: Pack, tmp_path: Path) -> None:
    made = load(import_gmns(export_gmns(strait, tmp_path / "out"), tmp_path / "back"))

    def roads(pack: Pack) -> dict[str, tuple[object, ...]]:
        links = pack.table("links")
        links = links[links["mode"] == "road"]
        return {
            row.link: (frozenset((row.from_place, row.to_place)), row.length_km, row.speed_kmh)
            for row in links.itertuples()
        }

    assert roads(made) == roads(strait)
    assert set(made.table("zones")["zone"]) <= set(strait.table("zones")["zone"])
    places = made.table("places").set_index("place")
    same = strait.table("places").set_index("place").loc[places.index]
    pd.testing.assert_frame_equal(
        places[["name", "country", "lon", "lat"]], same[["name", "country", "lon", "lat"]]
    )
    hours = {
        frozenset((row.from_place, row.to_place)): {row.hours, row.hours_back}
        for row in made.table("crossings").itertuples()
    }
    assert hours[frozenset(("west-gate", "hub-west"))] == {8, 16}


def test_every_link_of_an_export_joins_two_of_its_nodes(strait: Pack, tmp_path: Path) -> None:
    folder = export_gmns(strait, tmp_path / "out")
    nodes, links = (pd.read_csv(folder / f"{name}.csv") for name in ("node", "link"))
    assert nodes["node_id"].is_unique and links["link_id"].is_unique
    assert set(links["from_node_id"]) | set(links["to_node_id"]) <= set(nodes["node_id"])
    zones = pd.read_csv(folder / "zone.csv")["zone_id"]
    assert set(nodes["zone_id"].dropna()) == set(zones)
    assert set(links["allowed_uses"]) <= set(pd.read_csv(folder / "use_definition.csv")["use"])
    with pytest.raises(StoreError, match="--force"):
        export_gmns(strait, folder)


def test_a_small_network_becomes_a_region(tmp_path: Path) -> None:
    folder = import_gmns(small(tmp_path / "net"), tmp_path / "made")
    assert check(folder).problems == ()
    links = load(folder).table("links").set_index("link")
    assert set(links.index) == {"road-a", "road-c", "road-d"}
    assert "great circle" in links.loc["road-c", "note"] and 71 < links.loc["road-c", "length_km"] < 72
    assert "One direction" in links.loc["road-d", "note"]
    assert set(load(folder).table("zones")["place"]) == {"n-1", "n-3"}


def test_miles_become_kilometres(tmp_path: Path) -> None:
    net = small(tmp_path / "net", config="dataset_name,long_length,speed\nx,mile,mph\n")
    links = load(import_gmns(net, tmp_path / "made")).table("links").set_index("link")
    assert links.loc["road-a", "length_km"] == pytest.approx(80.4672)
    assert links.loc["road-d", "speed_kmh"] == 120


def test_everything_wrong_is_said_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    nodes = NODES.replace("12,50", "1200,fifty") + "1,10,51,\n"
    links = LINKS.replace("a,1,2", "a,9,2").replace("b,2,1,true", "b,2,1,perhaps")
    with pytest.raises(UserError) as caught:
        import_gmns(small(tmp_path / "net", nodes, links), tmp_path / "made")
    said = str(caught.value)
    for part in (
        "node.csv, row 4, column x_coord: found '1200'", "column y_coord: found 'fifty'", "node.csv, row 5, column node_id",
        "link.csv, row 2, column from_node_id: found '9'", "link.csv, row 3, column directed: found 'perhaps'",
    ):  # fmt: skip
        assert part in said
    assert not (tmp_path / "made").exists()


def test_a_length_that_is_no_number_writes_nothing(tmp_path: Path) -> None:
    links = LINKS.replace("50,40", "far,40", 1)
    with pytest.raises(UserError, match="row 2, column length: found 'far'"):
        import_gmns(small(tmp_path / "net", links=links), tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_a_network_without_zones_or_files_is_refused(tmp_path: Path) -> None:
    bare = small(tmp_path / "net", NODES.replace(",A", ",").replace(",B", ","))
    with pytest.raises(UserError, match="two zones"):
        import_gmns(bare, tmp_path / "made")
    with pytest.raises(UserError, match=r"node\.csv: expected in the folder"):
        import_gmns(tmp_path, tmp_path / "made")


def test_a_border_that_is_no_number_is_told_and_not_assumed(tmp_path: Path) -> None:
    head, *rows = LINKS.splitlines()
    links = "\n".join(
        [f"{head},border_hours", *(f"{row},{'soon' if row.startswith('a,') else ''}" for row in rows), ""]
    )
    with pytest.raises(UserError, match="border_hours: found 'soon'"):
        import_gmns(small(tmp_path / "in", links=links), tmp_path / "region")
    assert not (tmp_path / "region").exists()


def test_units_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    folder = small(tmp_path / "in")
    (folder / "config.csv").write_bytes(b"long_length\n\xff\xfe\n")
    with pytest.raises(UserError, match=r"config\.csv"):
        import_gmns(folder, tmp_path / "region")
