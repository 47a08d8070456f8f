"""Random legal games: no move is lost, none is shown twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.go.board import Board, Color, IllegalPlay, Point, vertex_name
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.report.figures import record_figures, variation_figure, whole_record


@st.composite
def games(draw):
    width, height = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    board, moves, color = Board(width, height), [], Color.BLACK
    points = st.builds(Point, st.integers(0, width - 1), st.integers(0, height - 1))
    for point in draw(st.lists(st.one_of(st.none(), points, points, points), max_size=70)):
        try:
            board.play(color, point)
        except IllegalPlay:
            continue
        moves.append(Move(color, point))
        color = color.opponent
    return GameRecord(width, height, tuple(moves), 0.5, Ruleset.CHINESE)


def check(figure, record, offset=0):
    """Each move is a number on its point or a note that leads to its point."""
    drawn = {number: point for point, number in figure.diagram.numbers}
    noted = {note.number: note for note in figure.notes}
    assert len(drawn) == len(figure.diagram.numbers)
    assert len(noted) == len(figure.notes)
    assert not drawn.keys() & noted.keys()
    assert drawn.keys() | noted.keys() == set(range(figure.first, figure.last + 1))
    stones = dict(figure.diagram.stones)
    for number in range(figure.first, figure.last + 1):
        move = record.moves[number - 1 + offset]
        if number in drawn:
            assert drawn[number] == move.point
            assert stones[move.point] is move.color
        else:
            note = noted[number]
            assert note.vertex == move.vertex
            if move.point is None:
                assert note.refers_to is None
            else:
                assert move.point in stones
                assert drawn.get(note.refers_to) == (move.point if note.refers_to else None)


@settings(deadline=None)
@given(games(), st.integers(1, 20))
def test_record_figures_show_every_move_once(record, moves_per_figure):
    figures = record_figures(record, moves_per_figure=moves_per_figure)
    assert [n for f in figures for n in range(f.first, f.last + 1)] == list(range(1, len(record.moves) + 1))
    for figure in figures:
        check(figure, record)
        before = record.board_at(figure.first - 1).stones
        shown = dict(figure.diagram.stones)
        assert all(shown[point] is color for point, color in before.items())
    check(whole_record(record), record)


@settings(deadline=None)
@given(games(), st.data())
def test_the_game_itself_is_a_legal_variation_of_itself(record, data):
    turn = data.draw(st.integers(0, len(record.moves)))
    pv = [vertex_name(move.point) for move in record.moves[turn:]]
    figure = variation_figure(record, turn, pv, limit=len(pv))
    assert figure.last == len(pv)
    check(figure, record, offset=turn)
