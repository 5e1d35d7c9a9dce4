"""The command line: python -m deploy.launcher run | exec | shell-env | clean."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from deploy.launcher.configuration import Configuration
from deploy.launcher.failures import ExitCode, LaunchError
from deploy.launcher.run import clean, describe_environment, execute, run


def say(line: str) -> None:
    print(line, flush=True)


def warn(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.launcher", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="start everything, play the demo, serve until Ctrl-C")
    running.add_argument(
        "--once", action="store_true", help="stop after the demo; the exit status is the demo's"
    )
    executing = commands.add_parser("exec", help="run a command with the servers at hand: exec -- COMMAND...")
    executing.add_argument("arguments", nargs=argparse.REMAINDER, metavar="COMMAND")
    commands.add_parser(
        "shell-env", help='print export lines for the running instance: eval "$(... shell-env)"'
    )
    commands.add_parser("clean", help="remove the data of this checkout")
    return parser


def main(argv: Sequence[str]) -> int:
    parser = make_parser()
    options = parser.parse_args(argv)
    try:
        configuration = Configuration.from_environment(os.environ)
        if options.command == "run":
            return run(configuration, os.environ, once=options.once, say=say)
        if options.command == "exec":
            arguments = options.arguments[1:] if options.arguments[:1] == ["--"] else options.arguments
            if not arguments:
                parser.error("exec needs a command")
            return execute(configuration, os.environ, arguments, say=warn)  # stdout is the command's
        if options.command == "shell-env":
            say(describe_environment(configuration))
        else:
            clean(configuration, say=say)
    except LaunchError as error:
        warn(str(error))
        return int(error.code)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    return int(ExitCode.OK)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
