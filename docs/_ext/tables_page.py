"""The page of the tables, made from the schema."""

from isthmus.tables import Column, Schema, Table

_HEAD = """# The tables of a region

A region is a folder with `datapackage.json` (a Tabular Data Package, which
[`isthmus check --describe`](commands/check.md) writes) and one CSV file for each table: UTF-8, a header, commas. Ids are
lower-case letters, digits and hyphens; a double hyphen separates the two ends of a line.
Lists are joined by `|`. Numbers are written in digits with a point.
Every table but `sources` ends with the columns of the last section. Tables marked *optional* may be left out.
"""


def tables_page(schema: Schema) -> str:
    """The page in Markdown."""
    parts = [_HEAD]
    common = ("source", "confidence", "note")
    parts += [_section(table, common) for table in schema.tables.values()]
    places = schema.tables["places"].columns
    parts.append("## Columns that tables share\n\n" + _rows([places[name] for name in common]))
    parts.append("## Parameters\n\n" + _parameters(list(schema.parameters.values())))
    return "\n".join(parts)


def _section(table: Table, common: tuple[str, ...]) -> str:
    own = [column for name, column in table.columns.items() if name not in common or table.name == "sources"]
    optional = " *Optional.*" if table.optional else ""
    key = ", ".join(f"`{name}`" for name in table.key)
    return f"## {table.name}\n\n{table.title}.{optional} Key: {key}.\n\n{_rows(own)}"


def _rows(columns: list[Column]) -> str:
    lines = ["| column | holds | meaning |", "|---|---|---|"]
    for column in columns:
        holds = column.expectation if not column.reference else f"a `{column.reference}`"
        if column.reference and column.type == "list":
            holds += ", several joined by \\|"
        if not column.required:
            holds += "; may be empty"
        lines.append(f"| `{column.name}` | {_escape(holds)} | {_escape(column.meaning)} |")
    return "\n".join(lines) + "\n"


def _parameters(columns: list[Column]) -> str:
    lines = ["| parameter | holds | usual | meaning |", "|---|---|---|---|"]
    for column in columns:
        default = "" if column.default is None else f"{column.default:g}"
        lines.append(f"| `{column.name}` | {column.expectation} | {default} | {_escape(column.meaning)} |")
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    return text.replace("\\|", "|").replace("|", "\\|")
