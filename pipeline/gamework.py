"""What searching a game needs around the scheduler, whoever drives the engine."""

from __future__ import annotations

import logging

from pipeline.errors import StoreError
from pipeline.evaluation import AnalysisInfo, EngineIdentity
from pipeline.plan import AnalysisProfile, turns_around
from pipeline.publish import Publisher, judge_options
from pipeline.review.highlights import promising_moves
from pipeline.review.judge import judge
from pipeline.schedule import GameTask
from pipeline.settings import ReportSettings
from pipeline.store.dataset import DAMAGED, Dataset
from pipeline.store.journal import Journal

log = logging.getLogger(__name__)


def recall(task: GameTask, dataset: Dataset, journal: Journal) -> None:
    """Give a task all that is stored of its game for its network; damaged files count as not there.

    Raises:
        StoreError: the journal cannot be read, or the dataset is newer than this program.
    """
    game_id, network = task.record.game_id, task.profile.network
    stored = dataset.find(game_id, network_key=network)
    if stored is not None:
        try:
            for evaluation in dataset.load(game_id, stored.profile_id).evaluations.values():
                task.keep(evaluation)
        except StoreError as error:
            if error.code not in DAMAGED:
                raise
            log.warning("searching again: %s", error)
    for evaluation in journal.load(game_id, network).values():
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


def printed_turns(task: GameTask, report: ReportSettings) -> set[int]:
    """The positions that the report on a task would print by what is known now: mistakes, and moves to be praised."""
    review = judge(task.record, task.evaluations, judge_options(report))
    finds = promising_moves(review.moves, task.evaluations)
    return turns_around([*(moment.move_number for moment in review.key_moments), *finds])


def analysis_info(
    task: GameTask, profile: AnalysisProfile, identity: EngineIdentity, *, level: str, finished_at: str
) -> AnalysisInfo:
    """How a finished task was analysed.

    Args:
        task: the game with its evaluations.
        profile: budgets of the whole analysis, of which the quick level is the first part.
        identity: who searched.
        level: the deepest level that is finished.
        finished_at: ISO 8601 with offset.
    """
    evaluations = task.evaluations.values()
    return AnalysisInfo(
        identity=identity,
        profile_id=profile.profile_id,
        visits=profile.visits,
        quick_visits=profile.quick_visits,
        strategy=profile.strategy.value,
        level=level,
        positions=len(task.evaluations),
        total_visits=sum(e.visits for e in evaluations),
        engine_seconds=sum(e.engine_seconds for e in evaluations),
        finished_at=finished_at,
        side=profile.side,
    )
