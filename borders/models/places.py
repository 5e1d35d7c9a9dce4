"""Countries, ports of entry, booths, officers and where they are posted."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.core.actor import Role
from audit.models import new_id


class Country(models.Model):
    """A State that runs ports of entry in this system. What differs between States is data here, not code."""

    code = models.CharField(
        primary_key=True, max_length=3, help_text="As in the MRZ, e.g. UTO (Doc 9303-3 section 5)"
    )
    name = models.CharField(max_length=80)
    default_stay_days = models.PositiveSmallIntegerField(default=90)
    minor_below_years = models.PositiveSmallIntegerField(default=18)
    asks_purpose = models.BooleanField(default=False, help_text="Purpose of travel is asked on entry")
    asks_address = models.BooleanField(default=False, help_text="Address of stay is asked on entry")
    authority_name = models.CharField(max_length=120, blank=True, help_text="Who issues notices and answers")
    authority_address = models.CharField(max_length=300, blank=True)
    appeal_name = models.CharField(max_length=120, blank=True, help_text="To whom an appeal goes")
    appeal_address = models.CharField(max_length=300, blank=True)
    appeal_days = models.PositiveSmallIntegerField(
        default=30, help_text="To appeal against a refusal or an answer"
    )
    correction_days = models.PositiveSmallIntegerField(
        default=30, help_text="To answer a request to correct a record"
    )

    class Meta:
        verbose_name_plural = "countries"

    def __str__(self) -> str:
        return self.name


class PortOfEntry(models.Model):
    """A place where the border may be crossed: airport, land post or sea port."""

    class Kind(models.TextChoices):
        AIR = "AIR", "Airport"
        LAND = "LAND", "Land post"
        SEA = "SEA", "Sea port"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="ports")
    code = models.CharField(max_length=5, unique=True, help_text="UN/LOCODE")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=4, choices=Kind)
    latitude = models.FloatField(null=True, blank=True, help_text="Degrees, north positive")
    longitude = models.FloatField(null=True, blank=True, help_text="Degrees, east positive")
    training = models.BooleanField(
        default=False,
        help_text="Drawn travellers only: nothing of this post is recorded as a crossing or counted",
    )

    class Meta:
        verbose_name_plural = "ports of entry"
        constraints = (
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="port_place",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Booth(models.Model):
    """One inspection desk of a port of entry."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    port = models.ForeignKey(PortOfEntry, on_delete=models.PROTECT, related_name="booths")
    code = models.CharField(max_length=10)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("port", "code"), name="booth_code_once_per_port"),)

    def __str__(self) -> str:
        return f"{self.port.code} {self.code}"


class Officer(models.Model):
    """The service profile of an account."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="officer")
    badge_number = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.badge_number


class PostAssignment(models.Model):
    """An officer's role at a port of entry, or at all ports of a country, from when to when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="assignments")
    port = models.ForeignKey(
        PortOfEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    country = models.ForeignKey(
        Country,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="assignments",
        help_text="In place of a port: the role counts at every port of the country",
    )
    role = models.CharField(
        max_length=20, choices=[(r.value, r.replace("_", " ").capitalize()) for r in Role if r != Role.SYSTEM]
    )
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("officer", "port", "role", "valid_from"), name="post_assignment_once"
            ),
            models.UniqueConstraint(
                fields=("officer", "country", "role", "valid_from"), name="post_assignment_national_once"
            ),
            models.CheckConstraint(
                condition=Q(port__isnull=True) ^ Q(country__isnull=True), name="post_assignment_place"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="post_assignment_validity",
            ),
        )

    def __str__(self) -> str:
        return f"{self.officer} {self.get_role_display()} at {self.port or self.country}"


class BoothSession(models.Model):
    """An officer signed in at a booth. The token is never stored, only its SHA-256."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="sessions")
    booth = models.ForeignKey(Booth, on_delete=models.PROTECT, related_name="sessions")
    device = models.ForeignKey(
        "borders.BoothDevice", null=True, blank=True, on_delete=models.PROTECT, related_name="sessions"
    )
    token_sha256 = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    active_at = models.DateTimeField(
        null=True, blank=True, help_text="Latest act in the console, to half a minute"
    )
    locked_at = models.DateTimeField(null=True, blank=True, help_text="The console is locked since then")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("started_at")), name="booth_session_validity"
            ),
        )
        indexes = (
            models.Index(
                fields=("booth", "expires_at"), condition=Q(ended_at__isnull=True), name="booth_session_live"
            ),
        )

    def __str__(self) -> str:
        return f"{self.officer} at {self.booth}"
