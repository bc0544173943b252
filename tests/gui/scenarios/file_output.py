"""F12 with a File Output node, in the thread that Blender renders in, and the sidebar's warning."""

import bpy


def add_output(scene, folder):
    """A File Output node that writes the Depth pass."""
    if bpy.app.version < (5, 0):
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        end = tree.nodes.new("CompositorNodeComposite")
    else:
        tree = scene.compositing_node_group = bpy.data.node_groups.new("C", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        end = tree.nodes.new("NodeGroupOutput")
    layers = tree.nodes.new("CompositorNodeRLayers")
    node = tree.nodes.new("CompositorNodeOutputFile")
    if bpy.app.version < (5, 0):
        node.base_path = folder
        node.file_slots.clear()
        node.file_slots.new("depth")
    else:
        node.directory, node.file_name = folder, ""
        node.format.media_type = "IMAGE"
        node.file_output_items.clear()
        node.file_output_items.new("FLOAT", "depth")
    node.format.file_format, node.format.color_depth = "OPEN_EXR", "32"
    tree.links.new(layers.outputs["Image"], end.inputs[0])
    tree.links.new(layers.outputs["Depth"], node.inputs[0])


def render(ui):
    bpy.ops.render.render("INVOKE_DEFAULT")
    yield 0.5
    yield from ui.until(lambda: not bpy.app.is_job_running("RENDER"), "the end of the render")
    yield 0.5


def run(ui):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 320, 180
    scene.view_layers[0].use_pass_z = True
    bpy.context.preferences.view.render_display_type = "NONE"
    folder = ui.results / "nodes"
    add_output(scene, str(folder))
    yield from render(ui)
    (file,) = folder.glob("*.exr")
    out = {"sidecars": [path.name == f"{file.name}.json" for path in folder.glob("*.json")]}
    camera = scene.camera
    place = camera.matrix_world.translation.copy()
    camera.location.x += 3
    bpy.ops.depth.reconstruct(filepath=str(file), camera_from="FILE")
    out["verdict"] = scene.reconstruct_from_depth.verdict
    bpy.data.objects.remove(bpy.context.object)
    camera.location = place
    (folder / f"{file.name}.json").write_text("{}")
    yield from render(ui)
    out["kept"] = (folder / f"{file.name}.json").read_text()
    area = ui.area("VIEW_3D")
    yield from ui.sidebar(area, "Depth")
    yield 0.5
    ui.screenshot("warning")
    out["warnings"] = scene.reconstruct_from_depth.warnings
    return out
