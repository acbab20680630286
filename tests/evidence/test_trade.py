"""Priors from files of trade, in the layout of BACI and of Comext."""

from pathlib import Path

import pandas as pd
import pytest

from isthmus import import_baci, import_comext
from isthmus._errors import UserError
from isthmus.cli import _main
from isthmus.evidence import write_prior
from isthmus.evidence.trade import _class_table
from isthmus.pack import Pack
from isthmus.scenario import apply, read_scenario
from isthmus.store import StoreError

CODES = """country_code,country_name,country_iso2,country_iso3
4,Westshore,XA,XAA
8,Northshore,XB,XBB
12,Eastshore,XC,XCC
16,Elsewhere,XQ,XQQ
"""
BACI = """t,i,j,k,v,q
2023,4,12,100190,60000.0,300000.000
2023,4,12,100590,25000.0,           NA
2023,4,12,270900,90000.0,200000.000
2023,4,12,271019,90000.0,150000.000
2023,4,16,100190,1.0,999999.000
2023,12,4,851712,200000.0,30000.000
2023,4,12,710812,5.0,1.000
2022,4,12,100190,1.0,1.000
2023,8,12,30211,100.0,50.000
"""
OLD = (
    "DECLARANT,DECLARANT_ISO,PARTNER,PARTNER_ISO,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_cpa2002,PRODUCT_cpa2008,PRODUCT_CPA2_1,"
    "PRODUCT_BEC,PRODUCT_SECTION,FLOW,STAT_REGIME,SUPP_UNIT,PERIOD,VALUE_IN_EUROS,QUANTITY_IN_KG,SUP_QUANTITY\n"
)
NEW = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,PRODUCT_BEC5,PRODUCT_SECTION,FLOW,"
    "STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,QUANTITY_KG,QUANTITY_SUPPL_UNIT\n"
)


def old(one: str, two: str, product: str, flow: int, period: str, euros: str, kg: str) -> str:
    return (
        f"001,{one},0003,{two},E,{product},00151,0122,0143,0143,111,01,{flow},1,A,{period},{euros},{kg},1\n"
    )


def new(one: str, two: str, product: str, flow: int, period: str, euros: str, kg: str) -> str:
    return f"{one},{two},E,{product},00151,0143,0143,111,.....,01,{flow},1,NO_SU,{period},{euros},{euros},{kg},0\n"


def baci(folder: Path, rows: str = BACI, codes: str = CODES) -> list[Path]:
    paths = folder / "BACI_HS22_Y2023_V202501.csv", folder / "country_codes_V202501.csv"
    for path, text in zip(paths, (rows, codes), strict=True):
        path.write_text(text)
    return list(paths)


def flow(made: pd.DataFrame, *key: str) -> "pd.Series[object]":
    return made.set_index(["exporter", "importer", "cargo_class"]).loc[key]


def test_a_flow_of_baci_scales_the_markets_of_its_countries_and_class(strait: Pack, tmp_path: Path) -> None:
    made = import_baci(baci(tmp_path), region=strait)
    grain = flow(made.flows, "XAA", "XCC", "grain")
    assert grain["imputed"] == 25e6 / 250 and grain["tonnes"] == 400_000
    assert grain["market_tonnes"] == 400_000 and grain["factor"] == 1.0
    assert flow(made.flows, "XAA", "XCC", "oil")["factor"] == 150_000 / 300_000
    assert flow(made.flows, "XCC", "XAA", "manufactures")["factor"] == 30_000 / 60_000
    before, after = (
        each.table("markets").set_index("market")["tonnes"] for each in (strait, apply(strait, made.scenario))
    )
    ratio = after / before
    assert ratio["west-east-oil-bound"] == 0.5 and ratio["east-west-manufactures"] == 0.5
    assert (ratio.drop(["west-east-oil-bound", "east-west-manufactures"]) == 1).all()


def test_what_no_market_carries_and_what_is_left_out_is_told(strait: Pack, tmp_path: Path) -> None:
    made = import_baci(baci(tmp_path), region=strait)
    fish = flow(made.flows, "XBB", "XCC", "food")
    assert fish["because"] == "no market of the region" and pd.isna(fish["factor"]) and fish["tonnes"] == 50
    coal = flow(made.flows, "XAA", "XCC", "coal-ores")
    assert "as it was" in str(coal["because"]) and pd.isna(coal["factor"])
    out = made.left_out.set_index("hs")
    assert out.loc["27", "tonnes"] == 200_000 and out.loc["71", "usd"] == 5_000
    said = " ".join(made.said)
    assert "1 rows of 2022" in said and "1 rows have no quantity: 100,000 t found from value" in said


def test_zones_groups_and_ties_keep_their_shares(strait: Pack, tmp_path: Path) -> None:
    rows = "t,i,j,k,v,q\n2023,4,12,851712,1.0,480000\n"
    made = import_baci(baci(tmp_path, rows), region=strait)
    after = apply(strait, made.scenario).table("markets").set_index("market")["tonnes"]
    assert after["west-east-manufactures"] == 360_000 and after["west-east-manufactures-wary"] == 120_000


def test_a_table_of_classes_of_one_s_own_takes_the_place_of_the_package_s(
    strait: Pack, tmp_path: Path
) -> None:
    own = tmp_path / "own.csv"
    own.write_text("hs,cargo_class\n10,\n1005,grain\n27,oil\n")
    made = import_baci(baci(tmp_path), region=strait, classes=own)
    assert flow(made.flows, "XAA", "XCC", "grain")["tonnes"] == 100_000
    assert flow(made.flows, "XAA", "XCC", "oil")["tonnes"] == 350_000
    assert set(made.left_out["because"]) == {"left out by the table of classes", "no class is named for it"}
    own.write_text("hs,cargo_class\nten,grain\n10,wheat\n10,grain\n")
    with pytest.raises(UserError) as error:
        import_baci(baci(tmp_path), region=strait, classes=own)
    assert all(
        part in str(error.value) for part in ("found 'ten'", "found 'wheat'", "row 4, column hs: found '10'")
    )


def test_the_package_s_table_gives_every_chapter_a_class_or_leaves_it_out(strait: Pack) -> None:
    table = _class_table(None, set(strait.table("classes")["cargo_class"]))
    assert {code for code in table if len(code) == 2} >= {
        f"{chapter:02}" for chapter in range(1, 98) if chapter != 77
    }


def test_everything_wrong_in_files_of_baci_is_told_at_once(strait: Pack, tmp_path: Path) -> None:
    rows = "t,i,j,k,v,q\n23,4,12,100190,60,3\n2023,5,12,wheat,-1,3\n2023,4,99,1001,60,much\n"
    with pytest.raises(UserError) as error:
        import_baci(baci(tmp_path, rows), region=strait)
    for part in (
        "row 2, column t: found '23'", "row 3, column i: found '5'", "row 3, column k: found 'wheat'", "row 3, column v: found '-1'",
        "row 4, column j: found '99'", "row 4, column k: found '1001'", "row 4, column q: found 'much'", "BACI_HS22_Y2023_V202501.csv",
    ):  # fmt: skip
        assert part in str(error.value)


def test_many_wrong_rows_are_counted_after_the_first_fifty(strait: Pack, tmp_path: Path) -> None:
    rows = "t,i,j,k,v,q\n" + "2023,4,12,100190,x,1\n" * 70
    with pytest.raises(UserError, match="20 more rows") as error:
        import_baci(baci(tmp_path, rows), region=strait)
    assert str(error.value).count("found 'x'") == 50


def test_files_of_baci_that_lack_something_are_refused(strait: Pack, tmp_path: Path) -> None:
    data, codes = baci(tmp_path)
    with pytest.raises(UserError, match="country_codes"):
        import_baci([data], region=strait)
    with pytest.raises(UserError, match="t, i, j, k, v, q"):
        import_baci([codes], region=strait)
    with pytest.raises(UserError, match=r"nowhere\.csv"):
        import_baci([data, codes, tmp_path / "nowhere.csv"], region=strait)
    data.write_text("t,i,j,k,v\n2023,4,12,100190,1\n")
    with pytest.raises(UserError, match="row 1, column q"):
        import_baci([data, codes], region=strait)
    with pytest.raises(UserError, match="no trade of 2019"):
        import_baci(baci(tmp_path), region=strait, year=2019)
    with pytest.raises(UserError, match="table `partners`"):
        import_baci(baci(tmp_path), region=strait.replace("partners", strait.table("partners").head(0)))


@pytest.mark.parametrize(("head", "row"), [(OLD, old), (NEW, new)])
def test_both_layouts_of_comext_say_the_same(strait: Pack, tmp_path: Path, head: str, row: object) -> None:
    assert callable(row)
    path = tmp_path / "full.dat"
    path.write_text(
        head
        + row("XC", "XA", "10019900", 1, "202352", "1000", "600000000")  # wheat from XAA into XCC
        + row("XC", "XA", "85171200", 2, "202352", "1000", "90000000")  # phones from XCC to XAA
        + row("XC", "XA", "27101943", 1, "202352", "250000000", "")  # products, no quantity
        + row("XC", "XA", "TOTAL", 1, "202352", "1000", "700000000")
    )
    made = import_comext([path], region=strait, usd_per_euro=1.2)
    assert flow(made.flows, "XAA", "XCC", "grain")["factor"] == 1.5
    assert flow(made.flows, "XCC", "XAA", "manufactures")["factor"] == 1.5
    assert flow(made.flows, "XAA", "XCC", "oil")["tonnes"] == pytest.approx(1.2 * 250e6 / 500)
    assert "1 rows of fewer than 8 digits" in " ".join(made.said)


def test_months_of_comext_add_up_and_what_both_ends_report_counts_once(strait: Pack, tmp_path: Path) -> None:
    one, two = tmp_path / "full202301.dat", tmp_path / "full202302.dat"
    one.write_text(
        NEW
        + new("XC", "XA", "10019900", 1, "202301", "1", "200000000")
        + new("XA", "XC", "10019900", 2, "202301", "1", "300000000")
    )
    two.write_text(
        NEW
        + new("XC", "XA", "10019900", 1, "202302", "1", "100000000")
        + new("XA", "XB", "27101943", 2, "202302", "1", "7000000")
    )
    made = import_comext([one, two], region=strait)
    assert flow(made.flows, "XAA", "XCC", "grain")["tonnes"] == 300_000
    assert flow(made.flows, "XAA", "XBB", "oil")["tonnes"] == 7_000
    said = " ".join(made.said)
    assert (
        "2 months of 2023 only: 202301, 202302" in said and "1 exports to a country that reports them" in said
    )
    one.write_text(NEW + new("XC", "XA", "10019900", 1, "202352", "1", "200000000"))
    with pytest.raises(UserError, match="months of 2023 or the whole year"):
        import_comext([one, two], region=strait)


def test_everything_wrong_in_files_of_comext_is_told_at_once(strait: Pack, tmp_path: Path) -> None:
    path = tmp_path / "full.dat"
    path.write_text(NEW + new("XC", "", "10019900", 3, "2023", "much", "-4"))
    with pytest.raises(UserError) as error:
        import_comext([path], region=strait)
    said = str(error.value)
    for part in (
        "column FLOW: found '3'",
        "column PERIOD: found '2023'",
        "VALUE_EUR: found 'much'",
        "QUANTITY_KG: found '-4'",
        "column PARTNER",
    ):
        assert part in said
    path.write_text("REPORTER,PARTNER,FLOW\nXC,XA,1\n")
    with pytest.raises(UserError, match="row 1, column VALUE_EUR"):
        import_comext([path], region=strait)
    with pytest.raises(UserError, match="--usd-per-euro 0"):
        import_comext([path], region=strait, usd_per_euro=0.0)


def test_what_is_written_is_a_scenario_that_a_run_takes(strait: Pack, tmp_path: Path) -> None:
    made = import_baci(baci(tmp_path), region=strait)
    folder = write_prior(made, tmp_path / "made")
    assert read_scenario(folder / "scenario.yaml") == made.scenario
    assert {path.name for path in folder.iterdir()} == {
        "scenario.yaml",
        "factors.csv",
        "flows.csv",
        "left_out.csv",
    }
    with pytest.raises(StoreError, match="--force"):
        write_prior(made, folder)


def test_the_command_writes_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(path) for path in baci(tmp_path)]
    _main.app(["import", "baci", *paths, str(tmp_path / "made"), "--region", "strait"], standalone_mode=False)
    said = capsys.readouterr().out
    assert "found from value" in said and "scenario.yaml" in said
    with pytest.raises(UserError, match="one folder to read"):
        _main.app(["import", "gmns", *paths, str(tmp_path / "x")], standalone_mode=False)


def test_every_outer_zone_of_caspian_has_partners(caspian: Pack) -> None:
    assert set(caspian.table("partners")["country"]) == set(caspian.table("countries")["country"])
