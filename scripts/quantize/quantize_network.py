#!/usr/bin/env python3
"""Quantises an ONNX network to 8 bits with NNCF, as `inference model quantize` asks for it.

    quantize_network.py --weights IN.onnx --inputs FOLDER --output OUT.onnx [--preset mixed] [--overflow-fix enable]

FOLDER holds the network's inputs for real pictures, one float32 array [3, height, width] a file (*.npy), as the server
would feed them. The result is ONNX with QuantizeLinear and DequantizeLinear, which both of the server's engines run
with integer kernels. Input, outputs and metadata are those of the original.

What turns the last convolutions' results into boxes and scores stays in float: coordinates of hundreds of pixels in 256
steps are off by whole pixels. It is found by the network's structure, not by names: all that no weights come after.
"""
import argparse
import os
import pathlib
import sys

# NNCF reports its use over the network unless it takes itself to be under test.
os.environ["NNCF_CI"] = "1"

import numpy as np
import onnx

from integer_flow import keep_integers

# Operations whose work is multiplying by trained weights.
WEIGHTED = {"Conv", "ConvTranspose", "MatMul", "Gemm"}
# What only moves values about.
MOVES = {"Transpose", "Reshape", "Identity", "Squeeze", "Unsqueeze"}
TYPES = {onnx.TensorProto.FLOAT: np.float32, onnx.TensorProto.FLOAT16: np.float16}


class Structure:
    """Who feeds whom in a graph."""

    def __init__(self, graph):
        self.nodes = list(graph.node)
        self.producer = {name: node for node in self.nodes for name in node.output}
        self.constants = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
        for node in self.nodes:
            if node.op_type == "Constant":
                value = next((a.t for a in node.attribute if a.name == "value"), None)
                self.constants[node.output[0]] = tuple(value.dims) if value is not None else ()
            elif node.op_type == "Identity" and node.input[0] in self.constants:  # weights that two layers share
                self.constants[node.output[0]] = self.constants[node.input[0]]

    def is_expectation(self, node):
        """A convolution with fixed weights behind a softmax: the mean of a box edge's distribution, as in YOLOv8."""
        if node.op_type != "Conv" or self.constants.get(node.input[1], (0,))[0] != 1:
            return False
        source = self.producer.get(node.input[0])
        while source is not None and source.op_type in MOVES:
            source = self.producer.get(source.input[0])
        return source is not None and source.op_type == "Softmax"

    def is_weighted(self, node):
        return (node.op_type in WEIGHTED and any(name in self.constants for name in node.input)
                and not self.is_expectation(node))

    def after_the_weights(self):
        """Names of the nodes that neither hold trained weights nor feed, by any way, one that does."""
        feeds = set()  # tensors that reach a weighted node
        for node in reversed(self.nodes):  # ONNX keeps them in topological order
            if self.is_weighted(node) or any(name in feeds for name in node.output):
                feeds.update(node.input)
        return [node.name for node in self.nodes
                if not self.is_weighted(node) and not any(name in feeds for name in node.output)
                and node.op_type != "Constant"]


def name_all_nodes(graph):
    """NNCF tells nodes apart by their names, which ONNX does not ask for."""
    taken = {node.name for node in graph.node}
    seen = set()
    for number, node in enumerate(graph.node):
        if not node.name or node.name in seen:
            name = f"{node.op_type}_{number}"
            while name in taken:
                name += "_"
            node.name = name
            taken.add(name)
        seen.add(node.name)


def image_input(graph):
    constants = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    if len(inputs) != 1:
        sys.exit(f"the network has {len(inputs)} inputs; one, the image, is expected")
    kind = inputs[0].type.tensor_type
    if kind.elem_type not in TYPES:
        sys.exit("the network's input is neither float32 nor float16")
    return inputs[0].name, max(1, kind.shape.dim[0].dim_value), TYPES[kind.elem_type]


def feed(folder, name, batch, element_type):
    files = sorted(folder.glob("*.npy"))
    if not files:
        sys.exit(f"there are no inputs in {folder}")

    def load(file):
        array = np.load(file, allow_pickle=False).astype(element_type)
        return {name: np.repeat(array[np.newaxis], batch, axis=0)}

    return files, load


def is_quantised(graph):
    return any(node.op_type in ("QuantizeLinear", "DynamicQuantizeLinear", "QLinearConv") for node in graph.node)


def quantise(model, arguments):
    import nncf  # takes seconds: not before the arguments are known to be sound
    from nncf.quantization.advanced_parameters import AdvancedQuantizationParameters, OverflowFix

    files, load = feed(arguments.inputs, *image_input(model.graph))
    kept = Structure(model.graph).after_the_weights()
    print(f"{len(files)} inputs; {len(kept)} of {len(model.graph.node)} operations stay in float", flush=True)
    return nncf.quantize(
        model, nncf.Dataset(files, load), subset_size=len(files), preset=nncf.QuantizationPreset(arguments.preset),
        fast_bias_correction=True, model_type=nncf.ModelType.TRANSFORMER if arguments.transformer else None,
        ignored_scope=nncf.IgnoredScope(names=kept, validate=False) if kept else None,
        advanced_parameters=AdvancedQuantizationParameters(overflow_fix=OverflowFix(arguments.overflow_fix)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=pathlib.Path, required=True)
    parser.add_argument("--inputs", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--preset", choices=["mixed", "performance"], default="mixed")
    parser.add_argument("--overflow-fix", choices=["enable", "disable", "first_layer_only"], default="enable")
    parser.add_argument("--transformer", action="store_true")
    arguments = parser.parse_args()

    model = onnx.load(arguments.weights)
    if is_quantised(model.graph):
        sys.exit("the network is quantised already")
    name_all_nodes(model.graph)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    result = quantise(model, arguments)
    if not is_quantised(result.graph):
        sys.exit("NNCF found nothing to quantise in the network")
    print(f"{keep_integers(result)} operations move 8-bit values", flush=True)
    del result.metadata_props[:]
    onnx.helper.set_model_props(result, metadata)
    onnx.checker.check_model(result)
    onnx.save(result, arguments.output)


if __name__ == "__main__":
    main()
