"""Tables of the manual that count the region's rows are those that the command makes."""

import pytest

from isthmus.pack import Pack
from tests.regions.counts import PAGES, TABLES, gateways, page


@pytest.mark.parametrize("name", list(TABLES))
def test_a_page_holds_what_the_command_makes(name: str, caspian: Pack) -> None:
    assert page(name, caspian) == (PAGES / name).read_text(encoding="utf-8")


def test_what_stands_for_a_gateway_is_in_the_tables(caspian: Pack) -> None:
    known = {
        str(key)
        for table in ("links", "crossings", "services", "terminals", "places")
        for key in caspian.table(table).iloc[:, 0]
    }
    lost = [name for row in gateways() for name in row["elements"].split("|") if name not in known]
    assert lost == []
    assert all(row["elements"] for row in gateways())
