"""The files that this Blender writes, against `scene.ray_cast` and against other readers."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

WIDTH, HEIGHT = 32, 24
NEW_COMPOSITOR = bpy.app.version >= (5, 0, 0)
MULTI_PART = bpy.app.version >= (5, 0, 0)


@pytest.fixture
def exr(product):
    return product("core")


@pytest.fixture
def planar(product):
    return product("core.depth.image").DepthKind.PLANAR


@pytest.fixture
def scene(empty_scene) -> Iterator[bpy.types.Scene]:
    """A tilted plane and a cube before a sky, seen by a perspective camera at an odd angle."""
    scene = empty_scene
    bpy.ops.mesh.primitive_plane_add(size=4, rotation=(0.5, 0.3, 0.1))
    bpy.ops.mesh.primitive_cube_add(size=1, location=(0.4, -0.6, 0.8), rotation=(0.3, 0.2, 0.7))
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    camera.matrix_world = (
        Matrix.Translation((1, -6, 4))
        @ Matrix.Rotation(math.radians(57), 4, "X")
        @ Matrix.Rotation(math.radians(4), 4, "Z")
    )
    scene.camera = camera
    render = scene.render
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y = WIDTH, HEIGHT
    scene.cycles.samples = 1
    scene.cycles.filter_width = 0.01  # Z is of the pixel's center to float32 rounding
    scene.cycles.use_denoising = False
    bpy.context.view_layer.use_pass_z = True
    return scene


def render(scene, folder: Path, *, interleave: bool = False, stereo: bool = False) -> Path:
    """Render to a multilayer file."""
    settings = scene.render.image_settings
    if MULTI_PART:
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_depth = "32"
    if MULTI_PART:
        settings.use_exr_interleave = interleave
    if stereo:
        scene.render.use_multiview = True
        settings.views_format = "MULTIVIEW"
    path = folder / "render.exr"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return path


def file_output(scene, folder: Path, *, multilayer: bool, stereo: bool = False) -> Path:
    """Render with a File Output node for depth; return the file that it wrote."""
    if NEW_COMPOSITOR:
        tree = bpy.data.node_groups.new("Compositor", "CompositorNodeTree")
        scene.compositing_node_group = tree
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
    layers = tree.nodes.new("CompositorNodeRLayers")
    output = tree.nodes.new("CompositorNodeOutputFile")
    if NEW_COMPOSITOR:
        output.directory, output.file_name = str(folder), "out_"
        output.format.media_type = "MULTI_LAYER_IMAGE" if multilayer else "IMAGE"
        output.file_output_items.new("FLOAT", "Distance")
    else:
        output.base_path = str(folder / "out_") if multilayer else str(folder)
    output.format.file_format = "OPEN_EXR_MULTILAYER" if multilayer else "OPEN_EXR"
    output.format.color_depth = "32"
    if stereo:
        scene.render.use_multiview = True
        output.format.views_format = "MULTIVIEW"
    tree.links.new(layers.outputs["Depth"], output.inputs[0])
    scene.render.filepath = str(folder / "beauty.png")
    bpy.ops.render.render(write_still=False)
    (path,) = folder.glob("*.exr")
    return path


def cast(scene, offset: float = 0.0) -> np.ndarray:
    """Cast a ray through the center of each pixel; return planar depth, or inf for no hit.

    The camera is moved by `offset` along its X axis. With a lens of f mm, and a sensor of s mm
    across W pixels, a pixel is s / (f W) wide at depth 1.
    """
    camera = scene.camera
    world = camera.matrix_world.normalized() @ Matrix.Translation((offset, 0, 0))
    step = camera.data.sensor_width / camera.data.lens / WIDTH
    depsgraph = bpy.context.evaluated_depsgraph_get()
    depths = np.full((HEIGHT, WIDTH), np.inf)
    for row in range(HEIGHT):
        for column in range(WIDTH):
            ray = Vector(((column + 0.5 - WIDTH / 2) * step, (HEIGHT / 2 - row - 0.5) * step, -1.0))
            origin = world.translation
            hit, position, *_ = scene.ray_cast(depsgraph, origin, world.to_3x3() @ ray)
            if hit:
                depths[row, column] = -(world.inverted() @ position).z
    return depths


def assert_is_cast(depth, expected: np.ndarray) -> None:
    """Check that depth is as cast, except for two pixels at edges, where rounding decides."""
    hit = np.isfinite(expected)
    assert 0.2 < hit.mean() < 0.9, "the image must show both surfaces and sky"
    assert np.count_nonzero(hit != depth.valid) <= 2
    both = hit & depth.valid
    assert np.count_nonzero(np.abs(depth.values - expected)[both] > 2e-5 * expected[both]) <= 2


def bundled_oiio():
    """The OpenImageIO that Blender bundles from 4.5 on, as an independent reader of files."""
    library = Path(bpy.utils.resource_path("LOCAL")) / "python" / "lib"
    found = [*library.glob("python*/site-packages"), *library.glob("site-packages")]
    sys.path.extend(str(path) for path in found if str(path) not in sys.path)
    return pytest.importorskip("OpenImageIO")


@pytest.mark.parametrize("interleave", [False, True] if MULTI_PART else [False])
def test_multilayer_render(scene, exr, planar, tmp_path, interleave):
    scene.render.film_transparent = True
    bpy.context.view_layer.use_pass_mist = True
    bpy.context.view_layer.use_pass_position = True
    path = render(scene, tmp_path, interleave=interleave)
    info = exr.read_info(path)
    layer = info.depth_layer()
    assert (layer.label, layer.channels) == ("ViewLayer.Depth", ("ViewLayer.Depth.Z",))
    assert (max(one.part for one in info.layers) > 0) == (MULTI_PART and not interleave)
    assert info.attributes["Camera"] == "Camera"
    color = info.color_layer(layer)
    assert [one.rpartition(".")[2] for one in color.channels] == ["R", "G", "B", "A"]
    depth = exr.read_depth(info, kind=planar)
    assert (depth.values.shape, depth.size) == ((HEIGHT, WIDTH), (WIDTH, HEIGHT))
    assert_is_cast(depth, cast(scene))
    alpha = exr.read_layer(info, color)[..., 3]
    assert np.array_equal(alpha > 0, depth.valid)


def test_another_reader_sees_the_same_passes(scene, exr, tmp_path):
    oiio = bundled_oiio()
    bpy.context.view_layer.use_pass_position = True
    path = render(scene, tmp_path)
    info = exr.read_info(path)
    found = 0
    for part in range(oiio.ImageBuf(str(path)).nsubimages):
        image = oiio.ImageBuf(str(path), part, 0)
        pixels = image.get_pixels(oiio.FLOAT)
        for layer in (one for one in info.layers if one.part == part):
            read = exr.read_layer(info, layer).reshape(HEIGHT, WIDTH, -1)
            columns = [_column(image.spec().channelnames, name) for name in layer.channels]
            assert np.array_equal(read, pixels[..., columns])
            found += 1
    assert found == len(info.layers) >= 3


def _column(names, wanted: str) -> int:
    """OpenImageIO may leave out the part's name."""
    leaf = wanted.rpartition(".")[2]
    return next(at for at, name in enumerate(names) if name in (wanted, leaf))


def test_file_output_single_layer(scene, exr, planar, tmp_path):
    path = file_output(scene, tmp_path, multilayer=False)
    depth = exr.read_depth(path, kind=planar)
    assert_is_cast(depth, cast(scene))
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    from_below = pixels.reshape(HEIGHT, WIDTH, -1)[::-1, :, 0]
    assert np.array_equal(depth.values, from_below)


def test_file_output_multilayer(scene, exr, planar, tmp_path):
    path = file_output(scene, tmp_path, multilayer=True)
    assert_is_cast(exr.read_depth(path, kind=planar), cast(scene))


def test_layouts_hold_the_same(scene, exr, planar, tmp_path):
    folders = [tmp_path / name for name in ("multi_part", "one_part", "node")]
    for folder in folders:
        folder.mkdir()
    paths = [
        render(scene, folders[0]),
        render(scene, folders[1], interleave=True),
        file_output(scene, folders[2], multilayer=False),
    ]
    first, *others = [exr.read_depth(path, kind=planar) for path in paths]
    for other in others:
        assert np.array_equal(first.values, other.values)
        assert np.array_equal(first.valid, other.valid)


def test_render_result_saved_later(scene, exr, planar, tmp_path):
    written = render(scene, tmp_path)
    later = tmp_path / "later.exr"
    bpy.data.images["Render Result"].save_render(str(later), scene=scene)
    first, second = (exr.read_depth(path, kind=planar) for path in (written, later))
    assert np.array_equal(first.values, second.values)


def set_parallel_stereo(scene) -> dict[str, float]:
    """Make the stereo parallel; return the offset of each view's camera along the X axis."""
    stereo = scene.camera.data.stereo
    stereo.convergence_mode, stereo.pivot = "PARALLEL", "CENTER"
    stereo.interocular_distance = 0.5
    return {"left": -0.25, "right": 0.25}


@pytest.mark.parametrize("interleave", [False, True] if MULTI_PART else [False])
def test_stereo_views(scene, exr, planar, product, tmp_path, interleave):
    offsets = set_parallel_stereo(scene)
    path = render(scene, tmp_path, interleave=interleave, stereo=True)
    info = exr.read_info(path)
    assert info.views == ("left", "right")
    with pytest.raises(product("core.errors").LayerError, match="left, right; choose a view"):
        info.depth_layer()
    for view, offset in offsets.items():
        depth = exr.read_depth(info, view=view, kind=planar)
        assert_is_cast(depth, cast(scene, offset))
        assert info.color_layer(info.depth_layer(view=view)).view == view


@pytest.mark.parametrize("multilayer", [False, True])
def test_stereo_views_of_a_file_output_node(scene, exr, planar, tmp_path, multilayer):
    offsets = set_parallel_stereo(scene)
    path = file_output(scene, tmp_path, multilayer=multilayer, stereo=True)
    for view, offset in offsets.items():
        assert_is_cast(exr.read_depth(path, view=view, kind=planar), cast(scene, offset))


@pytest.mark.parametrize("color_depth", ["16", "32"])
def test_every_codec_keeps_the_depth(scene, exr, planar, tmp_path, color_depth):
    expected = exr.read_depth(render(scene, tmp_path), kind=planar)
    settings = scene.render.image_settings
    settings.color_depth = color_depth
    codecs = [one.identifier for one in settings.bl_rna.properties["exr_codec"].enum_items]
    assert {"NONE", "ZIP", "PIZ", "DWAA", "B44"} <= set(codecs)
    for codec in codecs:
        if color_depth == "32" and codec.startswith("B44"):
            continue  # Blender offers them for half only
        settings.exr_codec = codec
        path = str(tmp_path / f"{codec}.exr")
        bpy.data.images["Render Result"].save_render(path, scene=scene)
        depth = exr.read_depth(path, kind=planar)
        assert depth.pixel_type == "float"
        assert np.array_equal(depth.valid, expected.valid)
        bound = 2.0**-16 if codec == "PXR24" else 0.0
        error = np.abs(depth.values - expected.values)[expected.valid]
        assert np.all(error <= bound * expected.values[expected.valid]), codec


def test_several_view_layers(scene, exr, planar, product, tmp_path):
    other = scene.view_layers.new("Other")
    other.use_pass_z = True
    info = exr.read_info(render(scene, tmp_path))
    with pytest.raises(product("core.errors").LayerError, match=r"several layers .*Other\.Depth"):
        info.depth_layer()
    first, second = (
        exr.read_depth(info, name, kind=planar) for name in ("ViewLayer.Depth", "Other.Depth")
    )
    assert np.array_equal(first.values, second.values)
    assert info.color_layer(info.depth_layer("Other.Depth")).name == "Other.Combined"


@pytest.mark.parametrize("crop", [False, True])
def test_render_border(scene, exr, planar, tmp_path, crop):
    scene.render.use_border, scene.render.use_crop_to_border = True, crop
    scene.render.border_min_x, scene.render.border_max_x = 0.25, 0.75
    scene.render.border_min_y, scene.render.border_max_y = 0.25, 0.75
    depth = exr.read_depth(render(scene, tmp_path), kind=planar)
    expected = cast(scene)
    inside = np.s_[HEIGHT // 4 : HEIGHT * 3 // 4, WIDTH // 4 : WIDTH * 3 // 4]
    if crop:
        assert depth.size == (WIDTH // 2, HEIGHT // 2)
        values, valid = depth.values, depth.valid
    else:
        assert depth.size == (WIDTH, HEIGHT)
        outside = depth.valid.copy()
        outside[inside] = False
        assert not outside.any()
        values, valid = depth.values[inside], depth.valid[inside]
    assert np.count_nonzero(np.isfinite(expected[inside]) != valid) <= 2
    both = np.isfinite(expected[inside]) & valid
    assert np.count_nonzero(np.abs(values - expected[inside])[both] > 1e-4) <= 2
