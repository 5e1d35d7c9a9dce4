"""Look at the pixels of the page for signs of forgery. They inform; a supervisor's rule may make them weigh more."""

from biometrics.core.outcomes import Finding, Outcome
from biometrics.core.page_checks import PAGE_CHECKS
from biometrics.services.faces import FaceNotFound, make_template
from biometrics.services.page_checks import check_page
from borders.services.steps.context import StepInput


def check_the_page(given: StepInput) -> tuple[Finding, ...]:
    """Return the findings of PAGE_CHECKS, in their order."""
    image = given.inspection.page_image
    if image is None:
        return tuple(Finding(check, Outcome.NOT_APPLICABLE, "no_page_image") for check in PAGE_CHECKS)
    image_bgr = given.context.load(image)
    read = given.context.read_zone(image)
    try:
        face = make_template(image=image, image_bgr=image_bgr, at=given.at).box
    except FaceNotFound:
        face = None
    return check_page(
        image_bgr=image_bgr,
        lines=read.lines_read,
        corners=read.corners or (),
        face_xyxy=face,
        settings=given.settings,
    )
