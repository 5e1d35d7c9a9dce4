"""Read dlib's face recognition ResNet (.dat) and write an exact float32 ONNX twin of it.

The .dat is dlib's own serialisation, layer by layer, input side last: a layer's version tag ("con_4",
"affine_", "fc_2") as a length-prefixed string, then one tensor (version 2, four dimensions, float32 little
endian) and the layer's sizes. Integers: one control byte (bit 7 the sign, low four bits the byte count), then
the bytes, little endian. The tags are found by search and the one known network is rebuilt around them; each
affine layer is folded into the convolution before it. Every count and size is checked, and the source file is
pinned by sha256.

Input of the twin: float32 (n, 3, 150, 150), RGB, 0..255, dlib face chips (150 px, padding 0.25).
Output: float32 (n, 128), not of unit length, equal to dlib's descriptor up to float32 rounding.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = np.ndarray[Any, Any]
TAG = re.compile(rb"(con_\d|affine_2?|fc_\d)")
MEAN_RGB = (122.782, 117.001, 104.298)
# (filters, whether the first block halves the size, further blocks), input side first
STAGES = ((32, False, 3), (64, True, 3), (128, True, 2), (256, True, 2), (256, True, 0))
CONVOLUTIONS = 29


@dataclass(frozen=True)
class Layer:
    """One stored layer: its kind ("con", "affine", "fc"), flat float32 weights, and sizes (empty for "affine")."""

    kind: str
    weights: Array
    sizes: tuple[int, ...]


class DatReader:
    """Reads dlib integers and tensors from bytes. Every method returns the value and the position behind it."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read_integer(self, position: int) -> tuple[int, int]:
        if position >= len(self.content):
            raise ValueError("the file ends inside a number")
        control = self.content[position]
        count = control & 0x0F
        value = int.from_bytes(self.content[position + 1 : position + 1 + count], "little")
        return (-value if control & 0x80 else value), position + 1 + count

    def read_integers(self, position: int, count: int) -> tuple[tuple[int, ...], int]:
        values = []
        for _ in range(count):
            value, position = self.read_integer(position)
            values.append(value)
        return tuple(values), position

    def read_tensor(self, position: int) -> tuple[Array, int]:
        version, position = self.read_integer(position)
        if version != 2:
            raise ValueError(f"tensor version {version} is not known")
        dimensions, position = self.read_integers(position, 4)
        size = 1
        for dimension in dimensions:
            size *= dimension
        if size < 0 or position + 4 * size > len(self.content):
            raise ValueError("the file ends inside a tensor")
        return np.frombuffer(self.content, "<f4", size, position), position + 4 * size

    def read_layers(self) -> list[Layer]:
        """Return the layers, input side first."""
        layers = []
        for match in TAG.finditer(self.content):
            tag = match.group().decode()
            # chance bytes inside weights have no length before them
            if match.start() == 0 or self.content[match.start() - 1] != len(tag):
                continue
            if tag.startswith(
                "con_"
            ):  # then filters, rows, columns, stride y, stride x, padding y, padding x
                weights, position = self.read_tensor(match.end())
                sizes, _ = self.read_integers(position, 7)
                layers.append(Layer("con", weights, sizes))
            elif tag.startswith("affine"):
                weights, _ = self.read_tensor(match.end())
                layers.append(Layer("affine", weights, ()))
            else:  # outputs and inputs stand before the tensor
                sizes, position = self.read_integers(match.end(), 2)
                weights, _ = self.read_tensor(position)
                layers.append(Layer("fc", weights, sizes))
        return layers


class _TwinBuilder:
    """Collects ONNX nodes; follows channels and size, because dlib pads unequal shortcuts with zeros."""

    def __init__(self, layers: list[Layer]) -> None:
        self.convolutions = [layer for layer in layers if layer.kind == "con"]
        self.affines = [layer for layer in layers if layer.kind == "affine"]
        connected = [layer for layer in layers if layer.kind == "fc"]
        if (len(self.convolutions), len(self.affines), len(connected)) != (CONVOLUTIONS, CONVOLUTIONS, 1):
            raise ValueError("this is not dlib's face recognition network: other layers found")
        self.connected = connected[0]
        self.nodes: list[onnx.NodeProto] = []
        self.initialisers: list[onnx.TensorProto] = []
        self.used = self.count = 0
        self.channels, self.size = 3, 150

    def add_constant(self, name: str, array: Array) -> str:
        self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        self.count += 1
        name = f"t{self.count}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def convolve(self, x: str, *, kernel: int, stride: int, channels: int) -> str:
        index = self.used
        self.used += 1
        layer, affine = self.convolutions[index], self.affines[index]
        filters, rows, _, stride_y, _, padding, _ = layer.sizes
        if (rows, stride_y) != (kernel, stride):
            raise ValueError(f"convolution {index} has another kernel or stride than expected")
        split = filters * channels * kernel * kernel
        if layer.weights.size not in (split, split + filters) or affine.weights.size != 2 * filters:
            raise ValueError(f"convolution {index} has another number of weights than expected")
        weights = layer.weights[:split].reshape(filters, channels, kernel, kernel)
        bias = layer.weights[split:] if layer.weights.size > split else np.zeros(filters, np.float32)
        gamma, beta = affine.weights[:filters], affine.weights[filters:]
        return self.add(
            "Conv",
            [
                x,
                self.add_constant(f"w{index}", (weights * gamma[:, None, None, None]).astype(np.float32)),
                self.add_constant(f"b{index}", (bias * gamma + beta).astype(np.float32)),
            ],
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[padding] * 4,
        )

    def pad(self, x: str, *, channels: int, size: int) -> str:
        if channels == 0 and size == 0:
            return x
        amounts = np.array([0, 0, 0, 0, 0, channels, size, size], np.int64)
        return self.add("Pad", [x, self.add_constant(f"p{self.count}", amounts)])

    def add_block(self, x: str, filters: int) -> str:
        y = self.add("Relu", [self.convolve(x, kernel=3, stride=1, channels=self.channels)])
        y = self.convolve(y, kernel=3, stride=1, channels=filters)
        return self.add("Relu", [self.add("Add", [y, x])])

    def add_halving_block(self, x: str, filters: int) -> str:
        y = self.add("Relu", [self.convolve(x, kernel=3, stride=2, channels=self.channels)])
        y = self.convolve(y, kernel=3, stride=1, channels=filters)
        shortcut = self.add("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
        size_y, size_shortcut = (self.size - 3) // 2 + 1, (self.size - 2) // 2 + 1
        size = max(size_y, size_shortcut)
        y = self.pad(y, channels=0, size=size - size_y)
        shortcut = self.pad(shortcut, channels=filters - self.channels, size=size - size_shortcut)
        self.channels, self.size = filters, size
        return self.add("Relu", [self.add("Add", [y, shortcut])])

    def build(self) -> onnx.ModelProto:
        mean = self.add_constant("mean", np.array(MEAN_RGB, np.float32).reshape(1, 3, 1, 1))
        scale = self.add_constant("scale", np.array(1 / 256.0, np.float32))
        x = self.add("Mul", [self.add("Sub", ["input", mean]), scale])
        x = self.add("Relu", [self.convolve(x, kernel=7, stride=2, channels=3)])
        x = self.add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2])
        self.channels, self.size = 32, 35
        for filters, halves, blocks in STAGES:
            if halves:
                x = self.add_halving_block(x, filters)
            for _ in range(blocks):
                x = self.add_block(x, filters)
        x = self.add("Flatten", [self.add("GlobalAveragePool", [x])])
        outputs, inputs = self.connected.sizes
        weights = self.add_constant("fc", self.connected.weights.reshape(inputs, outputs))
        self.nodes.append(helper.make_node("MatMul", [x, weights], ["embedding"]))
        graph = helper.make_graph(
            self.nodes,
            "dlib_resnet",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", 3, 150, 150])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 128])],
            self.initialisers,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 8
        onnx.checker.check_model(model)
        return model


def build_dlib_resnet(content: bytes) -> onnx.ModelProto:
    """Return the ONNX twin of dlib's face recognition ResNet.

    content: the bytes of dlib_face_recognition_resnet_model_v1.dat. Raises ValueError if they are not that
    network.
    """
    return _TwinBuilder(DatReader(content).read_layers()).build()
