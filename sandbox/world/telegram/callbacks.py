"""Answers to tapped buttons: accepted once per tap and only while somebody still waits."""

import secrets
from datetime import timedelta

from pydantic import JsonValue

from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.models import CallbackQuery
from sandbox.world.world import World

ANSWERABLE = timedelta(seconds=60)
_KEPT = timedelta(minutes=10)
_MAX_ANSWER_LENGTH = 200
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def new_callback_query(world: World, person_id: int) -> str:
    """The id under which the bot may answer this tap."""
    now = world.clock.now()
    queries = world.state.callback_queries
    while queries and (oldest := next(iter(queries))) and queries[oldest].asked_at < now - _KEPT:
        del queries[oldest]
    query_id = str(secrets.randbits(62))
    queries[query_id] = CallbackQuery(person_id=person_id, asked_at=now)
    return query_id


def answer_callback_query(world: World, params: Params) -> JsonValue:
    query_id, text = params.text("callback_query_id"), params.text("text")
    query = world.state.callback_queries.get(query_id)
    if query is None or world.clock.now() - query.asked_at > ANSWERABLE:
        raise bad_request(_TOO_OLD)
    if len(text) > _MAX_ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    if query.answered:
        return True
    query.answered = True
    world.hub.publish(
        "callback_answer",
        person_id=query.person_id,
        callback_query_id=query_id,
        text=text or None,
        show_alert=params.flag("show_alert"),
        url=params.text("url") or None,
    )
    return True
