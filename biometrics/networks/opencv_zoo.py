"""Rewrite networks of the OpenCV Zoo: unpack block-quantised weights, and write SFace for onnxruntime.

Two steps, each exact up to float32 rounding:
`fold_quantisation` turns constant DequantizeLinear nodes into float32 constants (OpenCV 5 refuses the packed
SFace, and onnxruntime would unpack the weights on every run); `rewrite_for_onnxruntime` folds batch
normalisation into the convolution before it, drops Dropout, and writes PRelu(x) as relu(x) + slope * (x -
relu(x)), because onnxruntime's scalar PRelu kernel takes 60 % of the time.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

Constants = dict[str, np.ndarray[Any, Any]]


def dequantise(node: onnx.NodeProto, constants: Mapping[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Return the float32 value of a constant DequantizeLinear: per tensor, per axis, or per block along an axis."""
    attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    quantised = constants[node.input[0]].astype(np.float32)
    scale = constants[node.input[1]]
    has_zero = len(node.input) > 2 and bool(node.input[2])
    zero = constants[node.input[2]].astype(np.float32) if has_zero else np.zeros_like(scale)
    axis, block = attributes.get("axis", 1), attributes.get("block_size", 0)
    if block:
        keep = [slice(None)] * quantised.ndim
        keep[axis] = slice(0, quantised.shape[axis])  # the last block may be shorter
        scale = np.repeat(scale, block, axis=axis)[tuple(keep)]
        zero = np.repeat(zero, block, axis=axis)[tuple(keep)]
    elif scale.ndim == 1 and scale.size > 1:
        shape = [1] * quantised.ndim
        shape[axis] = -1
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    return np.asarray((quantised - zero) * scale, np.float32)


def fold_quantisation(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the network with float32 constants in place of constant DequantizeLinear nodes.

    Initialisers that older exporters also list as graph inputs are removed from the inputs.
    """
    graph = model.graph
    constants = {initialiser.name: numpy_helper.to_array(initialiser) for initialiser in graph.initializer}
    folded: Constants = {}
    nodes = []
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in constants:
            folded[node.output[0]] = dequantise(node, constants)
        elif node.op_type == "Reshape" and node.input[0] in folded and node.input[1] in constants:
            shape = [int(value) for value in constants[node.input[1]]]
            folded[node.output[0]] = folded[node.input[0]].reshape(shape)
        else:
            nodes.append(node)
    used = {name for node in nodes for name in node.input}
    initialisers = [item for item in graph.initializer if item.name in used and item.name not in folded]
    initialisers += [numpy_helper.from_array(value, name) for name, value in folded.items() if name in used]
    names = {item.name for item in initialisers}
    inputs = [item for item in graph.input if item.name not in names and item.name in used]
    return make_model(model, nodes, inputs, initialisers)


def rewrite_for_onnxruntime(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the same function with BatchNormalization, Dropout and constant Reshape rewritten, for batches of any size.

    Raises ValueError if a rewritten node is not followed by the constants it needs.
    """
    return _Rewriter(model).rewrite()


class _Rewriter:
    """Walks the nodes once in order; keeps what each name stands for."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        graph = model.graph
        self.constants: Constants = {
            item.name: numpy_helper.to_array(item).copy() for item in graph.initializer
        }
        for node in graph.node:
            if node.op_type == "Constant":
                self.constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        self.readers: dict[str, int] = {}
        for node in graph.node:
            for name in node.input:
                self.readers[name] = self.readers.get(name, 0) + 1
        self.renamed: dict[str, str] = {}
        self.convolutions: dict[str, onnx.NodeProto] = {}
        self.nodes: list[onnx.NodeProto] = []

    def rewrite(self) -> onnx.ModelProto:
        graph = self.model.graph
        for node in graph.node:
            self.rewrite_node(node)
        final = graph.output[0].name
        if self.renamed.get(final, final) != final:
            self.nodes.append(helper.make_node("Identity", [self.renamed[final]], [final]))
        used = {name for node in self.nodes for name in node.input}
        initialisers = [
            numpy_helper.from_array(np.ascontiguousarray(value), name)
            for name, value in self.constants.items()
            if name in used
        ]
        rewritten = make_model(self.model, self.nodes, list(graph.input), initialisers)
        onnx.checker.check_model(rewritten)
        return rewritten

    def rewrite_node(self, node: onnx.NodeProto) -> None:
        inputs = [self.renamed.get(name, name) for name in node.input]
        if node.op_type == "Constant":
            return
        if node.op_type == "Dropout":
            self.renamed[node.output[0]] = inputs[0]
        elif node.op_type == "Reshape" and node.input[0] in self.constants:
            shape = [int(value) for value in self.constants[node.input[1]]]
            self.constants[node.output[0]] = self.constants[node.input[0]].reshape(shape)
        elif node.op_type == "BatchNormalization" and self.can_fold(node):
            self.fold_batch_normalisation(node)
        else:
            copy = helper.make_node(node.op_type, inputs, list(node.output), name=node.name)
            copy.attribute.extend(node.attribute)
            if node.op_type == "Conv":
                self.convolutions[node.output[0]] = copy
            self.nodes.append(copy)

    def can_fold(self, node: onnx.NodeProto) -> bool:
        return node.input[0] in self.convolutions and self.readers[node.input[0]] == 1

    def fold_batch_normalisation(self, node: onnx.NodeProto) -> None:
        gamma, beta, mean, variance = (self.constants[name] for name in node.input[1:5])
        epsilon = next((item.f for item in node.attribute if item.name == "epsilon"), 1e-5)
        factor = gamma / np.sqrt(variance + epsilon)
        offset = beta - mean * factor
        convolution = self.convolutions[node.input[0]]
        source, name = convolution.input[0], convolution.input[1]
        weights = self.constants[name]
        bias = self.constants[convolution.input[2]] if len(convolution.input) > 2 else np.zeros_like(factor)
        self.constants[f"{name}_folded"] = (weights * factor[:, None, None, None]).astype(np.float32)
        self.constants[f"{name}_bias"] = (bias * factor + offset).astype(np.float32)
        del convolution.input[:]
        convolution.input.extend([source, f"{name}_folded", f"{name}_bias"])
        self.renamed[node.output[0]] = convolution.output[0]


def centre_output(model: onnx.ModelProto, factor: float) -> onnx.ModelProto:
    """Return the network with its output moved by -factor times the shift of its last batch normalisation.

    That shift is the mean output over the images that the network was trained on, as the network itself records it: what is
    common to all faces. Vectors that share a large part look alike for no reason of identity.
    Raises ValueError if the network does not end in a batch normalisation with a constant shift.
    """
    last = model.graph.node[-1]
    constants = {item.name: item for item in model.graph.initializer}
    if last.op_type != "BatchNormalization" or last.input[2] not in constants:
        raise ValueError("the network does not end in a batch normalisation")
    shift = constants[last.input[2]]
    moved = numpy_helper.to_array(shift) * np.float32(1 - factor)
    shift.CopyFrom(numpy_helper.from_array(moved.astype(np.float32), shift.name))
    return model


def free_batch_size(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the network for any number of images at once."""
    for item in (*model.graph.input, *model.graph.output):
        item.type.tensor_type.shape.dim[0].dim_param = "n"
    return model


def make_model(
    model: onnx.ModelProto,
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    initialisers: list[onnx.TensorProto],
) -> onnx.ModelProto:
    """Return a model with the same outputs, operator sets and file version around other nodes."""
    graph = helper.make_graph(nodes, model.graph.name, inputs, list(model.graph.output), initialisers)
    made = helper.make_model(graph, opset_imports=list(model.opset_import))
    made.ir_version = model.ir_version
    return made
