"""Train the MRZ line reader for a fixed number of steps and write it as ONNX.

usage: python -m biometrics.training.train --out DIR [--steps 5000] [--seed 1] [--stop STEP] [--resume]

The same seed, steps, fonts and library versions give the same network, bit for bit on one processor: step i draws its
strips from (seed, i) alone. --stop ends early on the same schedule: the first 50 steps must give the first line of
biometrics/networks/mrz_reader_log.jsonl. DIR/checkpoint.pt is written every 250 steps, and DIR/mrz_reader.onnx from
the averaged weights.
"""

import argparse
import copy
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, Sampler

from biometrics.training.glyphs import GlyphSet, load_glyphs
from biometrics.training.network import LineReader, export
from biometrics.training.strips import BLANK, IGNORED, draw_strip

OCR_B = Path("/usr/share/fonts/opentype/ocr-b")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
LIBERATION = Path("/usr/share/fonts/truetype/liberation")
OBLIQUE_SLANT = 0.24
# The regular cut, OCRB.otf, is not here: it is kept for evaluation.
FONTS: tuple[tuple[Path, float, float], ...] = (
    (OCR_B / "OCRBS.otf", 0.0, 0.55),
    (OCR_B / "OCRBL.otf", OBLIQUE_SLANT, 0.39),
    (DEJAVU / "DejaVuSansMono.ttf", 0.0, 0.03),
    (LIBERATION / "LiberationMono-Regular.ttf", 0.0, 0.03),
)
BATCH = 48
CHECKPOINT_STEPS = 250
AVERAGING = 0.997


class StripBatches(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Batch i of a run: float32 (48, 1, 24, 240) and int64 (48, 60)."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.glyphs: list[GlyphSet] = [load_glyphs(path, slant=slant) for path, slant, _ in FONTS]
        self.weights = [weight for _, _, weight in FONTS]

    def __getitem__(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        rng = np.random.default_rng([self.seed, step])
        chosen = rng.choice(len(self.glyphs), BATCH, p=self.weights)
        strips = [draw_strip(rng, self.glyphs[index]) for index in chosen]
        images = np.stack([strip.image for strip in strips])[:, None]
        return torch.from_numpy(images), torch.from_numpy(np.stack([strip.labels for strip in strips]))


class Steps(Sampler[int]):
    """The step numbers from first to steps - 1, in order."""

    def __init__(self, first: int, steps: int) -> None:
        self.first, self.steps = first, steps

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.steps))

    def __len__(self) -> int:
        return self.steps - self.first


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Return the rate of a step: 100 steps of warm-up, then half a cosine down to a hundredth of the peak."""
    falling = 0.5 * (1 + math.cos(math.pi * step / steps))
    return peak * min(1.0, (step + 1) / 100) * (0.99 * falling + 0.01)


def average_into(average: nn.Module, network: nn.Module, keep: float) -> None:
    """Move the averaged weights and statistics towards the network's."""
    with torch.no_grad():
        state = network.state_dict()
        for name, value in average.state_dict().items():
            if value.dtype.is_floating_point:
                value.mul_(keep).add_(state[name], alpha=1 - keep)
            else:
                value.copy_(state[name])


def train(
    out: Path, *, steps: int, seed: int, peak_rate: float, resume: bool = False, stop: int | None = None
) -> None:
    """Run the training loop from the start or from out/checkpoint.pt; write it, the ONNX and log.jsonl.

    steps: of the whole schedule. stop: step to end at, all of them if None.
    """
    stop = steps if stop is None else min(stop, steps)
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    # a thread pool of OpenCV would not survive the fork of the generator, which would then wait for ever
    cv2.setNumThreads(1)
    network = LineReader()
    average = copy.deepcopy(network)
    optimizer = torch.optim.AdamW(network.parameters(), peak_rate, weight_decay=1e-3)
    first = 0
    checkpoint = out / "checkpoint.pt"
    if resume:
        saved = torch.load(checkpoint)
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]
    batches = DataLoader(
        StripBatches(seed), batch_size=None, sampler=Steps(first, stop), num_workers=1, prefetch_factor=8
    )
    criterion = nn.CrossEntropyLoss(ignore_index=IGNORED)
    begun = time.monotonic()
    losses: list[float] = []
    network.train()
    for step, (strips, labels) in enumerate(batches, start=first):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps, peak_rate)
        logits = network(strips)
        loss = criterion(logits.reshape(-1, logits.shape[-1]), labels.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        average_into(average, network, min(AVERAGING, (step + 1) / (step + 20)))
        losses.append(loss.item())
        done = step + 1
        if done % 50 == 0 or done == stop:
            printed = labels > BLANK
            wrong = (logits.argmax(-1)[printed] != labels[printed]).float().mean().item()
            line = {
                "step": done,
                "seconds": round(time.monotonic() - begun),
                "loss": round(sum(losses[-50:]) / len(losses[-50:]), 5),
                "character_error": round(wrong, 4),
            }
            with (out / "log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
        if done % CHECKPOINT_STEPS == 0 or done == stop:
            state = {
                "network": network.state_dict(),
                "average": average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": done,
            }
            torch.save(state, checkpoint)
            export(average, out / "mrz_reader.onnx")


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stop", type=int, help="end at this step of the schedule")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--resume", action="store_true")
    arguments = parser.parse_args()
    train(
        arguments.out,
        steps=arguments.steps,
        seed=arguments.seed,
        peak_rate=arguments.rate,
        resume=arguments.resume,
        stop=arguments.stop,
    )


if __name__ == "__main__":
    main()
