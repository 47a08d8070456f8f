"""Fupan: batch reviews of Go games with KataGo, printed in Chinese."""

__version__: str


def __getattr__(name: str) -> str:
    """The version, looked up when it is asked for: that costs more than the rest of a start."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("fupan")
    except PackageNotFoundError:  # running from a tree that was never installed
        return "0+unknown"
