"""Matrices in the Open Matrix format (OMX 0.2): an HDF5 file that travel demand software reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

VERSION = b"0.2"


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
