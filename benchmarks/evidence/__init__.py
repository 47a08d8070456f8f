"""Whether the verdicts are right: positions with one right answer, and games with known mistakes."""
