"""The line reader: a fully convolutional network that gives class scores every fourth pixel."""

from pathlib import Path

import torch
from torch import nn

from biometrics.training.glyphs import ALPHABET

CLASSES = len(ALPHABET) + 1


def convolution(inputs: int, outputs: int, kernel: tuple[int, int], padding: tuple[int, int]) -> nn.Module:
    """Return convolution, batch normalisation and rectifier."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class LineReader(nn.Module):
    """float32 (n, 1, 24, w), normalised strips -> float32 (n, w / 4, 38), logits: blank, then ALPHABET."""

    def __init__(self) -> None:
        super().__init__()
        square, inside = (3, 3), (1, 1)
        self.features = nn.Sequential(
            convolution(1, 16, square, inside),
            nn.MaxPool2d(2),
            convolution(16, 32, square, inside),
            nn.MaxPool2d(2),
            convolution(32, 56, square, inside),
            convolution(56, 56, square, inside),
            nn.MaxPool2d((2, 1)),
            convolution(56, 96, square, inside),
            convolution(96, 128, square, (0, 1)),
            convolution(128, 128, (1, 5), (0, 2)),
        )
        self.scores = nn.Conv2d(128, CLASSES, 1)

    def forward(self, strips: torch.Tensor) -> torch.Tensor:
        """Return logits for each frame. strips: (n, 1, 24, w), w a multiple of 4."""
        logits: torch.Tensor = self.scores(self.features(strips))
        return logits[:, :, 0].permute(0, 2, 1)


def export(network: LineReader, path: Path) -> None:
    """Write the network as ONNX, opset 17, batch and width free, input "strips", output "logits"."""
    network.eval()
    torch.onnx.export(
        network,
        (torch.zeros(2, 1, 24, 592),),
        str(path),
        input_names=["strips"],
        output_names=["logits"],
        dynamic_axes={"strips": {0: "n", 3: "width"}, "logits": {0: "n", 1: "frames"}},
        opset_version=17,
        dynamo=False,
    )
    network.train()
