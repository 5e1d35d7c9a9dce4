"""`make run`: from nothing to a system that serves, with the demo played through its public API."""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from deploy.launcher.application import Application, make_environment
from deploy.launcher.configuration import Configuration, keep_secret_key
from deploy.launcher.failures import ExitCode, InterruptedStartError, LaunchError
from deploy.launcher.instance import (
    Instance,
    describe_running,
    end_leftovers,
    hold_lock,
    is_locked,
    locate_record,
)
from deploy.launcher.places import check_disk_space, make_data_folder, remove_data
from deploy.launcher.ports import LOOPBACK, choose_web_port
from deploy.launcher.processes import Child, Command
from deploy.launcher.servers import ServerUrls, start_servers
from deploy.launcher.supervisor import Supervisor

DEMO_LOGINS = "demo-logins.json"

Say = Callable[[str], None]


def run(configuration: Configuration, environment: Mapping[str, str], *, once: bool, say: Say) -> int:
    """Start everything, play the demo, then serve until asked to stop; with once, stop after the demo."""
    with launch(configuration, "run", say) as supervisor:
        port = choose_web_port(configuration.web_port)
        urls = start_servers(configuration, supervisor, say)
        application = make_application(configuration, environment, urls)
        is_demo = configuration.deployment != "production"
        run_step(supervisor, application.make_step("migrate", "--noinput"))
        say("Database    migrated")
        if is_demo:
            run_step(supervisor, application.make_step("seed_demo"))
            say("Demo        seeded")
        else:
            run_step(supervisor, application.make_step("collectstatic", "--noinput"))
        start_application(supervisor, application, port, say)
        url = f"http://{LOOPBACK}:{port}"
        tell_instance(supervisor, urls, url)
        status = int(ExitCode.OK)
        if is_demo:
            status = play_demo(supervisor, application, url, say)
            say_logins(configuration.data, url, say)
        if once:
            return status
        say(f"Serving on {url}. Ctrl-C stops everything; the data stay.")
        supervisor.serve()
        say("Stopping: running tasks get 20 s to end. Ctrl-C again to wait no longer.")
        return int(ExitCode.OK)


def execute(
    configuration: Configuration, environment: Mapping[str, str], arguments: Sequence[str], *, say: Say
) -> int:
    """Run a command with both servers at hand: those of the running instance, or ones started for it only."""
    if is_locked(configuration.data):
        instance = Instance.read(locate_record(configuration.data))
        if instance is None or instance.purpose != "run" or not instance.web_url:
            raise LaunchError(describe_running(instance, configuration.data), ExitCode.ALREADY_RUNNING)
        supervisor = Supervisor(instance, say)
        supervisor.catch_signals()
        urls = ServerUrls(
            instance.database_url, instance.broker_url, instance.database_owner_url or instance.database_url
        )
        application = make_application(configuration, environment, urls)
        return status_of(supervisor.run_to_end(make_foreground_command(application, arguments)))
    with launch(configuration, "exec", say) as supervisor:
        urls = start_servers(configuration, supervisor, lambda line: None)
        application = make_application(configuration, environment, urls)
        return status_of(supervisor.run_to_end(make_foreground_command(application, arguments)))


def describe_environment(configuration: Configuration) -> str:
    """Return shell lines that point a terminal at the running instance; LaunchError when there is none."""
    instance = Instance.read(locate_record(configuration.data)) if is_locked(configuration.data) else None
    if instance is None or not instance.database_url:
        raise LaunchError("Nothing is running here. Start it with `make run`.", ExitCode.NOT_RUNNING)
    values = {
        "DJANGO_SETTINGS_MODULE": "deploy.settings",
        "DEPLOYMENT": configuration.deployment,
        "BMIS_DATA_DIR": str(configuration.data),
        "DATABASE_URL": instance.database_url,
        "DATABASE_OWNER_URL": instance.database_owner_url,
        "BROKER_URL": instance.broker_url,
        "SECRET_KEY": configuration.secret_key or keep_secret_key(configuration.data),
    }
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items())


def clean(configuration: Configuration, *, say: Say) -> None:
    """Remove the data of this checkout, also what lies outside it."""
    if not configuration.data.exists():
        return
    with hold_lock(configuration.data):
        end_leftovers(configuration.data)
        for folder in remove_data(configuration.data):
            say(f"Removed {folder}")


@contextlib.contextmanager
def launch(configuration: Configuration, purpose: str, say: Say) -> Iterator[Supervisor]:
    """Be the one launcher of the data folder: clear up after an earlier one, stop all at the end."""
    configuration.check_embedded_servers_are_allowed()
    make_data_folder(configuration.data)
    check_disk_space(configuration.data)
    with hold_lock(configuration.data):
        instance = Instance(locate_record(configuration.data), purpose=purpose)
        supervisor = Supervisor(instance, say)
        supervisor.catch_signals()
        for name in end_leftovers(configuration.data):
            say(f"Stopped {name}, left by an earlier run that did not end well")
        instance.write()
        try:
            yield supervisor
        except LaunchError as error:
            # what a terminal's Ctrl-C did to initdb or migrate is not worth a report of its own
            if supervisor.is_stopping and not isinstance(error, InterruptedStartError):
                raise InterruptedStartError from error
            raise
        finally:
            supervisor.stop_all()


def make_application(
    configuration: Configuration, environment: Mapping[str, str], urls: ServerUrls
) -> Application:
    return Application(
        checkout=configuration.checkout,
        data=configuration.data,
        environment=make_environment(
            base=environment,
            data=configuration.data,
            deployment=configuration.deployment,
            database_url=urls.database,
            broker_url=urls.broker,
            secret_key=configuration.secret_key or keep_secret_key(configuration.data),
        ),
        owner_url=urls.owner,
    )


def run_step(supervisor: Supervisor, command: Command) -> None:
    """Run a management command; LaunchError with the end of its log when it fails."""
    child = supervisor.run_to_end(command)
    if child.status:
        raise LaunchError(
            f"{command.name} failed (status {child.status}).\n{child.describe_log()}", ExitCode.STEP_FAILED
        )


def start_application(supervisor: Supervisor, application: Application, port: int, say: Say) -> None:
    """Start workers, web and sweep side by side, and wait until the booth's way is ready."""
    commands = [*application.make_workers(), application.make_web(port), application.make_sweep()]
    children = [supervisor.start(command) for command in commands]
    for child in children:
        supervisor.wait_until_ready(child)
    say(
        f"Ready       {', '.join(child.command.name.lower() for child in children)}; logs in "
        f"{application.logs}"
    )


def tell_instance(supervisor: Supervisor, urls: ServerUrls, url: str) -> None:
    instance = supervisor.instance
    instance.database_url, instance.broker_url, instance.web_url = urls.database, urls.broker, url
    instance.database_owner_url = urls.owner
    instance.write()


def play_demo(supervisor: Supervisor, application: Application, url: str, say: Say) -> int:
    """Send the demo travellers through the public API on the terminal; return the status of that."""
    command = application.make_step("play_demo", "--url", url, "--expect", in_foreground=True)
    status = status_of(supervisor.run_to_end(command))
    if status:
        say(f"The demo did not go as the seed expects (status {status}); see above and {application.logs}.")
    return status


def status_of(child: Child) -> int:
    """Return the exit status as a shell gives it: 128 and the number of the signal that ended it."""
    status = child.status or 0
    return 128 - status if status < 0 else status


def make_foreground_command(application: Application, arguments: Sequence[str]) -> Command:
    return Command(
        name=arguments[0],
        arguments=tuple(arguments),
        log=application.logs / "exec.log",
        environment=application.step_environment,
        folder=Path.cwd(),
        marker=arguments[0],
        in_foreground=True,
    )


def say_logins(data: Path, url: str, say: Say) -> None:
    """Print where to log in and as whom; seed_demo wrote that."""
    path = data / DEMO_LOGINS
    if not path.exists():
        return
    logins = json.loads(path.read_text())
    say("Log in:")
    for login in logins:
        where = login["where"]
        address = url + where if where.startswith("/") else where
        say(f"  {login['role']:<12} {login['username']:<12} {login['password']:<20} {address}")
