"""The SQL of the statistics over many games (DuckDB). Variables: since, until, event, who, text.

Tables: ``stored`` is the joined copy, one row a judged move (or one row without a
move for a game of which none was judged); ``chosen`` the files that count,
each game once; ``selected`` their moves; ``asked`` the judged ones of one player
or of all, with what is measured in them.
"""

from __future__ import annotations

MIN_PHASE_MOVES = 20  # fewer moves say nothing about a phase
TOP_TAGS = 12
WORST_MOVES = 10

_COLUMNS = {
    "key": "UBIGINT",  # of the file: numbers are counted faster than names
    "file": "VARCHAR",
    "stamp": "BIGINT",
    "game_id": "VARCHAR",
    "deep": "BOOLEAN",
    "visits": "INTEGER",
    "finished_at": "VARCHAR",
    "source_file": "VARCHAR",
    "date": "VARCHAR",
    "event": "VARCHAR",
    "winner": "VARCHAR",
    "player": "VARCHAR",
    "who": "VARCHAR",
    "name": "VARCHAR",
    "opponent": "VARCHAR",
    "move_number": "INTEGER",
    "vertex": "VARCHAR",
    "best_vertex": "VARCHAR",
    "phase": "VARCHAR",
    "category": "VARCHAR",
    "points": "FLOAT",
    "points_root": "FLOAT",
    "complexity": "FLOAT",
    "rank": "SMALLINT",
    "forced": "BOOLEAN",
    "tags": "VARCHAR[]",
    "zone": "VARCHAR",
    "region": "VARCHAR",
}
# From the lower left corner, row by row.
_REGIONS = (
    *("lower_left", "lower_side", "lower_right"),
    *("left_side", "centre", "right_side"),
    *("upper_left", "upper_side", "upper_right"),
)
EMPTY = f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS {name}' for name, kind in _COLUMNS.items())} WHERE false"
OPEN_CACHE = f"CREATE OR REPLACE TEMP VIEW stored AS SELECT {', '.join(_COLUMNS)} FROM read_parquet({{path}})"

VERSIONS = "SELECT file_name, value FROM parquet_kv_metadata($games) WHERE key = $key"

ADD = f"""
INSERT INTO renewed BY NAME
WITH stamps AS (SELECT unnest($files) AS file, unnest($stamps) AS stamp),
games AS (
    SELECT * FROM (SELECT *, parse_filename(filename) AS file
                   FROM read_parquet($games, union_by_name = true, filename = true)) JOIN stamps USING (file)
),
moves AS (
    SELECT *, strpos('ABCDEFGHJKLMNOPQRST', vertex[1]) - 1 AS col, try_cast(vertex[2:] AS INTEGER) - 1 AS line
    FROM read_parquet($moves, union_by_name = true) WHERE points_lost IS NOT NULL
)
SELECT hash(g.file) AS key, g.file, g.stamp, g.game_id,
       g.level = 'deep' AS deep, g.visits, g.finished_at, g.source_file, g.date, g.event,
       g.result_winner AS winner, m.player,
       if(m.player = 'B', g.black_player, g.white_player) AS who,
       if(m.player = 'B', g.black_name, g.white_name) AS name,
       if(m.player = 'B', g.white_name, g.black_name) AS opponent,
       m.move_number, m.vertex, m.best_vertex, m.phase, m.category, m.points_lost AS points,
       m.points_lost_root AS points_root, m.complexity, m.rank, m.forced, m.tags,
       CASE WHEN m.vertex IS NULL OR m.vertex = 'pass' THEN NULL
            ELSE ['centre', 'side', 'corner'][1
                 + CAST(col * 3 < g.board_width - 1 OR col * 3 > 2 * (g.board_width - 1) AS INTEGER)
                 + CAST(line * 3 < g.board_height - 1 OR line * 3 > 2 * (g.board_height - 1) AS INTEGER)]
       END AS zone,
       CASE WHEN m.vertex IS NULL OR m.vertex = 'pass' THEN NULL
            ELSE {list(_REGIONS)}[5 + CAST(col * 3 > 2 * (g.board_width - 1) AS INTEGER)
                 - CAST(col * 3 < g.board_width - 1 AS INTEGER)
                 + 3 * CAST(line * 3 > 2 * (g.board_height - 1) AS INTEGER)
                 - 3 * CAST(line * 3 < g.board_height - 1 AS INTEGER)]
       END AS region
FROM games g LEFT JOIN moves m USING (game_id, profile_id)
"""

FIND_PLAYERS = """
SELECT who, any_value(name), CAST(count(DISTINCT key) AS INTEGER) AS games FROM selected
WHERE who <> '' AND (contains(who, getvariable('text')) OR contains(lower(name), getvariable('text')))
GROUP BY who ORDER BY games DESC, who
"""

CHOOSE = """
CREATE OR REPLACE TEMP TABLE chosen AS
SELECT key FROM (
    SELECT DISTINCT key, game_id, deep, visits, finished_at FROM stored
    WHERE (getvariable('since') = '' OR (date <> '' AND date[:len(getvariable('since'))] >= getvariable('since')))
      AND (getvariable('until') = '' OR (date <> '' AND date[:len(getvariable('until'))] <= getvariable('until')))
      AND (getvariable('event') = '' OR contains(event, getvariable('event')))
) QUALIFY row_number() OVER (PARTITION BY game_id ORDER BY deep DESC, visits DESC, finished_at DESC) = 1
"""
SELECTED = "CREATE OR REPLACE TEMP VIEW selected AS SELECT * FROM stored SEMI JOIN chosen USING (key)"

_MEASURES = """
       greatest(points, 0) AS loss, greatest(points_root, 0) AS root_loss,
       greatest(0.05, least(1, greatest(complexity, greatest(points_root, 0) / 4))) AS weight,
       CAST(category IN ('mistake', 'blunder', 'huge_blunder') AS INTEGER) AS mistake,
       CAST(coalesce(rank = 1, false) AS INTEGER) AS first_choice"""
ASK_ALL = f"""
CREATE OR REPLACE TEMP TABLE asked AS
SELECT key, player, who, name, winner, date, phase, tags, {_MEASURES} FROM selected WHERE points IS NOT NULL
"""
ASK_ONE = f"""
CREATE OR REPLACE TEMP TABLE asked AS
SELECT *, {_MEASURES} FROM selected WHERE points IS NOT NULL AND who = getvariable('who')
"""

# The accuracy is KaTrain's, as in pipeline.review.accuracy.
_FIGURES = """
       count(*) AS moves, avg(loss) AS mean_loss, 100 * pow(0.75, sum(root_loss * weight) / sum(weight)) AS accuracy,
       avg(first_choice) AS top1_rate, 100.0 * sum(mistake) / count(*) AS mistakes_per_100"""
_RESULTS = """
       count(DISTINCT key) AS games, count(DISTINCT key) FILTER (winner = player) AS won,
       count(DISTINCT key) FILTER (winner <> player) AS lost"""
# Where a player loses most compared with everybody else of the selection in the same phase.
_WEAKEST = f"""
totals AS (SELECT phase, count(*) AS n, sum(greatest(points, 0)) AS lost FROM selected
           WHERE points IS NOT NULL GROUP BY phase),
own AS (SELECT who, phase, count(*) AS n, sum(loss) AS lost FROM asked WHERE who <> '' GROUP BY who, phase),
weakest AS (SELECT who, arg_max(phase, own.lost / own.n / greatest(0.01, CASE WHEN totals.n > own.n
                        THEN (totals.lost - own.lost) / (totals.n - own.n) ELSE 1 END)) AS weakest_phase
            FROM own JOIN totals USING (phase) WHERE own.n >= {MIN_PHASE_MOVES} GROUP BY who)"""

QUESTIONS: dict[str, str] = {
    "players": f"""
WITH {_WEAKEST}
SELECT any_value(name) AS player, {_RESULTS}, {_FIGURES}, any_value(weakest_phase) AS weakest_phase
FROM asked LEFT JOIN weakest USING (who) WHERE who <> '' GROUP BY who ORDER BY games DESC, mean_loss, player
""",
    "summary": f"""
WITH {_WEAKEST}
SELECT any_value(name) AS player, min(nullif(date, '')) AS since, max(nullif(date, '')) AS until, {_RESULTS},
       {_FIGURES}, any_value(weakest_phase) AS weakest_phase
FROM asked LEFT JOIN weakest USING (who)
""",
    "months": f"""
SELECT if(regexp_full_match(date[:7], '\\d{{4}}-\\d\\d'), date[:7], '') AS month, {_RESULTS}, {_FIGURES}
FROM asked GROUP BY ALL ORDER BY month
""",
    "all_months": f"""
SELECT if(regexp_full_match(date[:7], '\\d{{4}}-\\d\\d'), date[:7], '') AS month,
       count(DISTINCT key) AS games, {_FIGURES}
FROM asked GROUP BY ALL ORDER BY month
""",
    "phases": f"""
SELECT phase, {_FIGURES}, any_value(o.others) AS others_mean_loss
FROM asked LEFT JOIN (
    SELECT phase, avg(greatest(points, 0)) AS others FROM selected
    WHERE points IS NOT NULL AND who IS DISTINCT FROM getvariable('who') AND getvariable('who') <> '' GROUP BY phase
) o USING (phase)
GROUP BY phase ORDER BY CASE phase WHEN 'opening' THEN 1 WHEN 'middle' THEN 2 ELSE 3 END
""",
    "tags": f"""
SELECT tag, count(*) AS times, count(*) / (SELECT count(DISTINCT key) FROM asked) AS per_game,
       avg(loss) AS mean_loss, sum(loss) AS total_loss
FROM (SELECT loss, unnest(tags) AS tag FROM asked WHERE len(tags) > 0)
WHERE tag NOT IN ('unpunished', 'lost', 'better_move', 'better_pass') AND NOT starts_with(tag, 'lost_')
GROUP BY tag ORDER BY total_loss DESC LIMIT {TOP_TAGS}
""",
    "zones": """
SELECT zone, count(*) AS moves, avg(loss) AS mean_loss, sum(mistake) AS mistakes,
       100.0 * sum(mistake) / count(*) AS mistakes_per_100,
       sum(loss) / greatest(0.01, sum(sum(loss)) OVER ()) AS share_of_loss
FROM asked WHERE zone IS NOT NULL GROUP BY zone ORDER BY mean_loss DESC
""",
    "regions": """
SELECT region, count(*) AS moves, avg(loss) AS mean_loss, sum(mistake) AS mistakes,
       sum(mistake) / greatest(1, sum(sum(mistake)) OVER ()) AS share_of_mistakes
FROM asked WHERE region IS NOT NULL GROUP BY region ORDER BY mistakes DESC, region
""",
    "colours": f"SELECT player AS colour, {_RESULTS}, {_FIGURES} FROM asked GROUP BY player ORDER BY player",
    "worst": f"""
SELECT date, source_file, opponent, player AS colour, move_number, vertex, best_vertex, loss AS points, category
FROM asked WHERE mistake = 1 ORDER BY loss DESC, date, move_number LIMIT {WORST_MOVES}
""",
}
