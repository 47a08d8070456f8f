"""What searching a game needs around the scheduler, whoever drives the engine."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from pipeline.errors import StoreError
from pipeline.evaluation import AnalysisInfo, EngineIdentity, Evaluation
from pipeline.importance import importance
from pipeline.plan import (
    QUICK,
    AnalysisProfile,
    PositionRequest,
    Strategy,
    further_rounds,
    next_requests,
    turns_around,
)
from pipeline.publish import Publisher, judge_options
from pipeline.review.highlights import promising_moves
from pipeline.review.model import GameReview
from pipeline.review.verdicts import Verdicts
from pipeline.schedule import GameTask
from pipeline.settings import ReportSettings
from pipeline.store.dataset import DAMAGED, Dataset
from pipeline.store.journal import Journal

log = logging.getLogger(__name__)


SPARE_POSITIONS = 16  # deepened between two looks at what the report would print


def recall(task: GameTask, dataset: Dataset, journal: Journal) -> None:
    """Give a task all that is stored of its game for its network; damaged files count as not there.

    Every analysis counts, not only the deepest: one that a deadline cut short
    knows some positions better than a complete one with a smaller budget.

    Raises:
        StoreError: the journal cannot be read, or the dataset is newer than this program.
    """
    game_id, network = task.game_id, task.profile.network
    for header in dataset.analyses(game_id, network):
        try:
            for evaluation in dataset.load_analysis(header).evaluations.values():
                task.keep(evaluation)
        except StoreError as error:
            if error.code not in DAMAGED:
                raise
            log.warning("searching again: %s", error)
    remember(task, journal)


def remember(task: GameTask, journal: Journal) -> None:
    """Give a task what the journal has of its game.

    Raises:
        StoreError: it cannot be read.
    """
    for evaluation in journal.load(task.game_id, task.profile.network).values():
        task.keep(evaluation)


def restore_deepest(publisher: Publisher, game_id: str, profile_id: str, report: ReportSettings, group: str) -> bool:
    """Publish the deep analysis again where a quick one was written over it; returns whether there is one.

    A worker that was cut off may write its files when another one has gone on
    in its place long since.

    Raises:
        StoreError, RenderError: as of :meth:`Publisher.publish`.
    """
    if not publisher.dataset.is_complete(game_id, profile_id):
        return False
    log.warning("%s: a late quick report, the deep one is restored", game_id)
    publisher.publish(publisher.dataset.load_deepest(game_id), report, group)
    return True


def printed_turns(review: GameReview, evaluations: Mapping[int, Evaluation]) -> set[int]:
    """The positions that a report would print by this review: mistakes, and moves to be praised."""
    finds = promising_moves(review.moves, evaluations)
    return turns_around([*(moment.move_number for moment in review.key_moments), *finds])


def next_round(task: GameTask, report: ReportSettings, *, weigh: bool) -> list[PositionRequest]:
    """The next round of work on a game, judged by what is known of it now; empty when its analysis is complete.

    ``weigh``: say of each position but those of the quick pass how important it is. Otherwise what would follow if
    no verdict changed is left in ``task.outlook``.
    """
    done = task.done_visits
    wanted = next_requests(task.record, task.profile, done)
    follows_verdicts = task.profile.strategy is Strategy.ADAPTIVE
    if (wanted and (wanted[0].level == QUICK or not weigh)) or not (follows_verdicts or weigh):
        return wanted
    review = _judged(task, report)
    if review is None:
        return wanted
    if not wanted:
        printed = printed_turns(review, task.evaluations)
        weights = importance(task.evaluations, review)
        if weigh:  # up to a deadline, with all games open at once: nothing has to be foreseen, or kept in memory
            wanted = next_requests(task.record, task.profile, done, printed, weights)
        else:
            task.outlook = further_rounds(task.record, task.profile, done, printed, weights)
            wanted = task.outlook[0] if task.outlook else []
    return _weighed(wanted, task, review) if weigh else wanted


def spare_round(task: GameTask, report: ReportSettings) -> list[PositionRequest]:
    """What is worth most of the rest, up to the full budget; empty when every needed position has it."""
    review = _judged(task, report)
    if review is None:
        return []
    profile = replace(task.profile, strategy=Strategy.UNIFORM)
    rest = _weighed(next_requests(task.record, profile, task.done_visits), task, review)
    return sorted(rest, key=lambda request: -request.importance)[:SPARE_POSITIONS]


def _judged(task: GameTask, report: ReportSettings) -> GameReview | None:
    try:
        return _verdicts(task, report).of(task.evaluations)
    except Exception:  # publishing will fail the same way, and then it is this game's failure only
        log.exception("judging %s", task.name)
        return None


def _verdicts(task: GameTask, report: ReportSettings) -> Verdicts:
    """The game's verdicts, with what is remembered of them from the last round."""
    options = judge_options(report)
    known = task.memory
    if not isinstance(known, Verdicts) or known.options != options:
        known = Verdicts(task.record, options)
        task.memory = known
    return known


def _weighed(requests: list[PositionRequest], task: GameTask, review: GameReview) -> list[PositionRequest]:
    weights = importance(task.evaluations, review)
    return [replace(request, importance=weights.get(request.turn, 0.0)) for request in requests]


def analysis_info(
    task: GameTask,
    profile: AnalysisProfile,
    identity: EngineIdentity,
    *,
    level: str,
    finished_at: str,
    quick: int | None = None,
) -> AnalysisInfo:
    """How a finished task was analysed.

    Args:
        task: the game with its evaluations.
        profile: budgets of the whole analysis, of which the quick level is the first part.
        identity: who searched.
        level: the deepest level that is finished; ``partial`` when a deadline cut the deep one short.
        finished_at: ISO 8601 with offset.
        quick: visits of the first pass, where they are not those of the profile.
    """
    evaluations = task.evaluations.values()
    return AnalysisInfo(
        identity=identity,
        profile_id=profile.profile_id,
        visits=profile.visits,
        quick_visits=quick or profile.quick_visits,
        strategy=profile.strategy.value,
        level=level,
        positions=len(task.evaluations),
        total_visits=sum(e.visits for e in evaluations),
        engine_seconds=sum(e.engine_seconds for e in evaluations),
        finished_at=finished_at,
        side=profile.side,
    )
