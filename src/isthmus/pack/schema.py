"""The tables and parameters of every region."""

from pathlib import Path

from isthmus.tables import Schema, read_schema

SCHEMA: Schema = read_schema(Path(__file__).with_name("schema.yaml"))
