"""The command line as a program: `myositis COMMAND` or `python -m myositis COMMAND`."""

from model.commands.main import main


def command() -> int:
    """Run one command; returns the exit code."""
    return main(name="myositis")


if __name__ == "__main__":
    raise SystemExit(command())
