"""`thymos version`: what is installed."""

import typer


def command() -> None:
    """Print the version."""
    from thymos import __version__

    typer.echo(__version__)
