"""Templates that no image is behind: vectors of known likeness."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from audit.models import new_id
from biometrics.models import CapturedImage, Template
from biometrics.services.galleries import forget_projections

MakeTemplate = Callable[[np.ndarray], Template]


@pytest.fixture(autouse=True)
def _galleries_of_this_test(settings, tmp_path: Path) -> None:
    settings.GALLERY_DIR = tmp_path / "galleries"
    forget_projections()


@pytest.fixture
def template_of(db: None, at: datetime) -> MakeTemplate:
    """template_of(vector): a template of the engine sface with this vector."""

    def make(vector: np.ndarray) -> Template:
        image = CapturedImage.objects.create(
            kind=CapturedImage.Kind.FACE,
            key=f"test/{new_id().hex}",
            sha256="0" * 64,
            media_type="image/jpeg",
            byte_count=1,
            width=1,
            height=1,
            captured_at=at,
        )
        return Template.objects.create(
            image=image,
            engine="sface",
            engine_version="1",
            vector=vector.astype("<f4").tobytes(),
            dimension=len(vector),
            face_count=1,
            box=[0, 0, 1, 1],
            created_at=at,
        )

    return make


def unit_vectors(count: int, *, seed: int = 0, dimension: int = 128) -> np.ndarray:
    """Return random directions, float32 (count, dimension): far from each other."""
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
