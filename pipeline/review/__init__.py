"""Judging moves: losses, classes, key moments, statistics."""
