"""The folder of a run: `manifest.json`, a Parquet file for each table, `map.gpkg` for the layers of the map."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from isthmus import __version__
from isthmus._errors import Problem, UserError
from isthmus.store.geopackage import write_geopackage

MANIFEST = "manifest.json"
MAP = "map.gpkg"
SCHEMA = 1
"""Version of the folder's layout."""


class StoreError(UserError):
    """A run that cannot be written or read."""


@dataclass(frozen=True)
class Run:
    """A run read back: its tables by name, and what the manifest says of it."""

    folder: Path
    manifest: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]


def check_target(folder: Path, *, force: bool = False, mark: str = MANIFEST, what: str = "run") -> None:
    """Refuse a folder that `write_run` would refuse; ask before long work, so that it is not lost.

    Raises StoreError if it exists and `force` is not given, or if it holds anything but a run: the file `mark` tells what it is.
    """
    if not folder.exists():
        parent = folder.absolute().parent
        if parent.exists() and not parent.is_dir():
            raise StoreError(f"{folder} cannot be made: {parent} is no folder.")
        return
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / mark).is_file()):
        raise StoreError(f"{folder} exists and is no {what}; choose another name.")
    if not force:
        raise StoreError(f"{folder} exists; --force replaces it.")


def write_run(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    manifest: Mapping[str, Any],
    layers: Mapping[str, pd.DataFrame] | None = None,
    *,
    files: Mapping[str, Callable[[Path], None]] | None = None,
    force: bool = False,
) -> Path:
    """Write a run beside its place and rename it whole; a run killed half-way leaves nothing under the name.

    `manifest` is what the caller says of the run (region, content hash, scenario, parameters), to which the engine's
    version, the time and the files with their hashes are added. `layers` become `map.gpkg`, as `write_geopackage`
    says; `files` are further files by name, each with the function that writes it. Raises StoreError as
    `check_target` does. Returns the folder.
    """
    check_target(folder, force=force)

    def fill(beside: Path) -> None:
        for name, frame in tables.items():
            _write_parquet(frame, beside / f"{name}.parquet")
        if layers:
            write_geopackage(beside / MAP, layers)
        for name, write in (files or {}).items():
            write(beside / name)
        _write_manifest(beside, tables, manifest)

    return write_whole(folder, fill)


def add_tables(folder: Path, added: Mapping[str, pd.DataFrame]) -> Path:
    """Put tables into a run that stands on disk, in place of those of their names; the folder is written beside and renamed whole.

    Raises StoreError if the folder is no run or is damaged.
    """
    run = read_run(folder)
    tables = {**run.tables, **added}
    fresh = {f"{name}.parquet" for name in added}
    said = {
        key: value
        for key, value in run.manifest.items()
        if key not in ("schema", "isthmus", "created", "files")
    }

    def fill(beside: Path) -> None:
        own = set(run.manifest["files"])
        for kept in own - fresh:
            shutil.copy2(folder / kept, beside / kept)
        for name, frame in added.items():
            _write_parquet(frame, beside / f"{name}.parquet")
        _write_manifest(
            beside, tables, {**said, "isthmus": run.manifest["isthmus"], "created": run.manifest["created"]}
        )
        for path in folder.iterdir():  # what was put beside the run, such as its page, is no part of it
            if path.is_file() and path.name not in own | fresh | {MANIFEST}:
                shutil.copy2(path, beside / path.name)

    return write_whole(folder, fill)


def write_whole(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Let `fill` write into a folder beside and rename that whole, in place of what stands there; returns the folder."""
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    try:
        fill(beside)
        beside.chmod(0o777 & ~_umask())
        _put_in_place(beside, folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return folder


def read_run(folder: Path) -> Run:
    """Read a run and verify it; raises StoreError with every file that is missing or changed."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        files, version = dict(manifest["files"]), manifest["schema"]
    except OSError as error:
        raise StoreError(f"{folder} is no run: {MANIFEST}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{folder} is no run: {MANIFEST} is damaged.") from error
    if version != SCHEMA:
        raise StoreError(f"{folder} has layout {version!r}; this version of Isthmus reads {SCHEMA}.")
    problems = []
    for name, entry in files.items():
        file = folder / name
        if not file.is_file():
            problems.append(Problem(name, 0, "", "", "expected in the folder; the file is missing"))
        elif _digest(file) != entry["sha256"]:
            problems.append(Problem(name, 0, "", "", "changed since the run was written"))
    if problems:
        raise StoreError(f"Run {folder} is damaged:", problems)
    tables = {Path(name).stem: _read_parquet(folder / name) for name in files if name.endswith(".parquet")}
    return Run(folder, manifest, tables)


def _write_manifest(folder: Path, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> None:
    files: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.iterdir()):
        files[path.name] = {"sha256": _digest(path), "bytes": path.stat().st_size}
        if path.stem in tables:
            files[path.name]["rows"] = len(tables[path.stem])
    content = {
        "schema": SCHEMA,
        "isthmus": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        **manifest,
        "files": files,
    }
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(beside: Path, folder: Path) -> None:
    if not folder.exists():
        beside.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".replaced", dir=folder.parent))
    folder.rename(aside / folder.name)
    try:
        beside.rename(folder)
    except OSError:
        (aside / folder.name).rename(folder)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, compression="zstd")


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    frame: pd.DataFrame = pq.read_table(path).to_pandas()
    for name in frame.columns[[isinstance(dtype, pd.StringDtype) for dtype in frame.dtypes]]:
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
