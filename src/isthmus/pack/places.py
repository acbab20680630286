"""Places by name, spelled loosely."""

import difflib
import unicodedata

import pandas as pd

from isthmus._errors import UserError
from isthmus.pack.pack import Pack


def find_places(pack: Pack, text: str) -> pd.DataFrame:
    """Places whose id or name is, begins with, contains or resembles a text; best first.

    Returns place, name, country, lon, lat (degrees), roles, modes (joined by |), match (1 is the same, 0.6 the least
    shown). Spelling by Ratcliff and Obershelp 1988, letters without accents.
    """
    places = pack.table("places")
    wanted = _plain(text)
    matches = [
        max(_match(wanted, _plain(label)) for label in (place, name))
        for place, name in zip(places["place"], places["name"], strict=True)
    ]
    places["match"] = matches
    places["modes"] = places["place"].map(modes_by_place(pack)).fillna("")
    found = places[places["match"] >= 0.6] if wanted else places.iloc[:0]
    found = found.sort_values(["match", "place"], ascending=[False, True])
    columns = ["place", "name", "country", "lon", "lat", "roles", "modes", "match"]
    return found[columns].reset_index(drop=True)


def resolve_place(pack: Pack, text: str) -> str:
    """The id of the one place that a text means: its id, its name, or the only one that it begins or is part of.

    Raises UserError with the nearest names if there is none, or with the candidates if there are several.
    """
    if text in set(pack.table("places")["place"]):
        return text
    found = find_places(pack, text)
    for least in (1.0, 0.9, 0.8):
        best = found[found["match"] >= least]
        if len(best) == 1:
            return str(best["place"].iloc[0])
        if len(best) > 1:
            raise UserError(f"{text!r} may be any of: {_listed(best)}. Say which by its id.")
    if found.empty:
        raise UserError(
            f"There is no place like {text!r} in region {pack.name}; `isthmus places` searches them."
        )
    raise UserError(f"There is no place {text!r}. Near it: {_listed(found)}.")


def modes_by_place(pack: Pack) -> dict[str, str]:
    """Modes that reach each place by a link, a service or a terminal, in any status, joined by |."""
    ends = [
        pack.table(table)[[place, mode]].set_axis(["place", "mode"], axis=1)
        for table, places, modes in (
            ("links", ("from_place", "to_place"), ("mode",)),
            ("services", ("from_place", "to_place"), ("mode",)),
            ("terminals", ("place",), ("from_mode", "to_mode")),
        )
        for place in places
        for mode in modes
    ]
    nodes = pd.concat(ends).drop_duplicates().sort_values(["place", "mode"])
    return {str(place): "|".join(modes) for place, modes in nodes.groupby("place")["mode"]}


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


def _match(wanted: str, label: str) -> float:
    if wanted == label:
        return 1.0
    if label.startswith(wanted):
        return 0.9
    if wanted in label:
        return 0.8
    ratio = difflib.SequenceMatcher(None, wanted, label).ratio()
    return round(min(ratio, 0.79), 3)


def _listed(found: pd.DataFrame) -> str:
    shown = found.head(8)
    return ", ".join(f"{place} ({name})" for place, name in zip(shown["place"], shown["name"], strict=True))
