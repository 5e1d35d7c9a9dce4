"""Head pose from five points: right for "turn towards the camera", not a measurement of angles."""

import numpy as np

from biometrics.core.quality.picture import FaceImage, NotMeasurable


def count_faces(picture: FaceImage) -> float:
    """Return how many faces there are."""
    return float(len(picture.faces))


def measure_inter_eye_distance(picture: FaceImage) -> float:
    """Return the distance of the eye points in pixels. Source: ISO/IEC 19794-5 asks 90, and 240 for 300 dpi."""
    return picture.face.inter_eye_distance


def estimate_yaw(picture: FaceImage) -> float:
    """Return how far the head is turned, in degrees; positive when the nose points to the image's right."""
    points = picture.upright_points
    across = (points[2, 0] - points[:2, 0].mean()) * 0.6 + (points[2, 0] - points[3:, 0].mean()) * 0.4
    # the nose tip stands about 0.55 inter-eye distances before the plane of the eyes and mouth corners
    return float(np.degrees(np.arctan(across / 0.55)))


def estimate_pitch(picture: FaceImage) -> float:
    """Return how far the head is tilted down, in degrees; negative when the face looks up."""
    points = picture.upright_points
    mouth = float(points[3:, 1].mean())
    if mouth <= 0.2:
        raise NotMeasurable
    # level heads have the nose tip at about 0.56 of the way from the eyes to the mouth
    return float(np.degrees(np.arctan((points[2, 1] / mouth - 0.56) * 2.0)))


def measure_roll(picture: FaceImage) -> float:
    """Return how far the line of the eyes leans, in degrees; positive when it falls to the image's right."""
    x, y = np.asarray(picture.face.landmarks[1] - picture.face.landmarks[0], np.float64)
    return float(np.degrees(np.arctan2(y, x)))
