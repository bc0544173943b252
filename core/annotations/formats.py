"""The formats of exported picks.

To add a format, add a member here, and write the function that it names as its writer. The
operator and the file browser take everything else from this table.
"""

from __future__ import annotations

import enum

from ..support.export_format import ExportFormat


class PickFormat(enum.Enum):
    """Formats that picks are written in.

    A writer takes a sequence of :class:`~core.annotations.picks.PickRecord` and returns the bytes
    of the file.
    """

    CSV = ExportFormat(
        "CSV",
        ".csv",
        "A table of all numbers; Import restores the picks without loss",
        "annotations.csv_table.csv_bytes",
    )
    JSON = ExportFormat(
        "JSON",
        ".json",
        "Native JSON: everything about the picks; Import restores them without loss",
        "annotations.native_json.native_json_bytes",
    )
    COCO = ExportFormat(
        "COCO Keypoints",
        ".json",
        "2D keypoints, with the 3D points beside them",
        "annotations.coco.coco_bytes",
    )
    PLY = ExportFormat(
        "PLY", ".ply", "A point cloud of the picks in the world", "annotations.ply.ply_bytes"
    )
