"""The command line: python -m model COMMAND. Bad input is one line on stderr and exit code 2."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from model.commands import calibrate, cohort, letters, measure, patient, priors
from model.errors import InputError, nearest
from model.inference.net import Net, load


def main(arguments: Sequence[str] | None = None, name: str = "python -m model") -> int:
    """Run one command; returns the exit code. `name`: how the program was called, for its help."""
    options = _parser(name).parse_args(arguments)
    try:
        net = load(options.priors)
        if getattr(options, "setting", None):
            _known_setting(net, options.setting)
        options.run(net, options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


class _Parser(argparse.ArgumentParser):
    """A parser that reports a fault in one line, as all commands do."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message}; {self.prog} --help tells more\n")


def _parser(name: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=name,
        description="Open diagnostic model of the inflammatory myopathies. For education, research and decision "
        "support by professionals; not a medical device.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("--priors", metavar="DIR", help="a folder of priors (default: the shipped one)")
        added.set_defaults(run=run)
        return added

    for group in (patient, letters, cohort, calibrate, measure, priors):
        group.add_commands(command)
    return parser


def _known_setting(net: Net, setting: str) -> None:
    if setting not in net.vocabulary.settings:
        hint = nearest(setting, net.vocabulary.settings)
        raise InputError(f"field setting: {setting!r} is not a setting{hint}")
