"""Lenses with all settings at once, and checks of the passes of a render against its camera."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np

from tests.blender.cameras.camera_scenes import RADIUS, Passes, Shot, prepare_shot, render_passes

Product = Callable[[str], ModuleType]
Settings = Mapping[str, Any]

PLANE_BAR, PANORAMA_BAR = 0.002, 0.01
"""Errors, in pixels, that 99% of the pixels may have at most."""

ROUNDING = 4.0 * float(np.spacing(np.float32(RADIUS)))
"""World units by which a coordinate may be off: a few roundings of Cycles' float32."""

PANORAMAS: dict[str, Settings] = {
    "whole sphere": {"panorama_type": "EQUIRECTANGULAR", "shift_y": 0.0},
    "part of sphere": {
        "panorama_type": "EQUIRECTANGULAR",
        "longitude_min": -1.0,
        "longitude_max": 2.5,
        "latitude_min": -1.1,
        "latitude_max": 1.0,
    },
    "cube face": {"panorama_type": "EQUIANGULAR_CUBEMAP_FACE"},
    "mirror ball": {"panorama_type": "MIRRORBALL"},
    "equidistant": {"panorama_type": "FISHEYE_EQUIDISTANT", "fisheye_fov": 4.0},
    "equisolid": {"panorama_type": "FISHEYE_EQUISOLID", "fisheye_fov": 3.5, "fisheye_lens": 12.0},
    "polynomial": {"panorama_type": "FISHEYE_LENS_POLYNOMIAL"},
    "polynomial to the other side": {
        "panorama_type": "FISHEYE_LENS_POLYNOMIAL",
        "fisheye_polynomial_k0": 0.002,
        "fisheye_polynomial_k1": 0.06,
        "fisheye_polynomial_k2": 0.001,
    },
}
if bpy.app.version >= (4, 5):
    PANORAMAS["cylinder"] = {
        "panorama_type": "CENTRAL_CYLINDRICAL",
        "central_cylindrical_range_u_min": -2.0,
        "central_cylindrical_range_v_max": 1.6,
        "central_cylindrical_radius": 1.7,
    }
LENSES: dict[str, Settings] = {
    "perspective": {"lens": 20.0},
    "orthographic": {"type": "ORTHO", "ortho_scale": 6.0},
    **{name: {"type": "PANO", **settings} for name, settings in PANORAMAS.items()},
}


def random_shot(lens: Settings, seed: int) -> Shot:
    """A lens with random shift, fit, aspect, percentage, and border, all at once."""
    rng = np.random.default_rng(seed)
    shift_x, shift_y = rng.uniform(-0.15, 0.15, 2).tolist()
    left, right, bottom, top = (rng.uniform(size=4) * 0.25 + (0.0, 0.75, 0.0, 0.75)).tolist()
    camera = {
        "shift_x": shift_x,
        "shift_y": shift_y,
        "sensor_fit": ("AUTO", "HORIZONTAL", "VERTICAL")[seed % 3],
        "sensor_width": rng.uniform(20.0, 40.0),
        "sensor_height": rng.uniform(20.0, 40.0),
    }
    render = {
        "resolution_x": int(rng.integers(60, 120)),
        "resolution_y": int(rng.integers(60, 120)),
        "resolution_percentage": int(rng.integers(60, 100)),
        "pixel_aspect_x": rng.uniform(1.0, 2.0) if seed % 2 else 1.0,
        "pixel_aspect_y": 1.0 if seed % 2 else rng.uniform(1.0, 2.0),
        "use_border": True,
        "use_crop_to_border": seed % 4 != 3,
        "border_min_x": left,
        "border_max_x": right,
        "border_min_y": bottom,
        "border_max_y": top,
    }
    return Shot(camera | dict(lens), render)


def pixel_centers(width: int, height: int) -> np.ndarray:
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([columns, rows], axis=-1)


def rounding_in_pixels(camera: Any, points: np.ndarray) -> np.ndarray:
    """Return how far pixels move at most if every coordinate is off by ROUNDING."""
    pixels = camera.project(points)
    moved = [
        np.linalg.norm(camera.project(points + offset) - pixels, axis=-1)
        for offset in np.eye(3) * ROUNDING
    ]
    return np.sum(moved, axis=0)


def show_accuracy(write_line: Callable[[str], None]) -> None:
    """Write a line for each type of lens: the 99th percentile and the greatest of its errors."""
    for lens, of_renders in sorted(_errors.items()):
        errors = np.concatenate(of_renders)
        share, most = np.percentile(errors, 99), errors.max()
        write_line(
            f"{lens:<20} {len(errors):>7} pixels  99% {share:.1e} px  greatest {most:.1e} px"
        )


_errors: dict[str, list[np.ndarray]] = {}
"""Reprojection errors of all pixels that were checked, by the type of the lens."""


def assert_exact(product: Product, camera_object: Any, view: str, passes: Passes) -> None:
    """Check that Position projects to the pixel centers, and that Z along the rays is Position."""
    scene = bpy.context.scene
    bridge = product("bridge.cameras.from_object")
    camera = bridge.camera_from_object(
        camera_object, scene, bpy.context.evaluated_depsgraph_get(), view=view
    )
    height, width = passes.z.shape
    assert (camera.lens.width, camera.lens.height) == (width, height)
    centers, use = pixel_centers(width, height), passes.hit
    assert use.sum() > 300, "the scene is hardly in view"
    is_panorama = camera_object.data.type == "PANO"
    if is_panorama and camera_object.data.panorama_type == "MIRRORBALL":
        uv = camera.lens.frame.uv(centers)
        use = use & (np.linalg.norm(uv - 0.5, axis=-1) < 0.5 * 0.99)
    bar = PANORAMA_BAR if is_panorama else PLANE_BAR
    points, centers = passes.position[use], centers[use]

    errors = np.linalg.norm(camera.project(points) - centers, axis=-1)
    _errors.setdefault(type(camera.lens).__name__, []).append(errors)
    assert np.percentile(errors, 99) <= bar
    assert (errors <= bar + rounding_in_pixels(camera, points)).all()

    kind = bridge.depth_kind_of(camera_object, scene.render.engine)
    assert kind.name == ("RAY" if is_panorama else "PLANAR")
    depth = passes.z[use].astype(np.float64)
    unprojected = camera.rays(centers, kind).at(depth)
    neighbors = camera.rays(centers + np.array([0.01, 0.01]), kind).at(depth)
    pixel = np.linalg.norm(neighbors - unprojected, axis=-1) / np.hypot(0.01, 0.01)
    # The rounding of the depth adds to the tolerance.
    allowed = bar * pixel + ROUNDING + np.spacing(passes.z[use]) * 4.0
    distances = np.linalg.norm(unprojected - points, axis=-1)
    assert np.nanpercentile(distances / allowed, 99) <= 1.0
    assert np.isfinite(distances).all()
    assert (distances <= 2.0 * allowed).all()
    assert_back_projected(product, camera, kind, passes.z)


def assert_back_projected(product: Product, camera: Any, kind: Any, z: np.ndarray) -> None:
    """Check that the points of an image are on the rays of its pixels, except for rounding."""
    depth = product("core.depth.image").DepthImage.from_array(z, kind)
    cloud = product("core.geometry.backprojection").backproject(depth, camera)
    rays = camera.rays(cloud.selection.pixels() + 0.5, kind)
    expected = rays.at(cloud.selection.take(depth.values))
    distances = np.linalg.norm(expected - camera.matrix[:3, 3], axis=-1)
    rounding = np.spacing(np.abs(expected).max(axis=-1).astype(np.float32))
    errors = np.linalg.norm(cloud.points - expected, axis=-1)
    assert (errors <= 5e-7 * distances + rounding).all()


def assert_shot_exact(product: Product, folder: Path, shot: Shot, seed: int) -> None:
    camera = prepare_shot(shot, seed)
    views = render_passes(folder)
    expected = {"left", "right"} if shot.render.get("use_multiview") else {""}
    assert set(views) == expected
    for view, passes in views.items():
        assert_exact(product, camera, view, passes)
