"""The map of personal data is whole: a new table, column of text or link to a traveller fails here until it is in it."""

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from borders.core.personal_data import ERASED, OUTSIDE, Treatment

APPS = ("audit", "biometrics", "travelers", "watchlists", "borders")
TELLING = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.DateField,
    models.BinaryField,
    models.FileField,
    models.GenericIPAddressField,
    ArrayField,
)
MODELS = [model for app in APPS for model in apps.get_app_config(app).get_models() if not model._meta.proxy]
PERSONS = ("travelers.Traveler", "travelers.TravelDocument")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_table_is_in_the_map_or_outside_for_a_reason(model):
    label = model._meta.label
    assert (label in ERASED) != (label in OUTSIDE)
    assert OUTSIDE.get(label, "a reason")


@pytest.mark.parametrize("label", ERASED)
def test_every_telling_column_has_a_treatment_or_is_kept(label):
    table, model = ERASED[label], apps.get_model(label)
    telling = {
        column.name
        for column in model._meta.concrete_fields
        if isinstance(column, TELLING)
        and not isinstance(column, models.DateTimeField)
        and not column.primary_key
    }
    if not table.deleted:
        assert telling - set(table.treated) == set(table.kept) & telling
    assert {c.name for c in model._meta.concrete_fields} >= {*table.treated, *table.kept}


@pytest.mark.parametrize("model", [m for m in MODELS if m._meta.label in ERASED], ids=lambda m: m._meta.label)
def test_no_link_to_a_person_is_left(model):
    table = ERASED[model._meta.label]
    links = {
        column.name
        for column in model._meta.concrete_fields
        if column.is_relation and column.related_model._meta.label in PERSONS
    }
    treated = {n for n, t in table.treated.items() if t in (Treatment.NULL, Treatment.NOBODY)}
    assert table.deleted or links <= treated


@pytest.mark.parametrize("label", OUTSIDE)
def test_nothing_outside_the_map_links_to_a_person(label):
    for column in apps.get_model(label)._meta.concrete_fields:
        assert not column.is_relation or column.related_model._meta.label not in PERSONS
