"""Read what the chosen file holds, so that the panel can show it without reading the disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import bpy

from ..file_formats import absolute_path

if TYPE_CHECKING:
    from ...core.exr.layers import FileInfo


class DEPTH_OT_inspect_file(bpy.types.Operator):
    """Read which layers and views the file of the sidebar holds."""

    bl_idname = "depth.inspect_file"
    bl_label = "Inspect Depth File"
    bl_description = "Read again which layers and views the file holds"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...core.errors import DepthError  # late, as the reader imports OpenEXR
        from ...core.files.reader import read_info

        settings = context.scene.reconstruct_from_depth
        settings.forget_file()
        try:
            _store(settings, read_info(absolute_path(settings.filepath)))
        except DepthError as error:
            settings.file_error = str(error)
        return {"FINISHED"}


def _store(settings: bpy.types.PropertyGroup, info: FileInfo) -> None:
    """Store what the panel shows of the file; layers that look like depth come first."""
    from ...core.errors import DepthError
    from ...core.exr.passes import passes_beside
    from ...core.exr.sidecar import shot_metadata_of
    from ...core.files.checks import check_distances
    from ...core.files.info import ImageInfo

    if isinstance(info, ImageInfo):
        settings.file_title = info.title
    try:
        check_distances(info, info.layers[0], False)
    except DepthError as error:
        settings.file_refusal = str(error)
    likely = list(dict.fromkeys(layer.label for layer in info.depth_layers()))
    for label in dict.fromkeys((*likely, *(layer.label for layer in info.layers))):
        settings.file_layers.add().name = label
    candidates = info.depth_layers() or info.layers[:1]
    for layer in {each.label: each for each in candidates}.values():
        names = settings.file_passes.add()
        names.name = layer.label
        names.value = "\n".join(each.name for each in passes_beside(info, layer))
    for view in info.views:
        settings.file_views.add().name = view
    for name, value in info.attributes.items():
        entry = settings.file_metadata.add()
        entry.name, entry.value = name, value
    settings.file_depth_layers = len(likely)
    settings.file_matrices = json.dumps(
        {view: dict(matrices) for view, matrices in info.matrices.items()}
    )
    try:
        shot = shot_metadata_of(info)
        settings.file_shot = json.dumps(shot.to_data()) if shot is not None else ""
    except DepthError as error:
        settings.file_shot_problem = str(error)
    settings.file_size = (info.display_window.width, info.display_window.height)


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_inspect_file,))
