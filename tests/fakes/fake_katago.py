"""A stand-in for ``katago analysis``: the real protocol, made-up values, and faults on demand.

Run as a program: ``fake_katago.py analysis -config FILE -model FILE [-quit-without-waiting]``.

A board larger than the buffer that the config names is dealt with as KataGo
1.18.1 does: one line on standard error, never an answer, and a search thread
fewer; when all are gone nothing is answered any more.

``FAKE_KATAGO_FAULTS`` holds faults separated by commas, each ``name``,
``name=value`` or ``name=value@starts``; with ``@2`` it applies to the first two
starts only (counted in the folder ``FAKE_KATAGO_STATE``, which also collects
``searched``: one line ``turn visits`` for each finished search).

=================  ==========================================================
crash_after_n=N    SIGKILL itself before answer N+1
exit0=N            end quietly with code 0 before answer N+1
stopped=N          SIGSTOP itself before answer N+1
hang=N             answer nothing after N answers, ignore SIGTERM and stdin
frozen=N           like hang, but go on reporting a search that does not grow
garbage            lines that are no replies, with bytes that are no UTF-8
split_line         every answer is written in two pieces
stderr_flood=N     N lines on standard error before each answer
stderr_line        a line of two megabytes on standard error before each answer
out_of_order       newest first
duplicate          every answer twice
missing_turn=N     the position after N moves is never answered
missing_once=N     the same, the first time
nan_once=N         no number as winrate for the position after N moves, the first time
warning            an unknown-field warning for every query
error_with_id=N    the query for the position after N moves is refused
error_without_id   a complaint without id beside every answer
nan=N              no number as winrate for the position after N moves (-1: all)
wild=N             a winrate above 1 for the position after N moves
beyond=N           a score that no single-precision number holds, after N moves
few_visits=N       too few visits for the position after N moves
illegal=N          a candidate on an occupied point, after N moves
illegal_pv=N       a variation that plays twice on one point, after N moves
partial            two reports during every search
slow_start=S       S seconds until ready, silent
tuning=S           S seconds until ready, chatting on standard error
killed_at_start    SIGKILL itself while it comes up
oom_at_start       out of memory, exit code 1
bad_network        the network cannot be parsed, SIGABRT
huge_line          answers of 1.5 megabytes
poison=N           SIGKILL itself when the position after N moves is searched
poison_canary      SIGKILL itself at the first search of all
slow=MS            milliseconds for each search
visit_us=US        microseconds for each visit on a 19x19 board, less on smaller ones
=================  ==========================================================
"""

from __future__ import annotations

import hashlib
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Collection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pipeline.go.board import Board, Color, IllegalPlay, Point, parse_vertex, vertex_name

VERSION = os.environ.get("FAKE_KATAGO_VERSION", "1.18.1")
GIT_HASH = "fa4e" * 10
RULES = {
    "chinese", "japanese", "korean", "aga", "new-zealand", "tromp-taylor", "ing",
    "chinese-ogs", "chinese-kgs", "ancient-area", "ancient-territory",
}  # fmt: skip
FIELDS = {
    "id", "action", "terminateId", "moves", "rules", "komi", "boardXSize", "boardYSize", "initialStones",
    "initialPlayer", "analyzeTurns", "maxVisits", "includeOwnership", "priority", "whiteHandicapBonus",
    "overrideSettings", "analysisPVLen", "includePolicy", "reportDuringSearchEvery",
}  # fmt: skip


class Refused(Exception):
    def __init__(self, text: str, field: str) -> None:
        super().__init__(text)
        self.field = field


class Faults:
    def __init__(self, text: str, start: int) -> None:
        self._active: dict[str, float] = {}
        for part in filter(None, text.split(",")):
            spec, _, starts = part.partition("@")
            name, _, value = spec.partition("=")
            if not starts or start <= int(starts):
                self._active[name] = float(value or 1)

    def __contains__(self, name: str) -> bool:
        return name in self._active

    def get(self, name: str) -> float:
        return self._active.get(name, 0.0)

    def hits(self, name: str, moves: int) -> bool:
        return name in self._active and self._active[name] in (moves, -1)


def has_liberty(board: Board, point: Point, taken: Collection[Point]) -> bool:
    """Whether a stone can be put there for certain."""
    return any(near not in taken for near in board.neighbours(point))


def variation(board: Board, move: str, points: list[Point]) -> list[str]:
    """A move, and others after it as long as they are surely legal."""
    first = parse_vertex(move, board.width, board.height)
    taken = {*board.stones, *([first] if first else [])}
    line = [move]
    for point in points:
        if point != first:
            if not has_liberty(board, point, taken):
                break
            taken.add(point)
            line.append(vertex_name(point))
    return line


class FakeKatago:
    def __init__(self, argv: list[str]) -> None:
        state = os.environ.get("FAKE_KATAGO_STATE")
        self.state = Path(state) if state else None
        self.faults = Faults(os.environ.get("FAKE_KATAGO_FAULTS", ""), self.count_start())
        self.network = argv[argv.index("-model") + 1]
        self.config = self.read_config(Path(argv[argv.index("-config") + 1]))
        self.human = "-human-model" in argv
        self.quit_at_once = "-quit-without-waiting" in argv
        self.inbox: queue.Queue[str | None] = queue.Queue()
        self.waiting: list[dict] = []
        self.answers = 0
        self.buffer = [int(self.config.get(f"maxBoard{axis}SizeForNNBuffer", 19)) for axis in "XY"]
        self.threads = int(self.config.get("numAnalysisThreads", 1))
        self.seen: set[tuple[str, int]] = set()
        self.sequence = 0

    def count_start(self) -> int:
        if self.state is None:
            return 1
        path = self.state / "starts"
        number = int(path.read_text()) + 1 if path.exists() else 1
        path.write_text(str(number))
        return number

    def read_config(self, path: Path) -> dict[str, str]:
        values = dict(
            (part.strip() for part in line.split("=", 1))
            for line in path.read_text("utf-8").splitlines()
            if "=" in line
        )
        if "nnMaxBatchSize" not in values:
            self.abort(f"Could not find key 'nnMaxBatchSize' in config file {path}")
        return values

    def first_time(self, fault: str, turn: int) -> bool:
        """Whether a fault of the ``_once`` kind strikes now."""
        if not self.faults.hits(fault, turn) or (fault, turn) in self.seen:
            return False
        self.seen.add((fault, turn))
        return True

    def abort(self, text: str) -> None:
        self.say("terminate called after throwing an instance of 'StringError'")
        self.say(f"  what():  {text}")
        os.kill(os.getpid(), signal.SIGABRT)

    def say(self, text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def write(self, reply: dict) -> None:
        data = (json.dumps(reply) + "\n").encode()
        if "split_line" in self.faults:
            half = len(data) // 2
            sys.stdout.buffer.write(data[:half])
            sys.stdout.buffer.flush()
            time.sleep(0.001)
            data = data[half:]
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def come_up(self) -> None:
        self.say(f"2026-01-01 00:00:00+0000: KataGo v{VERSION}")
        if "oom_at_start" in self.faults:
            self.say("OpenCL error at openclhelpers.cpp, func err, line 99, error CL_MEM_OBJECT_ALLOCATION_FAILURE")
            sys.exit(1)
        if "bad_network" in self.faults:
            self.abort(
                f"Error loading or parsing model file {self.network}: Error while ungzipping file, Z_DATA_ERROR."
            )
        if "killed_at_start" in self.faults:
            os.kill(os.getpid(), signal.SIGKILL)
        self.say("2026-01-01 00:00:00+0000: Using OpenCL Device 0: Fake GPU 9000 (Fake Corporation) OpenCL 3.0 (Ext)")
        until = time.monotonic() + self.faults.get("tuning")
        while time.monotonic() < until:
            self.say("Tuning 1/60 ...")
            time.sleep(0.02)
        time.sleep(self.faults.get("slow_start"))
        self.say("2026-01-01 00:00:00+0000: OpenCL backend thread 0: Model version 8")
        self.say("2026-01-01 00:00:00+0000: Started, ready to begin handling requests")

    def pump(self) -> None:
        for line in sys.stdin:
            self.inbox.put(line)
        self.inbox.put(None)

    def run(self) -> None:
        self.come_up()
        threading.Thread(target=self.pump, daemon=True).start()
        closed = False
        while True:
            while not closed:
                try:
                    line = self.inbox.get(block=not self.waiting)
                except queue.Empty:
                    break
                if line is None:
                    closed = True
                else:
                    self.handle(line)
            if closed and (self.quit_at_once or not self.waiting):
                return
            pick = max if "out_of_order" in self.faults else min
            best = max(p["priority"] for p in self.waiting)
            chosen = pick((p for p in self.waiting if p["priority"] == best), key=lambda p: p["sequence"])
            self.waiting.remove(chosen)
            self.search(chosen)

    def handle(self, line: str) -> None:
        try:
            query = json.loads(line)
        except ValueError:
            return self.write({"error": f"could not parse input line as json request: {line.strip()}"})
        if not isinstance(query, dict) or not isinstance(query.get("id"), str):
            return self.write({"error": 'Request must have a string "id" field'})
        if "action" in query:
            return self.act(query)
        try:
            positions = self.positions(query)
        except Refused as refused:
            return self.write({"error": str(refused), "field": refused.field, "id": query["id"]})
        unknown = sorted(set(query) - FIELDS)
        if "warning" in self.faults:
            unknown.append("foo")
        for name in unknown:
            self.write({"field": name, "id": query["id"], "warning": "Unexpected or unused field, do you have a typo?"})
        self.waiting += positions
        return None

    def act(self, query: dict) -> None:
        action = query["action"]
        if action == "query_version":
            self.write({**query, "version": VERSION, "git_hash": GIT_HASH})
        elif action == "query_models":
            model = {"internalName": "fake-b1c1", "name": self.network, "maxBatchSize": 8, "version": 8}
            self.write({**query, "models": [model]})
        elif action in ("terminate", "terminate_all"):
            gone = [p for p in self.waiting if action == "terminate_all" or p["id"] == query.get("terminateId")]
            for position in gone:
                self.waiting.remove(position)
                self.write(
                    {"id": position["id"], "turnNumber": position["turn"], "isDuringSearch": False, "noResults": True}
                )
            self.write(query)
        elif action == "clear_cache":
            self.write(query)
        else:
            self.write({"error": "'action' field must be 'query_version' or 'query_models' or ..."})

    def positions(self, query: dict) -> list[dict]:
        if str(query.get("rules", "")).lower() not in RULES:
            raise Refused(f"Could not parse rules: {query.get('rules')}", "rules")
        komi = query.get("komi", 7.5)
        if not isinstance(komi, int | float) or komi * 2 != int(komi * 2) or abs(komi) > 400:
            raise Refused("Must be a integer or half-integer from -400.0 to 400.0", "komi")
        width, height = query["boardXSize"], query["boardYSize"]
        if not (2 <= width <= 19 and 2 <= height <= 19):
            raise Refused("Must be an integer from 2 to 19", "boardXSize")
        board = Board(width, height)
        for color, vertex in query.get("initialStones", []):
            point = parse_vertex(vertex, width, height)
            assert point is not None
            board.setup(**{"black" if color == "B" else "white": [point]})
        boards, player = [board.copy()], Color(query.get("initialPlayer", "B"))
        players = [player]
        for number, (color, vertex) in enumerate(query["moves"]):
            try:
                board.play(Color(color), parse_vertex(vertex, width, height), allow_ko=True)
            except (IllegalPlay, ValueError):
                raise Refused(f"Illegal move {number}: {vertex}", "moves") from None
            boards.append(board.copy())
            players.append(Color(color).opponent)
        turns = query.get("analyzeTurns", [len(query["moves"])])
        positions = []
        for turn in turns:
            if turn >= len(boards):
                raise Refused(f"Invalid turn number: {turn}", "analyzeTurns")
            if self.faults.hits("error_with_id", turn):
                raise Refused("Illegal move 0: A1", "moves")
            self.sequence += 1
            positions.append(
                {
                    "id": query["id"],
                    "turn": turn,
                    "board": boards[turn],
                    "player": players[turn],
                    "visits": query.get("maxVisits", int(self.config.get("maxVisits", 100))),
                    "ownership": bool(query.get("includeOwnership")),
                    "pv_length": query.get("analysisPVLen", 15),
                    "priority": query.get("priority", 0),
                    "komi": komi,
                    "policy": bool(query.get("includePolicy")),
                    "profile": query.get("overrideSettings", {}).get("humanSLProfile", ""),
                    "sequence": self.sequence,
                }
            )
        return positions

    def search(self, position: dict) -> None:
        canary = position["id"] == "canary"
        turn = position["turn"]
        if position["board"].width > self.buffer[0] or position["board"].height > self.buffer[1]:
            self.threads -= 1
            size = f"nnXLen = {self.buffer[0]} nnYLen = {self.buffer[1]}"
            why = f"Search got from NNEval {size} but was asked to search board with larger x or y size"
            return self.say(f"2026-01-01 00:00:00+0000: ERROR: Async bot thread failed: {why}")
        if self.threads < 1:
            return None
        if self.faults.hits("poison", turn) and not canary:
            os.kill(os.getpid(), signal.SIGKILL)
        if canary and "poison_canary" in self.faults:
            os.kill(os.getpid(), signal.SIGKILL)
        if canary:
            return self.write(self.answer(position))
        self.misbehave()
        size = position["board"].width * position["board"].height / 361
        time.sleep(self.faults.get("slow") / 1000 + position["visits"] * size * self.faults.get("visit_us") / 1e6)
        if self.faults.hits("missing_turn", turn) or self.first_time("missing_once", turn):
            return None
        reply = self.answer(position)
        if "partial" in self.faults:
            for share in (3, 2):
                root = {**reply["rootInfo"], "visits": position["visits"] // share}
                self.write({**reply, "rootInfo": root, "isDuringSearch": True})
        self.spoil(reply, position)
        self.answers += 1
        if self.state is not None:
            with (self.state / "searched").open("a") as stream:
                stream.write(f"{turn} {position['visits']}\n")
        for _ in range(2 if "duplicate" in self.faults else 1):
            self.write(reply)
        return None

    def misbehave(self) -> None:
        if "crash_after_n" in self.faults and self.answers >= self.faults.get("crash_after_n"):
            os.kill(os.getpid(), signal.SIGKILL)
        if "exit0" in self.faults and self.answers >= self.faults.get("exit0"):
            os._exit(0)
        if "stopped" in self.faults and self.answers >= self.faults.get("stopped"):
            os.kill(os.getpid(), signal.SIGSTOP)
        for name in ("hang", "frozen"):
            if name in self.faults and self.answers >= self.faults.get(name):
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                while True:
                    time.sleep(0.02)
                    if name == "frozen":
                        root = {"visits": 7}
                        self.write({"id": "p1", "turnNumber": 0, "isDuringSearch": True, "rootInfo": root})
        for number in range(int(self.faults.get("stderr_flood"))):
            self.say(f"flood {number} " + "x" * 120)
        if "stderr_line" in self.faults:
            self.say("x" * 2_000_000)
        if "garbage" in self.faults:
            sys.stdout.buffer.write(b'\xff\xfe\x00 broken\n\n[1, 2]\n{}\n"text"\n{"id": 5}\n' + b"[" * 5000 + b"\n")
        if "error_without_id" in self.faults:
            self.write({"error": 'Request must have a string "id" field'})

    def spoil(self, reply: dict, position: dict) -> None:
        turn = position["turn"]
        if self.faults.hits("nan", turn) or self.first_time("nan_once", turn):
            reply["rootInfo"]["winrate"] = None
        if self.faults.hits("wild", turn):
            reply["rootInfo"]["winrate"] = 1.7
        if self.faults.hits("beyond", turn):
            reply["moveInfos"][0]["scoreLead"] = 1e39
        if self.faults.hits("few_visits", turn):
            reply["rootInfo"]["visits"] = position["visits"] // 2
        if self.faults.hits("illegal", turn) and position["board"].stones:
            vertex = vertex_name(min(position["board"].stones))
            reply["moveInfos"][0] |= {"move": vertex, "pv": [vertex]}
        if self.faults.hits("illegal_pv", turn):
            info = reply["moveInfos"][0]
            info["pv"] = [info["move"], info["pv"][1], info["move"]]
        if "huge_line" in self.faults:
            reply["policy"] = [0.0027700831] * 120_000

    def answer(self, position: dict) -> dict:
        board, player, visits = position["board"], position["player"], position["visits"]
        stones = sorted((p, str(c)) for p, c in board.stones.items())
        seed = int.from_bytes(hashlib.sha256(repr((stones, str(player), position["komi"])).encode()).digest()[:8])
        ahead = sum(color.sign for color in board.stones.values())
        winrate = min(0.99, max(0.01, 0.5 + ahead * 0.1 + (seed % 100 - 50) / 1000))
        free = [Point(c, r) for r in range(board.height) for c in range(board.width) if Point(c, r) not in board.stones]
        start = seed % max(1, len(free))
        open_points = [p for p in free[start:] + free[:start] if has_liberty(board, p, board.stones)][:30]
        moves = [vertex_name(p) for p in open_points] + ["pass"]
        infos = []
        left = max(1, visits - 1)
        for order, move in enumerate(moves):
            share = max(1, left // 2)
            infos.append(
                {
                    "move": move,
                    "order": order,
                    "visits": share,
                    "winrate": winrate,
                    "scoreLead": (winrate - 0.5) * 40,
                    "scoreStdev": 12.5,
                    "lcb": winrate - 0.01 * player.sign,
                    "prior": 0.5 / (order + 1),
                    "pv": variation(board, move, open_points)[: position["pv_length"]],
                }
            )
            left -= share
            if left < 1:
                break
        reply = {
            "id": position["id"],
            "turnNumber": position["turn"],
            "isDuringSearch": False,
            "moveInfos": infos,
            "rootInfo": {
                "currentPlayer": str(player),
                "visits": visits,
                "winrate": winrate,
                "scoreLead": (winrate - 0.5) * 40,
                "scoreStdev": 12.5,
                "rawWinrate": winrate,
                "rawLead": (winrate - 0.5) * 40,
                "rawStWrError": 0.1,
                "rawStScoreError": 1.5,
                "thisHash": f"{seed:016X}",
            },
        }
        if self.human and position["profile"]:
            for info in infos:
                info["humanPrior"] = 0.4 / (info["order"] + 1)
            reply["rootInfo"]["humanWinrate"] = winrate
            if position["policy"]:
                chances = dict.fromkeys([*map(vertex_name, free), "pass"], 0.001) | {
                    info["move"]: info["humanPrior"] for info in infos
                }
                names = [vertex_name(Point(c, r)) for r in reversed(range(board.height)) for c in range(board.width)]
                reply["humanPolicy"] = [chances.get(name, -1) for name in [*names, "pass"]]
        if position["ownership"]:
            values = {None: 0.0, Color.BLACK: 0.9, Color.WHITE: -0.9}
            reply["ownership"] = [
                values[board.stones.get(Point(c, r))] for r in reversed(range(board.height)) for c in range(board.width)
            ]
        return reply


if __name__ == "__main__":
    FakeKatago(sys.argv[1:]).run()
