"""Mutate real game files and feed them to the reader: nothing but GameError may come out, and never slowly.

    python benchmarks/fuzz_reader.py 100000 FOLDER [SEED]

FOLDER holds game files (any depth). Figures are printed at the end.

Last run (two busy cores, Python 3.11, seed 1): 100,000 files from 140 seeds in
499 s (200/s), slowest 0.655 s; 62,975 read, 37,025 refused with a GameError,
nothing else raised.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path

from pipeline.errors import GameError
from pipeline.go.formats import SUPPORTED_SUFFIXES, read_game_file

TOKENS = [
    b"(",
    b")",
    b";",
    b"[",
    b"]",
    b"\\",
    b"(;",
    b"B[",
    b"AB[aa:ss]",
    b"SZ[",
    b"KM[375]",
    b"HA[9]",
    b"\xff\xfe",
    b"\x00",
]
TOKENS += [
    b"\xb6\xce",
    "段".encode(),
    "又3/4子".encode(),
    b"RE[W+0.02]",
    b"\r\n",
    b"PM",
    b"STO 0 2 1 ",
    b"[Data]\n",
    b"tt",
]
LONGEST = 200_000


def mutate(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """One to six random edits."""
    body = bytearray(data[:LONGEST])
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(body) + 1)
        span = rng.choice((1, 2, 5, 40, 400))
        kind = rng.randrange(7)
        if kind == 0:
            del body[at : at + span]
        elif kind == 1:
            body[at:at] = rng.choice(TOKENS)
        elif kind == 2:
            body[at : at + span] = rng.randbytes(rng.choice((1, 2, 5)))
        elif kind == 3:
            body[at:at] = body[at : at + span] * rng.choice((1, 2, 30))
        elif kind == 4:
            other = rng.choice(others)
            start = rng.randrange(len(other) + 1)
            body[at:at] = other[start : start + span]
        elif kind == 5:
            del body[at:]
        elif at < len(body):
            body[at] ^= 1 << rng.randrange(8)
    return bytes(body)


def main() -> int:
    """Run and report; 1 when anything but a GameError came out."""
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    files = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in SUPPORTED_SUFFIXES]
    corpus = [p.read_bytes() for p in files]
    rng = random.Random(seed)
    outcomes: Counter[str] = Counter()
    slowest, wrong = 0.0, 0
    begun = time.perf_counter()
    for _ in range(count):
        index = rng.randrange(len(corpus))
        data = mutate(corpus[index], corpus, rng)
        started = time.perf_counter()
        try:
            records = read_game_file(data, file=files[index].name)
            outcomes["read"] += 1
            for record in records:
                record.board_at(record.total_turns)
        except GameError as error:
            outcomes[error.code] += 1
        except Exception as error:
            wrong += 1
            outcomes[f"BUG {type(error).__name__}: {error}"[:90]] += 1
            if wrong <= 5:
                Path(f"fuzz-{seed}-{wrong}.bin").write_bytes(data)
        slowest = max(slowest, time.perf_counter() - started)
    total = time.perf_counter() - begun
    print(f"{count} files from {len(corpus)} seeds in {total:.0f} s ({count / total:.0f}/s), slowest {slowest:.3f} s")
    for code, number in outcomes.most_common():
        print(f"{number:8d}  {code}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
