"""Scenes whose depth is hard to cut into surfaces, and their true surfaces."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

WIDTH, HEIGHT = 96, 72
BISECTIONS = 14
"""They narrow the greatest step between two pixels down to 1e-5 of a pixel."""

REMAINING = 0.05
"""Pixel footprints that the step may then still have if the surface is continuous."""


def rods() -> None:
    """Rods from half a pixel to three pixels thick, at all angles, before a wall."""
    rng = np.random.default_rng(1)
    bpy.ops.mesh.primitive_plane_add(size=60, location=(0, 12, 0), rotation=(np.pi / 2, 0, 0.2))
    for radius in np.linspace(0.02, 0.12, 14):
        bpy.ops.mesh.primitive_cylinder_add(
            vertices=12,
            radius=radius,
            depth=rng.uniform(2, 8),
            location=rng.uniform((-3, 3, -2), (3, 9, 2)),
            rotation=rng.uniform(0, np.pi, 3),
        )


def grazing_floor() -> None:
    """A floor that reaches to the horizon, with a step, a slope, and boxes on it."""
    bpy.ops.mesh.primitive_plane_add(size=400, location=(0, 180, -1.5))
    bpy.ops.mesh.primitive_plane_add(size=6, location=(-4, 12, -1.2), rotation=(0.1, 0.0, 0.3))
    for x, y, size in ((1, 7, 1.0), (2.5, 11, 1.4), (-1.5, 16, 2.0), (5, 25, 3.0), (-9, 40, 5.0)):
        bpy.ops.mesh.primitive_cube_add(
            size=size, location=(x, y, size / 2 - 1.5), rotation=(0, 0, x)
        )
    bpy.ops.mesh.primitive_plane_add(size=300, location=(0, 330, 0), rotation=(np.pi / 2, 0, 0))


def spheres() -> None:
    """A sphere before a wall, and smaller ones before it."""
    bpy.ops.mesh.primitive_plane_add(size=60, location=(0, 10, 0), rotation=(np.pi / 2, 0, 0))
    for x, z, y, radius in ((0, 0, 6, 1.5), (-1.6, 0.9, 4.5, 0.4), (1.2, -1, 4, 0.2), (2, 1, 7, 1)):
        bpy.ops.mesh.primitive_uv_sphere_add(
            segments=128, ring_count=64, radius=radius, location=(x, y, z)
        )


def foliage() -> None:
    """Leaves of a few pixels, at random angles, over a slope."""
    rng = np.random.default_rng(2)
    count = 500
    center = rng.uniform((-4, 4, -2.2), (4, 10, 2.5), (count, 3))
    first, second = rng.normal(size=(2, count, 3))
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(first, second)
    second /= np.linalg.norm(second, axis=1, keepdims=True)
    size = rng.uniform(0.12, 0.4, (count, 1))
    corners = [center + size * part for part in (first, second / 2, -first, -second / 2)]
    leaves = bpy.data.meshes.new("Leaves")
    leaves.from_pydata(
        np.stack(corners, axis=1).reshape(-1, 3).tolist(),
        [],
        np.arange(4 * count).reshape(-1, 4).tolist(),
    )
    bpy.context.collection.objects.link(bpy.data.objects.new("Leaves", leaves))
    bpy.ops.mesh.primitive_plane_add(size=60, location=(0, 20, -2), rotation=(0.35, 0.1, 0))


def room() -> None:
    """A room with stairs, a column, and curved shapes."""
    bpy.ops.mesh.primitive_plane_add(size=20, location=(0, 6, -1.5))
    bpy.ops.mesh.primitive_plane_add(size=20, location=(0, 12, 0), rotation=(np.pi / 2, 0, 0))
    bpy.ops.mesh.primitive_plane_add(size=20, location=(-3.5, 6, 0), rotation=(0, np.pi / 2, 0))
    for step in range(8):
        bpy.ops.mesh.primitive_cube_add(
            location=(2.5, 6 + 0.35 * step, -1.6 + 0.2 * step), scale=(1.2, 0.5, 0.1)
        )
    bpy.ops.mesh.primitive_cylinder_add(radius=0.3, depth=6, location=(-1.8, 7, 0))
    bpy.ops.mesh.primitive_monkey_add(size=1.8, location=(0.1, 5.5, -0.4), rotation=(0.1, 0, 0.4))
    bpy.ops.mesh.primitive_torus_add(
        major_radius=0.7, minor_radius=0.1, location=(-0.6, 4.5, 0.8), rotation=(1, 0.4, 0)
    )


SCENES: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (rods, grazing_floor, spheres, foliage, room)
}


def prepare(scene: bpy.types.Scene, name: str) -> bpy.types.Scene:
    """Build a scene with a camera that looks along +Y, ready to render with Cycles."""
    SCENES[name]()
    bpy.ops.object.camera_add(rotation=(np.pi / 2 - 0.03, 0.02, 0.01))
    scene.camera = bpy.context.object
    scene.camera.data.lens = 28
    scene.camera.data.clip_end = 1000
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.filter_width = 0.01
    scene.cycles.use_denoising = False
    bpy.context.view_layer.update()
    return scene


class Truth:
    """The surfaces of a scene, from `Scene.ray_cast` and from the meshes themselves."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._scene = scene
        self._depsgraph = bpy.context.evaluated_depsgraph_get()
        matrix = scene.camera.evaluated_get(self._depsgraph).matrix_world.normalized()
        self.eye = matrix.translation.copy()
        right_top, _, left_bottom, left_top = scene.camera.data.view_frame(scene=scene)
        axes = matrix.to_3x3()
        self._corner = axes @ left_top
        self._across = axes @ (right_top - left_top) / scene.render.resolution_x
        self._down = axes @ (left_bottom - left_top) / scene.render.resolution_y
        self._angle = self._across.length / (axes @ left_top).length
        self._tree = self._tree_of_all()

    def _tree_of_all(self) -> BVHTree:
        points, faces = [], []
        for item in self._scene.objects:
            if item.type == "MESH":
                first = len(points)
                points += [item.matrix_world @ vertex.co for vertex in item.data.vertices]
                faces += [[first + i for i in face.vertices] for face in item.data.polygons]
        return BVHTree.FromPolygons(points, faces)

    def footprint(self, distance: float) -> float:
        """Return the width of a pixel in the corner of the image at a distance."""
        return self._angle * distance

    def cast(self, x: float, y: float) -> float:
        """Return the distance of the surface seen at image coordinates; infinite for none."""
        direction = (self._corner + self._across * x + self._down * y).normalized()
        hit, place, *_ = self._scene.ray_cast(self._depsgraph, self.eye, direction)
        return (place - self.eye).length if hit else float("inf")

    def is_continuous(self, first: tuple[float, float], second: tuple[float, float]) -> bool:
        """Return whether one surface is seen on the whole line between two image coordinates."""
        (x0, y0), (x1, y1) = first, second

        def at(fraction: float) -> float:
            return self.cast(x0 + fraction * (x1 - x0), y0 + fraction * (y1 - y0))

        fractions = np.linspace(0.0, 1.0, 9)
        seen = [at(fraction) for fraction in fractions]
        if not np.isfinite(seen).all():
            return False
        widest = int(np.abs(np.diff(seen)).argmax())
        low, high = fractions[widest], fractions[widest + 1]
        before, after = seen[widest], seen[widest + 1]
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            between = at(middle)
            if abs(between - before) > abs(after - between):
                high, after = middle, between
            else:
                low, before = middle, between
        return abs(after - before) <= REMAINING * self.footprint(min(before, after))

    def distance(self, point: np.ndarray) -> float:
        """Return the distance of a point from the nearest surface, in pixel footprints there."""
        place = Vector(point)
        return self._tree.find_nearest(place)[3] / self.footprint((place - self.eye).length)

    def is_on_surface(self, first: np.ndarray, second: np.ndarray) -> bool:
        """Return whether the whole line between two points is within a footprint of a surface."""
        return all(
            self.distance(first + fraction * (second - first)) <= 1.0
            for fraction in (0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875)
        )

    def distance_along(self, point: np.ndarray) -> float:
        """Return the distance of a point from the surfaces that its ray meets, in footprints.

        It is measured at right angles to them, and the nearest surface beside the ray counts too.
        A thin rod may hide what is behind it, so the ray continues through each surface.
        """
        place = Vector(point)
        direction = (place - self.eye).normalized()
        least, start = self._tree.find_nearest(place)[3], self.eye.copy()
        for _ in range(20):
            hit, found, normal, *_ = self._scene.ray_cast(self._depsgraph, start, direction)
            if not hit:
                break
            least = min(least, abs((found - place).dot(normal)))
            start = found + direction * 1e-4 * (1.0 + (found - self.eye).length)
        return least / self.footprint((place - self.eye).length)
