from django.urls import path

from borders.console.views import captures, inspections, notices, protection, second_line, sessions, witness

app_name = "console"
urlpatterns = [
    path("", inspections.screen, name="screen"),
    path("sign-in/", sessions.sign_in_page, name="sign-in"),
    path("enrolment/", sessions.enrolment_page, name="enrolment"),
    path("sign-out/", sessions.sign_out_page, name="sign-out"),
    path("witness/", witness.witness_page, name="witness"),
    path("lock/", sessions.lock_page, name="lock"),
    path("language/", sessions.language_page, name="language"),
    path("captures/", captures.capture_page, name="capture"),
    path("inspections/", inspections.open_page, name="open"),
    path("inspections/<uuid:inspection_id>/", inspections.inspection_page, name="inspection"),
    path("inspections/<uuid:inspection_id>/decision/", inspections.decision_page, name="decision"),
    path(
        "inspections/<uuid:inspection_id>/wrong-picture/",
        inspections.wrong_picture_page,
        name="wrong-picture",
    ),
    path("inspections/<uuid:inspection_id>/correction/", inspections.correction_page, name="correction"),
    path("inspections/<uuid:inspection_id>/images/<str:kind>/", inspections.image_page, name="image"),
    path("inspections/<uuid:inspection_id>/notice/", notices.notice_page, name="notice"),
    path("inspections/<uuid:inspection_id>/notice/file/", notices.notice_file_page, name="notice-file"),
    path("second-line/", second_line.waiting_page, name="second-line"),
    path("second-line/<uuid:inspection_id>/", second_line.take_over_page, name="take-over"),
    path("inspections/<uuid:inspection_id>/protection/", protection.ask_page, name="ask-protection"),
    path("inspections/<uuid:inspection_id>/facilitator/", protection.facilitator_page, name="facilitator"),
    path("protection/", protection.cases_page, name="protection"),
    path("protection/<uuid:case_id>/", protection.case_page, name="protection-case"),
    path("protection/<uuid:case_id>/answers/", protection.answers_page, name="protection-answers"),
    path("protection/<uuid:case_id>/<str:act>/", protection.act_page, name="protection-act"),
]
