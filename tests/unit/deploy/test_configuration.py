import pytest

from deploy.launcher.configuration import Configuration, keep_secret_key
from deploy.launcher.failures import ExitCode, LaunchError

COMPLETE = {
    "DEPLOYMENT": "production",
    "DATABASE_URL": "postgresql://database.example/bmis",
    "BROKER_URL": "redis://broker.example/0",
    "SECRET_KEY": "a key of the State",
}


def test_an_empty_environment_means_the_demo_on_embedded_servers(tmp_path):
    configuration = Configuration.from_environment({}, checkout=tmp_path)

    assert configuration == Configuration(tmp_path, tmp_path / ".data", "demo", None, None, None, None)


@pytest.mark.parametrize("missing", ["DATABASE_URL", "BROKER_URL", "SECRET_KEY"])
def test_production_refuses_what_the_launcher_would_make_itself_and_names_it(missing):
    environment = {name: value for name, value in COMPLETE.items() if name != missing}

    with pytest.raises(LaunchError, match=f"Set {missing} ") as refusal:
        Configuration.from_environment(environment).check_embedded_servers_are_allowed()

    assert refusal.value.code == ExitCode.REFUSED == 2


def test_production_with_its_own_servers_is_accepted():
    Configuration.from_environment(COMPLETE).check_embedded_servers_are_allowed()


@pytest.mark.parametrize("deployment", ["demo", "test"])
def test_other_deployments_may_use_embedded_servers(deployment):
    Configuration.from_environment({"DEPLOYMENT": deployment}).check_embedded_servers_are_allowed()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEPLOYMENT", "Production"),
        ("DEPLOYMENT", "prod"),
        ("WEB_PORT", "0"),
        ("WEB_PORT", "65536"),
        ("WEB_PORT", "http"),
        ("WEB_PORT", "-1"),
        ("WEB_PORT", "٨٠٠٠"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(name, value):
    with pytest.raises(LaunchError, match=name) as refusal:
        Configuration.from_environment({name: value})

    assert refusal.value.code == ExitCode.REFUSED


def test_the_secret_key_is_made_once_and_readable_by_its_owner_only(tmp_path):
    key = keep_secret_key(tmp_path)

    assert len(key) >= 50
    assert keep_secret_key(tmp_path) == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_a_secret_key_whose_writing_was_cut_off_is_made_anew(tmp_path):
    (tmp_path / "secret-key").touch(mode=0o600)

    key = keep_secret_key(tmp_path)

    assert key
    assert keep_secret_key(tmp_path) == key
