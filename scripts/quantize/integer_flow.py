"""Keeps values in 8 bits over operations that only move them, in a network with QuantizeLinear and DequantizeLinear.

NNCF dequantises right behind each quantisation. Where such a value then goes through a Split or a Concat, or to several
readers, OpenVINO no longer sees that the convolution behind it could multiply integers, and leaves it in float: half of
a YOLOv8. Here the dequantisation goes behind the moving operation, and each reader gets one of its own. What is
concatenated has to be in one scale, the coarsest of the parts.
"""
import dataclasses

import numpy as np
import onnx

# Number of data inputs of operations whose results are some of their inputs' values: None: all inputs.
MOVERS = {"Split": 1, "Concat": None, "MaxPool": 1, "Transpose": 1, "Reshape": 1, "Squeeze": 1, "Unsqueeze": 1,
          "Slice": 1, "Flatten": 1, "Identity": 1, "Resize": 1}
# A part whose own scale is finer than the common one by more would lose more than two of its eight bits.
COARSEST = 4.0


@dataclasses.dataclass
class Group:
    """Quantised tensors in one scale."""
    quantizers: list
    scale: float
    zero_point: int
    kind: type  # np.int8, np.uint8
    finest: float


def attribute(node, name, default=None):
    found = next((a for a in node.attribute if a.name == name), None)
    return default if found is None else onnx.helper.get_attribute_value(found)


class IntegerFlow:
    def __init__(self, graph):
        self.graph = graph
        self.constants = {tensor.name: tensor for tensor in graph.initializer}
        self.group = {}  # quantised tensor -> its Group
        self.quantised = {}  # float tensor -> the quantised one that it is the dequantised form of
        self.extra = 0

    def value(self, name):
        tensor = self.constants.get(name)
        return None if tensor is None else onnx.numpy_helper.to_array(tensor)

    def run(self):
        """Rewrites the graph in place; returns how many operations now move integers."""
        moved, kept = 0, []
        outputs = {value.name for value in self.graph.output}
        for node in self.graph.node:  # in topological order
            if node.op_type == "QuantizeLinear":
                self.begin(node)
                kept.append(node)
            elif node.op_type == "DequantizeLinear" and node.input[0] in self.group:
                self.quantised[node.output[0]] = node.input[0]
            elif self.move(node):
                moved += 1
                kept.append(node)
            else:
                kept.append(node)
        self.write(kept, outputs)
        return moved

    def begin(self, node):
        scale, zero = self.value(node.input[1]), self.value(node.input[2]) if len(node.input) > 2 else None
        if scale is None or zero is None or scale.size != 1 or zero.dtype not in (np.int8, np.uint8):
            return
        step = float(scale.reshape(()))
        self.group[node.output[0]] = Group([node], step, int(zero.reshape(())), zero.dtype.type, step)

    def move(self, node):
        """Whether the node can take integers; then it does."""
        if node.op_type not in MOVERS:
            return False
        if node.op_type == "Resize" and attribute(node, "mode", b"nearest") != b"nearest":
            return False
        if node.op_type == "MaxPool" and len(node.output) > 1:
            return False
        count = MOVERS[node.op_type] or len(node.input)
        sources = [self.quantised.get(name) for name in node.input[:count]]
        if any(source is None for source in sources):
            return False
        group = self.unite([self.group[source] for source in sources])
        if group is None:
            return False
        for i, source in enumerate(sources):
            node.input[i] = source
        for i, name in enumerate(node.output):
            node.output[i] = name + "/8bit"
            self.group[node.output[i]] = group
            self.quantised[name] = node.output[i]
        return True

    def unite(self, groups):
        groups = list({id(group): group for group in groups}.values())
        if len(groups) == 1:
            return groups[0]
        kinds = {group.kind for group in groups}
        symmetric = all(group.zero_point == 0 for group in groups)
        if symmetric:
            kind = np.uint8 if kinds == {np.uint8} else np.int8
            scale = max(g.scale * (255 / 127 if g.kind is np.uint8 and kind is np.int8 else 1) for g in groups)
            zero = 0
        else:
            kind, limits = np.uint8, [(np.iinfo(g.kind), g) for g in groups]
            low = min((info.min - g.zero_point) * g.scale for info, g in limits)
            high = max((info.max - g.zero_point) * g.scale for info, g in limits)
            scale = (high - low) / 255
            zero = int(round(-low / scale))
        finest = min(group.finest for group in groups)
        if finest <= 0 or scale / finest > COARSEST:
            return None
        united = Group([q for group in groups for q in group.quantizers], scale, zero, kind, finest)
        merged = {id(group) for group in groups}
        for name, group in self.group.items():
            if id(group) in merged:
                self.group[name] = united
        return united

    def constant(self, base, array):
        name = f"{base}/{self.extra}"
        self.extra += 1
        self.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
        return name

    def write(self, nodes, outputs):
        """Puts a dequantisation before each reader that wants floats, and the common scales into their places."""
        scales = {}  # id of a Group -> names of its scale and zero point

        def parameters(group):
            if id(group) not in scales:
                scales[id(group)] = (self.constant("common_scale", np.array(group.scale, np.float32)),
                                     self.constant("common_zero_point", np.array(group.zero_point, group.kind)))
            return scales[id(group)]

        def dequantisation(name, output):
            source = self.quantised[name]
            self.extra += 1
            return onnx.helper.make_node("DequantizeLinear", [source, *parameters(self.group[source])], [output],
                                         name=f"{output}/dequantise/{self.extra}")

        written = []
        for node in nodes:
            if node.op_type == "QuantizeLinear" and node.output[0] in self.group:
                node.input[1], node.input[2] = parameters(self.group[node.output[0]])
            for i, name in enumerate(node.input):
                if name in self.quantised:
                    copy = f"{name}/for/{self.extra}"
                    written.append(dequantisation(name, copy))
                    node.input[i] = copy
            written.append(node)
            made = [name for name, source in self.quantised.items() if source in node.output and name in outputs]
            written += [dequantisation(name, name) for name in made]
        del self.graph.node[:]
        self.graph.node.extend(written)
        used = {name for node in written for name in node.input}
        left = [tensor for tensor in self.graph.initializer if tensor.name in used]
        del self.graph.initializer[:]
        self.graph.initializer.extend(left)
        del self.graph.value_info[:]  # it tells the kinds of tensors that have another one now


def keep_integers(model):
    return IntegerFlow(model.graph).run()
