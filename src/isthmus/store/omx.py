"""Matrices in the Open Matrix format (OMX 0.2): an HDF5 file that travel demand software reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

VERSION = b"0.2"


def read_omx(path: Path) -> tuple[dict[str, NDArray[np.float64]], list[str]]:
    """Matrices of a file by name, and what the first mapping calls its rows ("1", "2", … where there is none).

    Raises OSError if it is no HDF5 file, KeyError without `/data`, ValueError if a matrix is not square or not as large as the others.
    """
    import h5py

    with h5py.File(path, "r") as file:
        matrices = {str(name): np.asarray(values[...], np.float64) for name, values in file["data"].items()}
        lookups = list(file["lookup"].values()) if "lookup" in file else []
        cells = lookups[0][...].tolist() if lookups else []
    sizes = {matrix.shape for matrix in matrices.values()}
    if len(sizes) > 1 or any(len(shape) != 2 or shape[0] != shape[1] for shape in sizes):
        raise ValueError("matrices are not square or of different sizes")
    size = next(iter(sizes))[0] if sizes else 0
    names = [cell.decode() if isinstance(cell, bytes) else str(cell) for cell in cells]
    return matrices, names if len(names) == size else [str(i + 1) for i in range(size)]


def write_omx(
    path: Path, matrices: Mapping[str, NDArray[np.float64]], lookup: str, names: Sequence[str]
) -> None:
    """Write square matrices over the same rows and columns into a new file.

    Parameters
    ----------
    path : Path
        The file.
    matrices : mapping of str to (Z, Z) array
        `/data/<name>`; letters, digits and underscores in the names.
    lookup : str
        Name of the mapping that tells rows and columns.
    names : sequence of str
        (Z) what they are, `/lookup/<lookup>`, as UTF-8 text.
    """
    import h5py

    size = len(names)
    with h5py.File(path, "w") as file:
        file.attrs["OMX_VERSION"] = np.bytes_(VERSION)
        file.attrs["SHAPE"] = np.array([size, size], np.int32)
        data = file.create_group("data")
        for name, matrix in matrices.items():
            data.create_dataset(
                name,
                data=matrix,
                chunks=(min(size, 256), size),
                compression="gzip",
                compression_opts=1,
                shuffle=True,
            )
        encoded = np.array([name.encode() for name in names], np.bytes_)
        file.create_group("lookup").create_dataset(lookup, data=encoded)
