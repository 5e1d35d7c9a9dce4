"""Play the story through the public API: each traveller at the booth, then at the second line where the
story says so.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from borders.demo.client import Booth, BoothError
from borders.demo.documents import declared_fields, keyed_fields, printed_fields
from borders.demo.images import chip_upload, face_image, page_image
from borders.demo.places import FIRST_LINE, OFFICE, SECOND_LINE
from borders.demo.story import PageSight, Scene

LIST_OWNER, PROTECTION_OFFICER, SUPERVISOR = "olga", "petra", "bob"
# the sweep comes round every 5 s
SWEEP_PATIENCE_S = 12.0
HIT_REASON = "Compared with the entry: the same."

Tell = Callable[[Scene, str], None]


@dataclass(slots=True)
class Result:
    """What came of one scene.

    seen: the inspection when the officer first looked at all of it; latest: as it stands in the end.
    waited_ms: between sending and the answer. failure: what the server refused, "" for nothing.
    """

    scene: Scene
    seen: dict[str, Any] = field(default_factory=dict)
    corrected: dict[str, Any] = field(default_factory=dict)
    latest: dict[str, Any] = field(default_factory=dict)
    waited_ms: float = 0.0
    failure: str = ""

    @property
    def codes(self) -> frozenset[str]:
        """Return the codes of the findings behind the recommendation."""
        return frozenset(reason["code"] for reason in self.seen.get("reasons", ()))

    @property
    def hit_ids(self) -> list[str]:
        """Return the hits that the booth may see."""
        return [
            hit["id"]
            for finding in self.seen.get("findings", ())
            if finding["code"].startswith("SCREEN.")
            for hit in finding["detail"].get("hits", ())
        ]

    def deviations(self) -> Iterator[str]:
        """Yield in words whatever differs from what the story expects."""
        if self.failure:
            yield self.failure
        if not self.seen:
            return
        expected = self.scene.expected
        if self.seen["advice"] != expected.advice:
            yield f"recommendation {self.seen['advice']}, expected {expected.advice}"
        missing = expected.codes - self.codes
        if missing:
            yield f"not found: {', '.join(sorted(missing))}"
        further = frozenset() if expected.more_codes else self.codes - expected.codes
        if further:
            yield f"not expected: {', '.join(sorted(further))}"
        if expected.after_correction and self.corrected.get("advice") != expected.after_correction:
            codes = ", ".join(sorted(r["code"] for r in self.corrected.get("reasons", ())))
            advice = f"{self.corrected.get('advice')} ({codes})"
            yield f"after the correction {advice}, expected {expected.after_correction}"
        if not self.failure and self.latest["state"] != expected.state:
            yield f"ended {self.latest['state']}, expected {expected.state}"


class Play:
    """One run of the story.

    url: of the server. run_id: part of every reference, so that a further run sends new inspections.
    """

    def __init__(self, url: str, passwords: Mapping[str, str], run_id: str):
        self._url = url
        self._passwords = passwords
        self._run_id = run_id
        self._booths: dict[tuple[str, str], Booth] = {}

    def perform(self, scenes: Sequence[Scene], tell: Tell) -> list[Result]:
        """Play the scenes in their order and return what came of each.

        tell: is told of every step. Raises BoothError when nobody can sign in.
        """
        results: list[Result] = []
        for _, group in itertools.groupby(scenes, key=lambda scene: scene.party or scene.key):
            results += self._perform_party([Result(scene) for scene in group], tell)
        return results

    def take_over_protection(self, results: Iterable[Result]) -> int:
        """Let the protection officer take over what was referred to protection; return how many referrals."""
        count = 0
        for result in results:
            for referral in result.latest.get("referrals", ()):
                if referral["route"] == "PROTECTION":
                    self._booth(PROTECTION_OFFICER, result.scene.port, OFFICE[result.scene.port]).take_over(
                        referral["id"]
                    )
                    count += 1
        return count

    def count_silent_hits(self, results: Iterable[Result]) -> tuple[int, int]:
        """Return how many silent hits wait for the list owner, and how many of them this run made.

        The sweep writes them after the crossing, so this waits for it a while.
        """
        results = [result for result in results if result.latest]
        inspections = {result.latest["id"] for result in results}
        expected = {result.latest["id"] for result in results if result.scene.key.startswith("silent")}
        end = time.monotonic() + SWEEP_PATIENCE_S
        while True:
            waiting = [
                hit
                for port, office in OFFICE.items()
                for hit in self._booth(LIST_OWNER, port, office).list_all("hits/")
                if hit["silent"] and hit["state"] == "OPEN"
            ]
            if expected <= {hit["inspection_id"] for hit in waiting} or time.monotonic() > end:
                return len(waiting), sum(hit["inspection_id"] in inspections for hit in waiting)
            time.sleep(1)

    def sign_out(self) -> None:
        """Sign everybody out."""
        for booth in self._booths.values():
            booth.sign_out()
        self._booths.clear()

    def _booth(self, username: str, port: str, booth: str) -> Booth:
        key = (username, booth)
        if key not in self._booths:
            self._booths[key] = Booth.sign_in(
                self._url, username=username, password=self._passwords[username], port=port, booth=booth
            )
        return self._booths[key]

    def _perform_party(self, results: list[Result], tell: Tell) -> list[Result]:
        """Open all members of a party before anybody decides: what one brings to light weighs for the others
        too.
        """
        for result in results:
            tell(result.scene, "at the booth")
            self._try(result, self._open)
        for result in results:
            tell(result.scene, "deciding")
            self._try(result, self._decide)
        return results

    def _try(self, result: Result, act: Callable[[Result], None]) -> None:
        if result.failure:
            return
        try:
            act(result)
        except BoothError as error:
            if error.status in (0, 401):
                raise
            result.failure = str(error)

    def _open(self, result: Result) -> None:
        scene = result.scene
        booth = self._booth(FIRST_LINE[scene.port][0], scene.port, FIRST_LINE[scene.port][1])
        page, face, chip = page_image(scene), face_image(scene), chip_upload(scene)
        request = self._request(scene)
        if chip is not None:
            request["chip"] = dict(chip.evidence)
        begun = time.perf_counter()
        result.latest = booth.open_inspection(
            request, page=page, face=face, chip=chip.parts if chip is not None else {}
        )
        result.waited_ms = (time.perf_counter() - begun) * 1e3

    def _decide(self, result: Result) -> None:
        scene = result.scene
        booth = self._booth(FIRST_LINE[scene.port][0], scene.port, FIRST_LINE[scene.port][1])
        inspection_id = result.latest["id"]
        result.latest = result.seen = booth.look(inspection_id)
        if scene.is_corrected and scene.document is not None:
            result.latest = result.corrected = booth.correct(inspection_id, keyed_fields(scene.document))
        result.latest = booth.decide(inspection_id, scene.first_line.outcome, scene.first_line.reason)
        if scene.second_line is None:
            return
        second = self._booth(SECOND_LINE[scene.port][0], scene.port, SECOND_LINE[scene.port][1])
        for hit_id in result.hit_ids:
            if second.answer_hit(hit_id, "TRUE_MATCH", HIT_REASON) == "PROPOSED":
                self._booth(SUPERVISOR, scene.port, OFFICE[scene.port]).confirm_hit(hit_id)
        result.latest = second.decide(inspection_id, scene.second_line.outcome, scene.second_line.reason)

    def _request(self, scene: Scene) -> dict[str, Any]:
        request: dict[str, Any] = {
            "client_reference": f"{self._run_id}-{scene.key}",
            "direction": scene.direction,
            "conveyance": scene.conveyance,
            "purpose_of_travel": scene.purpose,
            "address_of_stay": scene.address,
            "party_reference": f"{self._run_id}-{scene.party}" if scene.party else "",
        }
        if scene.document is None:
            request["keyed"] = declared_fields(scene.holder)
        elif scene.sight is not PageSight.UNREADABLE:
            request["printed"] = printed_fields(scene.document)
        return request
