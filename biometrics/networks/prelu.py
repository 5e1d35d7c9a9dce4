"""Write PRelu so that onnxruntime keeps its fast memory layout: only convolutions, Relu and Add.

onnxruntime reorders images to blocks of channels for its convolutions and back for every other operator with a factor per
channel, PRelu included. PRelu(x) = a x + (1 - a) Relu(x) is a sum of two depthwise convolutions of one pixel, which stay in
that layout; where a depthwise convolution follows, both factors go into its weights and the two sums become one.
"""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

Array = np.ndarray[Any, Any]


def rewrite_prelu(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the same function, exact up to float32 rounding, without PRelu.

    Raises ValueError if a slope is not constant.
    """
    return _PreluRewriter(model).rewrite()


class _PreluRewriter:
    """Walks the nodes once in order."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
        self.readers: dict[str, list[onnx.NodeProto]] = {}
        for node in model.graph.node:
            for name in node.input:
                self.readers.setdefault(name, []).append(node)
        self.nodes: list[onnx.NodeProto] = []
        self.merged: set[str] = set()

    def rewrite(self) -> onnx.ModelProto:
        graph = self.model.graph
        for node in graph.node:
            if node.op_type == "PRelu":
                self.rewrite_node(node)
            elif node.output[0] not in self.merged:
                self.nodes.append(node)
        used = {name for node in self.nodes for name in node.input}
        initialisers = [
            numpy_helper.from_array(np.ascontiguousarray(value), name)
            for name, value in self.constants.items()
            if name in used
        ]
        made = helper.make_graph(self.nodes, graph.name, list(graph.input), list(graph.output), initialisers)
        rewritten = helper.make_model(made, opset_imports=list(self.model.opset_import))
        rewritten.ir_version = self.model.ir_version
        onnx.checker.check_model(rewritten)
        return rewritten

    def rewrite_node(self, node: onnx.NodeProto) -> None:
        x, y = node.input[0], node.output[0]
        if node.input[1] not in self.constants:
            raise ValueError("a PRelu slope is not constant")
        slope = self.constants[node.input[1]].reshape(-1).astype(np.float32)
        positive = f"{y}_positive"
        self.nodes.append(helper.make_node("Relu", [x], [positive]))
        readers = self.readers.get(y, [])
        if len(readers) == 1 and self.is_depthwise(readers[0], len(slope)):
            self.add_into(readers[0], x, positive, slope)
            return
        self.add_pixel_convolutions(x, positive, y, slope)

    def is_depthwise(self, node: onnx.NodeProto, channels: int) -> bool:
        group = next((item.i for item in node.attribute if item.name == "group"), 1)
        return node.op_type == "Conv" and group == channels and node.input[1] in self.constants

    def add_into(self, convolution: onnx.NodeProto, x: str, positive: str, slope: Array) -> None:
        """Write the depthwise convolution after the PRelu twice, its weights scaled by slope and by 1 - slope."""
        weights, y = self.constants[convolution.input[1]], convolution.output[0]
        self.add_sum(
            y,
            (x, self.scale(weights, slope, f"{y}_weights_x"), []),
            (positive, self.scale(weights, 1 - slope, f"{y}_weights_positive"), list(convolution.input[2:])),
            list(convolution.attribute),
        )
        self.merged.add(y)

    def add_pixel_convolutions(self, x: str, positive: str, y: str, slope: Array) -> None:
        one = np.ones((len(slope), 1, 1, 1), np.float32)
        template = helper.make_node("Conv", [], [], group=len(slope), kernel_shape=[1, 1])
        self.add_sum(
            y,
            (x, self.scale(one, slope, f"{y}_weights_x"), []),
            (positive, self.scale(one, 1 - slope, f"{y}_weights_positive"), []),
            list(template.attribute),
        )

    def add_sum(
        self,
        y: str,
        first: tuple[str, str, list[str]],
        second: tuple[str, str, list[str]],
        attributes: list[onnx.AttributeProto],
    ) -> None:
        outputs = []
        for place, (source, weights, bias) in (("positive", second), ("x", first)):
            node = helper.make_node("Conv", [source, weights, *bias], [f"{y}_{place}_part"])
            node.attribute.extend(attributes)
            self.nodes.append(node)
            outputs.append(node.output[0])
        self.nodes.append(helper.make_node("Add", outputs, [y]))

    def scale(self, weights: Array, factor: Array, name: str) -> str:
        self.constants[name] = np.asarray(weights * factor[:, None, None, None], np.float32)
        return name
