"""Fupan: batch reviews of Go games with KataGo, printed in Chinese."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("fupan")
except PackageNotFoundError:  # running from a tree that was never installed
    __version__ = "0+unknown"
