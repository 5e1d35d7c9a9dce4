"""The search for the zone of one page: stages, groups of lines, both ways up, inside a budget."""

import math
from collections import deque
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.candidates import Candidate
from biometrics.core.mrz.doubt import UnreadableReason, is_narrow
from biometrics.core.mrz.group import LineGroup, Place, group_lines, is_elsewhere, is_finite
from biometrics.core.mrz.legibility import longest_filler_run, page_has_glare, page_is_blurred
from biometrics.core.mrz.locate import find_text_lines
from biometrics.core.mrz.look import FirstLook, GroupReader, Recognise
from biometrics.core.mrz.rectify import ReducedImages, Sight
from biometrics.core.mrz.stages import STAGES, Stage, plan_stages
from biometrics.core.mrz.stopwatch import Stopwatch

Gray = NDArray[np.uint8]

GROUPS_A_STAGE = 4
OTHER_GROUPS = 2
# mean certainty of the characters seen: zones lie above 0.84, other things than print in OCR-B mostly below 0.7
MIN_CERTAINTY = 0.75
# what a group costs, in looks: both ways up, then reading
LOOKS_BEFORE_READING = 2.0
LOOKS_TO_READ = 2.5
# what a page may cost however slow the machine: as many looks take the usual budget on a usual one
LOOKS_A_PAGE = 24.0
SLOW_BUDGET_MS = 170.0
FILLERS_OF_A_ZONE = 5
ZONE_SEEN_BUDGET_MS = 260.0
# print of a zone's kind reaches this on its head too
MIN_CERTAINTY_TURNED = 0.6
# no zone on its head reaches this (0.962 was the most of 285)
UPRIGHT_CERTAINTY = 0.967
SECOND_ZONE_CERTAINTY = 0.85
SURE_NO_ZONE_MEAN_LOG = -0.5
# below this the strokes of a character cannot be told apart
MIN_PITCH_PX = 4.0
# below this they can be told apart only where the picture is sharp
MIN_CLEAR_PITCH_PX = 7.0
MIN_SHARPNESS = 0.12
# gray levels: light print is looked for on pages that are dark as a whole
DARK_PAGE = 128
# beyond this the ends of a line fray in a search that looks along rows
MIN_SLANT_DEG = 4.0
STRAIGHT_SIDE_PX = 640


class Search:
    """The search for the zone of one page. gray: uint8 (H, W), reduced by reduction from the page as given."""

    def __init__(self, gray: Gray, recognise: Recognise, watch: Stopwatch, reduction: int) -> None:
        self._gray = gray
        self._watch = watch
        self._reader = GroupReader(recognise, watch, reduction)
        self._images = {False: ReducedImages(gray)}
        self._working: dict[int, Gray] = {}
        self._page = watch.measure("prepare", partial(self._working_copy, STAGES[0].long_side_px))
        self._out_of_time = False
        self._unit_ms = 0.0
        self._look_ms = 0.0
        self._is_promising = False
        self._others: list[tuple[LineGroup, Sight]] = []
        self._ruled_out: dict[bool, list[Place]] = {False: [], True: []}

    def run(self) -> Candidate | None:
        """Return the best candidate of all stages, None if there is none."""
        best: Candidate | None = None
        stages = deque(plan_stages(is_dark=float(np.median(self._page)) < DARK_PAGE))
        is_straightened = False
        while stages:
            stage = stages.popleft()
            # a search that begins in the first half is always made, so a slow moment costs no page
            is_late = self._unit_ms > 0 and self._watch.is_half_spent()
            if is_late and self._watch.would_pass(stage.cost * self._unit_ms):
                self._out_of_time = True
                break
            for candidate in self._read_stage(stage):
                if best is None or candidate.score > best.score:
                    best = candidate
            if best is None:
                continue
            straight = straightened(stage, best)
            if straight is not None and not is_straightened:
                # lines that lie aslant in the search have frayed ends: look once more along them
                is_straightened = True
                stages.appendleft(straight)
            elif best.is_settled or best.is_clear:
                break
        if best is not None and best.is_zone and is_narrow(best.decoded, best.repairs):
            return self._reader.look_again(best)
        return best

    def find_second_zone(self, best: Candidate) -> bool:
        """Return whether the picture shows another zone beside the best, which stands on another document.

        Only lines found together with the best are looked at, so a page with one zone costs next to nothing.
        """
        for group, sight in self._others[:OTHER_GROUPS]:
            if self._watch.is_over() or not is_finite(group):
                break
            seen = self._reader.look(group, sight)
            if seen.certainty < SECOND_ZONE_CERTAINTY:
                continue
            for candidate in self._reader.read(seen):
                is_another = candidate.decoded.lines != best.decoded.lines
                if is_another and (candidate.is_settled or candidate.is_clear):
                    return True
        return False

    def explain_failure(self) -> UnreadableReason:
        """Return why no zone was read, from the line groups seen on the way."""
        reader = self._reader
        if reader.widest_pitch_px and reader.widest_pitch_px < MIN_PITCH_PX:
            return UnreadableReason.TOO_SMALL
        if reader.glare_seen or page_has_glare(self._page):
            return UnreadableReason.GLARE
        if self._is_promising and reader.widest_pitch_px < MIN_CLEAR_PITCH_PX:
            return UnreadableReason.TOO_SMALL
        is_soft = (reader.sharpest and reader.sharpest < MIN_SHARPNESS) or page_is_blurred(self._page)
        if is_soft or self._is_promising:
            # a zone was seen and could not be read
            return UnreadableReason.BLURRED
        if self._out_of_time:
            return UnreadableReason.OUT_OF_TIME
        return UnreadableReason.NO_ZONE_FOUND

    def _working_copy(self, long_side_px: int) -> Gray:
        """Return the page reduced or enlarged to a long side, made once."""
        if long_side_px not in self._working:
            scale = max(self._gray.shape) / long_side_px
            size = (max(1, round(self._gray.shape[1] / scale)), max(1, round(self._gray.shape[0] / scale)))
            method = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
            self._working[long_side_px] = np.asarray(
                cv2.resize(self._gray, size, interpolation=method), np.uint8
            )
        return self._working[long_side_px]

    def _images_for(self, stage: Stage) -> ReducedImages:
        if stage.is_negative not in self._images:
            self._images[stage.is_negative] = ReducedImages(negative_of(self._gray))
        return self._images[stage.is_negative]

    def _find_groups(self, stage: Stage) -> tuple[LineGroup, ...]:
        working = self._watch.measure("prepare", partial(self._working_copy, stage.long_side_px))
        if stage.is_negative:
            working = negative_of(working)
        begun = self._watch.total_ms()
        groups = self._watch.measure(
            "locate",
            lambda: group_lines(
                find_text_lines(working, closing_px=stage.closing_px, rotation_deg=stage.rotation_deg)
            ),
        )
        self._unit_ms = self._unit_ms or self._watch.total_ms() - begun
        return groups

    def _read_stage(self, stage: Stage) -> list[Candidate]:
        groups = self._find_groups(stage)
        scale = max(self._gray.shape) / stage.long_side_px
        images = self._images_for(stage)
        found: list[Candidate] = []
        read_whole: list[LineGroup] = []
        # what is no zone as it stands may be one as a negative
        ruled_out = self._ruled_out[stage.is_negative]
        for group in groups[:GROUPS_A_STAGE]:
            place = Place.of(group, scale)
            if not is_finite(group) or any(place.is_same(known) for known in ruled_out):
                continue
            if any(is_part_of(group, known) for known in read_whole):
                continue
            if self._would_pass(LOOKS_BEFORE_READING):
                break
            seen = self._look_both_ways(group, Sight(images, scale, False))
            if seen.certainty < MIN_CERTAINTY:
                ruled_out.append(place)
                continue
            if self._would_pass(LOOKS_TO_READ):
                break
            candidates = self._reader.read(self._reader.complete(seen))
            found += candidates
            if any(candidate.is_settled or candidate.is_clear for candidate in candidates):
                self._others = [(other, seen.sight) for other in groups if is_elsewhere(group, other)]
                return found
            if is_other_text(candidates):
                ruled_out.append(place)
            else:
                read_whole.append(group)
        return found

    def _would_pass(self, looks: float) -> bool:
        """Return whether so many looks more would pass the budget; never before half of it is spent."""
        if not self._watch.is_half_spent() or not self._watch.would_pass(looks * self._look_ms):
            return False
        self._out_of_time = True
        return True

    def _look_both_ways(self, group: LineGroup, sight: Sight) -> FirstLook:
        """Return the look at a group that is the more certain: as it stands or, where it may be, on its head."""
        begun = self._watch.total_ms()
        upright = self._reader.look(group, sight)
        # the shortest so far: the first one may have waited for memory
        self._look_ms = min(self._look_ms or math.inf, self._watch.total_ms() - begun)
        seen = upright
        if MIN_CERTAINTY_TURNED <= upright.certainty <= UPRIGHT_CERTAINTY:
            turned = self._reader.look(group, replace(sight, upside_down=True))
            seen = max(upright, turned, key=lambda look: look.certainty)
        # nothing but a zone has fillers in a row: it is worth a longer search
        is_promising = (
            seen.certainty >= MIN_CERTAINTY and longest_filler_run(seen.probabilities) >= FILLERS_OF_A_ZONE
        )
        self._is_promising = self._is_promising or is_promising
        # a slow or busy machine makes every look longer, and must not lose pages that another would read
        slow_ms = min(LOOKS_A_PAGE * self._look_ms, SLOW_BUDGET_MS)
        self._watch.allow(max(slow_ms, ZONE_SEEN_BUDGET_MS * self._is_promising))
        return seen


def negative_of(gray: Gray) -> Gray:
    """Return the image with light and dark changed over."""
    return np.asarray(cv2.bitwise_not(gray), np.uint8)


def straightened(stage: Stage, best: Candidate) -> Stage | None:
    """Return the search along the lines of a candidate that lay aslant in its search, None if they did not."""
    if best.cut is None or not best.is_zone or not is_narrow(best.decoded, best.repairs):
        return None
    x, y = best.cut.group.lines[0].direction
    angle_deg = math.degrees(math.atan2(y, x))
    if abs(angle_deg - stage.rotation_deg) < MIN_SLANT_DEG:
        return None
    long_side_px = max(stage.long_side_px, STRAIGHT_SIDE_PX)
    return replace(stage, long_side_px=long_side_px, rotation_deg=angle_deg)


def is_part_of(group: LineGroup, whole: LineGroup) -> bool:
    """Return whether every line of a group belongs to another, larger one."""
    return len(group.lines) < len(whole.lines) and all(
        any(line is known for known in whole.lines) for line in group.lines
    )


def is_other_text(candidates: list[Candidate]) -> bool:
    """Return whether every way to read a group is one that no zone can be, or there is none."""
    return all(candidate.decoded.mean_log < SURE_NO_ZONE_MEAN_LOG for candidate in candidates)
