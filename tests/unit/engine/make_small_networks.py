"""Writes the networks of small_networks/, made of a few operators each. Needs the package onnx; run it after a change."""

from pathlib import Path

import numpy
import onnx
import onnx.numpy_helper
from onnx import TensorProto, helper

FOLDER = Path(__file__).parent / "small_networks"


def write(name, nodes, inputs, outputs, metadata=None):
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(*port) for port in inputs],
        [port if isinstance(port, onnx.ValueInfoProto) else helper.make_tensor_value_info(*port) for port in outputs],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="")
    model.ir_version = 8
    helper.set_model_props(model, metadata or {})
    onnx.checker.check_model(model)
    FOLDER.mkdir(exist_ok=True)
    onnx.save(model, FOLDER / f"{name}.onnx")


# Each maximum of a 2x2 window back where it was, zeros elsewhere. OpenVINO has no MaxUnpool.
write(
    "max_unpool",
    [
        helper.make_node("MaxPool", ["images"], ["pooled", "places"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("MaxUnpool", ["pooled", "places"], ["output"], kernel_shape=[2, 2], strides=[2, 2]),
    ],
    [("images", TensorProto.FLOAT, ["batch", 1, 4, 4])],
    [("output", TensorProto.FLOAT, ["batch", 1, 4, 4])],
)

# Halves and bytes in; halves, 64-bit integers and booleans out.
write(
    "mixed_types",
    [
        helper.make_node("Cast", ["bytes"], ["as_halves"], to=TensorProto.FLOAT16),
        helper.make_node("Add", ["halves", "as_halves"], ["sum"]),
        helper.make_node("ArgMax", ["sum"], ["largest"], axis=1, keepdims=0),
        helper.make_node("Greater", ["halves", "as_halves"], ["greater"]),
    ],
    [("halves", TensorProto.FLOAT16, ["batch", 3]), ("bytes", TensorProto.UINT8, ["batch", 3])],
    [
        ("sum", TensorProto.FLOAT16, ["batch", 3]),
        ("largest", TensorProto.INT64, ["batch"]),
        ("greater", TensorProto.BOOL, ["batch", 3]),
    ],
)

# The mean of each channel, of images of any size; says of itself what trainers write.
write(
    "open_size",
    [helper.make_node("ReduceMean", ["images"], ["output"], axes=[2, 3], keepdims=0)],
    [("images", TensorProto.FLOAT, ["batch", 3, "height", "width"])],
    [("output", TensorProto.FLOAT, ["batch", 3])],
    {"task": "classify", "names": "{0: 'a', 1: 'b', 2: 'c'}"},
)

# A sequence comes out, which no family reads.
write(
    "sequence_output",
    [helper.make_node("SplitToSequence", ["images"], ["output"], axis=1)],
    [("images", TensorProto.FLOAT, ["batch", 3, 4, 4])],
    [helper.make_tensor_sequence_value_info("output", TensorProto.FLOAT, None)],
)

# Adds a weight to each pixel; the weights are in a file of their own, as those of networks beyond 2 GB have to be.
weights = onnx.numpy_helper.from_array(numpy.arange(3 * 64 * 64, dtype=numpy.float32).reshape(1, 3, 64, 64), "weights")
graph = helper.make_graph(
    [helper.make_node("Add", ["images", "weights"], ["output"])],
    "weights_beside",
    [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, 64, 64])],
    [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 3, 64, 64])],
    [weights],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="")
model.ir_version = 8
(FOLDER / "weights_beside.data").unlink(missing_ok=True)
onnx.save(
    model, FOLDER / "weights_beside.onnx", save_as_external_data=True, location="weights_beside.data", size_threshold=0
)
(FOLDER / "weights_beside.data").chmod(0o644)
