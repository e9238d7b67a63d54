"""``python -m webapp`` runs an instance on this machine; ``python -m webapp COMMAND …`` a command beside it."""

from __future__ import annotations

import asyncio
import sys

from webapp.settings import SettingsError, load_settings, read_settings


def main() -> int:
    """Run until Ctrl-C, or do what the command says; whatever prevents that is said in one sentence."""
    try:
        if sys.argv[1:]:
            command(sys.argv[1:])
        else:
            run()
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        what = "do this" if sys.argv[1:] else "start"
        print(f"Hedgerow cannot {what}: {sentence.rstrip('.')}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def run() -> None:
    """Check what can be checked, then supervise."""
    settings = read_settings()

    from webapp.instance import InstanceLock
    from webapp.supervisor.checks import check_free_disk, listen, prepare_data_dir
    from webapp.supervisor.run import Supervisor
    from webapp.supervisor.terminal import Terminal

    prepare_data_dir(settings.data_dir)
    with InstanceLock(settings.data_dir).take() as lock:
        check_free_disk(settings)
        with listen(settings.host, settings.port) as listener:
            terminal = Terminal(shows_all=settings.log_level == "debug")

            async def supervise() -> None:
                await Supervisor(settings, terminal, lock, listener).run()

            asyncio.run(supervise())


def command(arguments: list[str]) -> None:
    """Run a command of the application."""
    settings = load_settings()

    from flask.cli import FlaskGroup

    from webapp import create_app

    group = FlaskGroup(
        add_default_commands=False,
        add_version_option=False,
        create_app=lambda: create_app(settings),
        load_dotenv=False,
        set_debug_flag=False,
    )
    group.params.clear()  # Flask's own: which application, which file of settings, debugging
    group.main(arguments, prog_name="./hedgerow")


def explain(error: Exception) -> str | None:
    """Return the sentence for an error that has one."""
    from webapp.embedded.processes import ServerError
    from webapp.instance import AlreadyRunning
    from webapp.supervisor import CannotStart

    if isinstance(error, SettingsError | CannotStart | AlreadyRunning | ServerError):
        return str(error)
    if isinstance(error, ImportError):
        return f"a library cannot be loaded: {error}. Remove the folder .venv and run ./hedgerow again."
    if isinstance(error, OSError):  # a full disk, for instance
        return f"{error.filename or 'the system'}: {error.strerror or error}."
    return None


if __name__ == "__main__":
    sys.exit(main())
