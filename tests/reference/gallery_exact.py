"""The slow, obvious gallery: a dictionary and a sort."""

from collections.abc import Sequence

from biometrics.core.faces import Metric
from tests.reference.faces_scores import cosine_score, euclidean_score


class SlowGallery:
    """Keeps templates in order of enrolment and looks at every one."""

    def __init__(self, metric: Metric) -> None:
        self.score = cosine_score if metric is Metric.COSINE else euclidean_score
        self.templates: dict[int, Sequence[float]] = {}

    def enrol(self, ids: Sequence[int], vectors: Sequence[Sequence[float]]) -> None:
        for identifier, vector in zip(ids, vectors, strict=True):
            if identifier in self.templates:
                raise ValueError
            self.templates[identifier] = vector

    def remove(self, ids: Sequence[int]) -> None:
        for identifier in ids:
            del self.templates[identifier]

    def search(
        self, probe: Sequence[float], *, limit: int, threshold: float | None
    ) -> list[tuple[int, float]]:
        scored = [(identifier, self.score(probe, vector)) for identifier, vector in self.templates.items()]
        kept = [pair for pair in scored if threshold is None or pair[1] >= threshold]
        return sorted(kept, key=lambda pair: -pair[1])[:limit]
