"""Buttons on the pages of one row: each posts to an address of its own, calls one service, and says how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from audit.admin import ReadOnlyModelAdmin

REASON_MAX = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of several. note: what choosing it means."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a person may do to a row.

    code: its name in the address. note: what follows from it. reason: label of a text to give, "" for none.
    second: label of a second, shorter text, "" for none. blocked: why it cannot be done now, "" if it can.
    """

    code: str
    title: str
    button: str
    note: str = ""
    main: bool = True
    reason: str = ""
    reason_required: bool = False
    second: str = ""
    choices: Sequence[Choice] = ()
    sign: str = "check"
    blocked: str = ""


class Refused(Exception):
    """An act was refused. Its words are for the person."""


class ActingAdmin(ReadOnlyModelAdmin):
    """Rows that a person may do something to, by services alone."""

    detail_template: ClassVar[str] = "admin/watchlists/acting.html"

    def acts(self, request: HttpRequest, row: Any) -> Sequence[Act]:
        """Return what the person may do to a row now."""
        return ()

    def perform(self, request: HttpRequest, row: Any, act: Act, given: Mapping[str, str]) -> str:
        """Do it, and return what to tell. given: reason, second, choice. Raises Refused."""
        raise NotImplementedError

    def alarm(self, request: HttpRequest, row: Any) -> str:
        """Return a line to read first, "" for none."""
        return ""

    def detail_context(self, request: HttpRequest, row: Any) -> Mapping[str, Any]:
        return {
            **super().detail_context(request, row),
            "acts": [(act, self.act_url(row, act.code)) for act in self.acts(request, row)],
            "alarm": self.alarm(request, row),
        }

    def act_url(self, row: Any, code: str) -> str:
        return reverse(f"{self.admin_site.name}:{self._label}_act", args=(row.pk, code))

    @property
    def _label(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def get_urls(self) -> list[URLPattern]:
        act = path("<uuid:row_id>/acts/<slug:code>/", self.guard(self.act_view), name=f"{self._label}_act")
        return [act, *super().get_urls()]

    def act_view(self, request: HttpRequest, row_id: Any, code: str) -> HttpResponse:
        """Do one act, and show the row again."""
        if request.method != "POST":
            return HttpResponseNotAllowed(("POST",))
        row = self.get_row(request, str(row_id))
        act = next((a for a in self.acts(request, row) if a.code == code), None)
        if act is None:
            raise Http404
        given = {
            name: " ".join(request.POST.get(name, "").replace("\0", "").split())[: REASON_MAX + 1]
            for name in ("reason", "second", "choice")
        }
        try:
            if act.blocked:
                raise Refused(act.blocked)
            messages.success(request, self.perform(request, row, act, given))
        except Refused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:{self._label}_change", args=(row.pk,)))


WORDS_OF_REFUSAL: dict[str, str] = {
    "role_required": "This needs another role.",
    "person_required": "Only a person may do this.",
    "second_person_required": "Another person than the proposer must do this.",
    "first_person_required": "Only who proposed the true match may withdraw it.",
    "hit_not_proposed": "Somebody has reviewed this true match already.",
    "not_proposed": "Somebody has decided this already.",
    "version_pruned": "What this version held is gone: the list's period for it was over. Import the file again.",
    "wrong_kind": "Lists of persons and lists of documents are apart.",
    "upload_too_large": "The file is too large for the browser: manage.py import_watchlist takes larger ones.",
    "upload_waits": "Another file for this list is being read. Wait until it is done.",
    "upload_gone": "The file is gone: it is kept for a day. Upload it again.",
    "empty_file": "The file holds nothing.",
    "not_checked": "The file is not checked yet, or somebody has proposed it already.",
    "not_uploader": "Who uploaded the file proposes it.",
    "not_fallen": "This file was not refused for its fewer rows.",
    "stale_proposal": "These changes were proposed for a version that is no longer in force; have them proposed again.",
    "unknown_version": "This version is gone.",
    "reason_required": "Give a reason.",
    "reason_too_long": f"The reason may have {REASON_MAX} characters.",
    "hit_not_open": "Somebody has claimed or answered this hit already.",
    "hit_not_claimed": "Claim the hit first.",
    "hit_unknown": "There is no such hit.",
    "exception_ended": "The exception has ended already.",
    "unknown_exception": "There is no such exception.",
    "notice_unknown": "There is no such notice.",
    "unknown_list": "There is no such list.",
    "out_of_range": "The threshold lies between 5 and 60 bits.",
    "target_required": "Say which error rate is aimed at.",
    "provenance_required": "Say which measurement it rests on.",
    "note_required": "Say what came of it.",
    "note_too_long": f"The note may have {REASON_MAX} characters.",
    "unknown_lead": "There is no such lead.",
    "closed": "Somebody has closed this lead already.",
}


def words_of(code: str) -> str:
    """Return the words of a refusal."""
    return WORDS_OF_REFUSAL.get(code, code.replace("_", " "))
