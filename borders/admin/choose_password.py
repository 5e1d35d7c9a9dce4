"""The page where an officer chooses a password with the code of an administrator: before any sign-in, for booths and desks."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from borders.admin.accounts.words import words_of
from borders.services.accounts import AccountRefused
from borders.services.throttle import SignInThrottled, choose_password_throttled

app_name = "account"


class PasswordForm(forms.Form):
    username = forms.CharField(label="User name", max_length=30)
    code = forms.CharField(label="Code from the administrator", max_length=60)
    password = forms.CharField(label="New password", widget=forms.PasswordInput, max_length=128)
    again = forms.CharField(label="The same once more", widget=forms.PasswordInput, max_length=128)

    def clean(self) -> dict[str, str]:
        given: dict[str, str] = super().clean() or {}
        if given.get("password") != given.get("again"):
            self.add_error("again", "The two are not the same.")
        return given


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_page(request: HttpRequest) -> HttpResponse:
    """Take name, code and password; a page without the form says that it is done."""
    form = PasswordForm(request.POST or None)
    done, status = False, 422
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            choose_password_throttled(
                at=timezone.now(),
                origin=request.META.get("REMOTE_ADDR", ""),
                username=given["username"],
                code=given["code"],
                password=given["password"],
            )
            done = True
        except SignInThrottled as refusal:
            minutes = round(refusal.wait_s / 60)
            form.add_error("code", f"Too many attempts: try again in {minutes} minutes.")
            status = 429
        except AccountRefused as refusal:
            form.add_error(refusal.field, words_of(refusal))
        except ValidationError as wrong:
            form.add_error("password", wrong)
    context = {"form": form, "done": done}
    return render(request, "account/password.html", context, status=status if form.errors else 200)


urlpatterns = [path("password/", password_page, name="password")]
