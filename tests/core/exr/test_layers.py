"""Layers, parts, and views of EXR files, and which passes belong to a depth layer."""

import dataclasses

import numpy as np
import OpenEXR
import pytest

from core.depth.image import DepthKind
from core.errors import LayerError
from core.exr import reader as exr
from core.files.reader import read_depth

BLENDER = {
    "ViewLayer.Combined": "RGBA",
    "ViewLayer.Depth": "Z",
    "ViewLayer.Mist": "Z",
    "ViewLayer.Position": "XYZ",
    "ViewLayer.Vector": "XYZW",
    "ViewLayer.UV": "UVA",
    "ViewLayer.IndexOB": "X",
    "ViewLayer.CryptoObject00": "rgba",
    "ViewLayer.Denoising Depth": "Z",
}


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "layers.exr")


def pixels(names, seed=0):
    random = np.random.default_rng(seed)
    return {name: random.random((4, 6), np.float32) for name in names}


def info_of(path, names, **attributes):
    OpenEXR.File({"type": OpenEXR.scanlineimage, **attributes}, pixels(names)).write(path)
    return exr.read_info(path)


def info_of_parts(path, parts):
    made = [
        OpenEXR.Part({"type": OpenEXR.scanlineimage, **attributes}, pixels(names), name)
        for name, names, attributes in parts
    ]
    OpenEXR.File(made).write(path)
    return exr.read_info(path)


def labels(layers):
    return sorted(layer.label for layer in layers)


def blender_channels():
    return [f"{name}.{one}" for name, leaves in BLENDER.items() for one in leaves]


def blender_parts():
    return [(name, [f"{name}.{one}" for one in leaves], {}) for name, leaves in BLENDER.items()]


@pytest.mark.parametrize("multi_part", [False, True])
def test_layers_of_a_multilayer_file(path, multi_part):
    info = info_of_parts(path, blender_parts()) if multi_part else info_of(path, blender_channels())
    found = {
        layer.label: "".join(one.rpartition(".")[2] for one in layer.channels)
        for layer in info.layers
    }
    assert found == BLENDER
    depth = info.depth_layer()
    assert depth.label == depth.name == "ViewLayer.Depth"
    assert info.color_layer(depth).label == "ViewLayer.Combined"


@pytest.mark.parametrize("asked", ["ViewLayer.Depth", "ViewLayer.Depth.Z", "Depth"])
def test_names_a_layer_goes_by(path, asked):
    assert info_of(path, blender_channels()).depth_layer(asked).channels == ("ViewLayer.Depth.Z",)


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (["Z"], "Z"),
        (["V"], "V"),
        (["Y"], "Y"),
        (["R"], "R"),
        (["depth.Z"], "depth.Z"),
        (["Depth.R"], "Depth.R"),
        (["depth"], "depth"),
        (["Image.V"], "Image.V"),
        (["R", "G", "B", "A", "Z"], "Z"),
        (["R", "G", "B", "A", "Z", "ZBack"], "Z"),
        (["R", "G", "B", "depth.Y", "N.X", "N.Y", "N.Z"], "depth.Y"),
        (["beauty.R", "beauty.G", "beauty.B", "beauty.Z"], "beauty.Z"),
        (["Image.V", "ViewLayer.Depth.Z"], "ViewLayer.Depth.Z"),
        (["View.001.Depth.Z", "View.001.Combined.R"], "View.001.Depth.Z"),
        (["ViewLayer.Denoising Depth.Z", "ViewLayer.Depth.Z"], "ViewLayer.Depth.Z"),
    ],
)
def test_the_depth_of_one_part_files(path, channels, expected):
    info = info_of(path, channels)
    assert info.depth_layer().channels == (expected,)
    assert read_depth(info, kind=DepthKind.RAY).values.shape == (4, 6)
    assert info.depth_layer(info.depth_layer().label) == info.depth_layer()


def test_parts_give_their_name_to_bare_channels(path):
    info = info_of_parts(path, [("rgba", "RGBA", {}), ("depth", "Z", {})])
    assert labels(info.layers) == ["depth", "rgba"]
    assert info.depth_layer().part == 1


def test_layers_without_a_name_are_shown_by_their_channels(path):
    info = info_of(path, ["R", "G", "B", "A", "Z", "id"])
    assert labels(info.layers) == ["RGBA", "Z", "id"]
    assert {layer.name for layer in info.layers} == {""}
    assert info.color_layer(info.depth_layer()).channels == ("R", "G", "B", "A")


def test_color_next_to_depth(path):
    info = info_of(path, ["beauty.R", "beauty.G", "beauty.B", "beauty.Z", "R", "G", "B"])
    assert info.color_layer(info.depth_layer()).label == "beauty.RGB"


def test_color_of_the_compositor(path):
    info = info_of(
        path, ["Composite.Combined.R", "Composite.Combined.G", "Composite.Combined.B", "V.Depth.Z"]
    )
    assert info.color_layer(info.depth_layer()).label == "Composite.Combined"


def test_no_color(path):
    info = info_of(path, ["V.Depth.Z", "Other.Combined.R", "Other.Combined.G", "Other.Combined.B"])
    assert info.color_layer(info.depth_layer()) is None


def position_info(path, names, **attributes):
    return info_of(path, ["One.Depth.Z", "Two.Depth.Z", *names], **attributes)


def test_position_beside_depth(path):
    names = [f"{layer}.Position.{axis}" for layer in ("One", "Two") for axis in "XYZ"]
    info = position_info(path, names)
    for layer in ("One", "Two"):
        depth = info.depth_layer(f"{layer}.Depth")
        assert info.position_layer(depth).channels == tuple(f"{layer}.Position.{i}" for i in "XYZ")


def test_position_of_another_view_layer_does_not_count(path):
    info = position_info(path, [f"One.Position.{axis}" for axis in "XYZ"])
    with pytest.raises(LayerError, match=r"no Position pass beside Two\.Depth; enable that pass"):
        info.position_layer(info.depth_layer("Two.Depth"))


def test_position_that_its_codec_changed(path):
    names = ["Z", *(f"Position.{axis}" for axis in "XYZ")]
    values = {name: np.ones((32, 32), np.float16) for name in names} | {
        "Z": np.ones((32, 32), np.float32)
    }
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.B44_COMPRESSION}
    OpenEXR.File(header, values).write(path)
    info = exr.read_info(path)
    with pytest.raises(LayerError, match=r"Position in .* saved with the codec B44, .* without it"):
        info.position_layer(info.depth_layer())


def test_position_of_other_pixels(path):
    crop = {"dataWindow": (np.array([1, 0], np.int32), np.array([6, 3], np.int32))}
    parts = [("Depth", "Z", {}), ("Position", "XYZ", crop)]
    info = info_of_parts(path, parts)
    with pytest.raises(LayerError, match=r"Position in .* covers other pixels than Depth; save"):
        info.position_layer(info.depth_layer())


def test_layers_beside_depth(path):
    names = ["One.Mist.Z", "One.Combined.R", "One.sub.Mist.Z", "Two.Mist.Z", "Z"]
    info = position_info(path, names)
    beside = info.layers_beside(info.depth_layer("One.Depth"))
    assert labels(beside) == ["One.Combined", "One.Mist"]
    assert labels(info.layers_beside(info.depth_layer("Z"))) == []


@pytest.mark.parametrize("multi_part", [False, True])
def test_layers_beside_the_depth_of_a_view(path, multi_part):
    info = stereo_info(path, multi_part)
    for view in ("left", "right"):
        beside = info.layers_beside(info.depth_layer(view=view))
        assert [(layer.name, layer.view) for layer in beside] == [("ViewLayer.Combined", view)]


def test_bare_channels_of_other_parts_are_beside_depth(path):
    info = info_of_parts(path, [("depth", "Z", {}), ("height", "Z", {})])
    assert labels(info.layers_beside(info.depth_layer("depth"))) == ["height"]


def test_several_view_layers(path):
    info = info_of(path, ["One.Depth.Z", "Two.Depth.Z", "Two.Combined.R"])
    assert labels(info.depth_layers()) == ["One.Depth", "Two.Depth"]
    for asked in ("", "Depth"):
        with pytest.raises(LayerError, match=r"One\.Depth, Two\.Depth; choose one"):
            info.depth_layer(asked)
    assert info.depth_layer("Two.Depth").channels == ("Two.Depth.Z",)


STEREO = [
    f"ViewLayer.{name}"
    for name in ("Combined.{}.R", "Combined.{}.G", "Combined.{}.B", "Depth.{}.Z")
]


def stereo_info(path, multi_part):
    if not multi_part:
        channels = [name.format(view) for name in STEREO for view in ("left", "right")]
        return info_of(path, channels, multiView=["left", "right"])
    parts = []
    for view in ("left", "right"):
        combined = [f"ViewLayer.Combined.{one}" for one in "RGBA"]
        parts.append((f"ViewLayer.Combined-{view}", combined, {"view": view}))
        parts.append((f"ViewLayer.Depth-{view}", ["ViewLayer.Depth.Z"], {"view": view}))
    return info_of_parts(path, parts)


@pytest.mark.parametrize("multi_part", [False, True])
def test_stereo_views(path, multi_part):
    info = stereo_info(path, multi_part)
    assert info.views == ("left", "right")
    right = info.depth_layer(view="right")
    assert (right.label, right.view) == ("ViewLayer.Depth", "right")
    assert info.color_layer(right).view == "right"
    assert info.depth_layer("Depth", "left").view == "left"
    with pytest.raises(
        LayerError, match=r"ViewLayer\.Depth for the views left, right; choose a view"
    ):
        info.depth_layer()
    with pytest.raises(LayerError, match=r"no view middle; it has the views left, right"):
        info.depth_layer(view="middle")


def test_all_channels_of_a_file_of_one_view_are_of_it(path):
    info = info_of(path, ["ViewLayer.Depth.Z", "ViewLayer.Combined.R"], multiView=["right"])
    assert {layer.view for layer in info.layers} == {"right"}
    assert info.depth_layer(view="right").label == "ViewLayer.Depth"


def test_the_default_view_of_one_part_files(path):
    info = info_of(path, ["Z", "right.Z"], multiView=["left", "right"])
    assert {layer.view: layer.channels for layer in info.layers} == {
        "left": ("Z",),
        "right": ("right.Z",),
    }


def test_parts_named_after_their_view(path):
    info = info_of_parts(
        path, [("left", "Z", {"view": "left"}), ("d.right", "Z", {"view": "right"})]
    )
    assert [(layer.label, layer.view) for layer in info.layers] == [("Z", "left"), ("d", "right")]


def test_a_file_without_views(path):
    with pytest.raises(LayerError, match="no view left; it has no views"):
        info_of(path, ["Z"]).depth_layer(view="left")


def test_no_depth(path):
    info = info_of(
        path,
        [
            "ViewLayer.Combined.R",
            "ViewLayer.Combined.G",
            "ViewLayer.Combined.B",
            "ViewLayer.Normal.X",
        ],
    )
    with pytest.raises(
        LayerError, match=r"no depth; it holds ViewLayer\.Combined, ViewLayer\.Normal"
    ):
        info.depth_layer()


@pytest.mark.parametrize("asked", ["Nothing", "ViewLayer.Depth.Y"])
def test_a_layer_that_is_not_there(path, asked):
    with pytest.raises(
        LayerError, match=rf"no layer {asked}; it holds ViewLayer\.Combined, .*Depth"
    ):
        info_of(path, blender_channels()).depth_layer(asked)


def test_mist_is_not_depth(path):
    info = info_of(path, ["ViewLayer.Mist.Z"])
    assert info.depth_layers() == ()
    with pytest.raises(LayerError, match=r"ViewLayer\.Mist .* is mist"):
        info.depth_layer("Mist")


def test_vectors_are_not_depth(path):
    with pytest.raises(LayerError, match=r"ViewLayer\.Position\.X, .* but depth is a single one"):
        info_of(path, blender_channels()).depth_layer("Position")


@pytest.mark.parametrize(
    ("compression", "names", "dtype", "lossy"),
    [
        ("DWAA", ["R", "G", "B"], np.float32, True),
        ("DWAB", ["Depth.R", "Depth.G", "Depth.B", "Depth.A"], np.float32, True),
        ("DWAA", ["Y"], np.float32, True),
        ("LJ2K", ["R", "G", "B"], np.float32, True),
        ("B44", ["Z"], np.float16, True),
        ("B44A", ["V"], np.float16, True),
        ("DWAA", ["V.Depth.Z"], np.float32, False),
        ("DWAA", ["V"], np.float32, False),
        ("B44", ["Z"], np.float32, False),
        ("PXR24", ["R", "G", "B"], np.float32, False),
        ("ZIP", ["R", "G", "B"], np.float32, False),
    ],
)
def test_codecs_made_for_the_eye(path, compression, names, dtype, lossy):
    values = np.linspace(1, 60, 64 * 64).reshape(64, 64).astype(dtype)
    codec = getattr(OpenEXR, f"{compression}_COMPRESSION")
    header = {"type": OpenEXR.scanlineimage, "compression": codec}
    OpenEXR.File(header, dict.fromkeys(names, values)).write(path)
    if lossy:
        with pytest.raises(LayerError, match=rf"saved with the codec {compression}, .* with ZIP"):
            read_depth(path, kind=DepthKind.PLANAR)
    else:
        read = read_depth(path, kind=DepthKind.PLANAR).values
        assert np.allclose(read, values, rtol=2.0**-16, atol=0)


def test_one_channel_of_a_layer(path):
    info = info_of(path, ["data.R", "data.G", "data.B"])
    layer = info.depth_layer("data.G")
    assert layer.channels == ("data.G",)
    written = OpenEXR.File(path, separate_channels=True).channels()["data.G"].pixels
    assert np.array_equal(exr.read_layer(info, layer), written)


@pytest.mark.parametrize("alpha", [False, True])
def test_depth_in_red_green_and_blue(path, alpha):
    values = np.linspace(1, 9, 24, dtype=np.float32).reshape(4, 6)
    values[0, 0] = np.nan
    channels = dict.fromkeys("RGB", values) | ({"A": np.ones_like(values)} if alpha else {})
    OpenEXR.File({"type": OpenEXR.scanlineimage}, channels).write(path)
    read = read_depth(path, kind=DepthKind.PLANAR)
    assert np.array_equal(read.values, values, equal_nan=True)
    assert read.values.flags.c_contiguous


def test_a_color_image_is_not_depth(path):
    info_of(path, "RGBA")
    with pytest.raises(LayerError, match="looks like a color image, not depth"):
        read_depth(path, kind=DepthKind.PLANAR)


def test_a_half_color_image_is_no_candidate(path):
    color = {name: np.ones((4, 6), np.float16) for name in "RGB"}
    OpenEXR.File({"type": OpenEXR.scanlineimage}, color).write(path)
    with pytest.raises(LayerError, match="no depth; it holds RGB"):
        read_depth(path, kind=DepthKind.PLANAR)


def test_attributes_and_aspect(path):
    info = info_of(path, ["Z"], Camera="Camera.001", Frame="17", pixelAspectRatio=1.5, Weight=2.5)
    assert info.attributes == {"Camera": "Camera.001", "Frame": "17"}


def test_records_are_frozen(path):
    info = info_of(path, ["Z"])
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.path = "other"
