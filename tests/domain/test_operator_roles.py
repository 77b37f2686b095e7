"""What each role may do, and which notifications are for it."""

import pytest

from app.bot.renderer import NOTIFICATION_RENDERERS
from app.domain.operator_roles import OperatorRole, Permission, has_permission, is_notified_of

OWNER, MANAGER, SUPPORT = OperatorRole.OWNER, OperatorRole.MANAGER, OperatorRole.SUPPORT
MAY = {
    "open_home": {OWNER, MANAGER, SUPPORT},
    "view_users": {OWNER, MANAGER, SUPPORT},
    "answer_questions": {OWNER, MANAGER, SUPPORT},
    "retry_activations": {OWNER, MANAGER, SUPPORT},
    "view_chains": {OWNER, MANAGER, SUPPORT},
    "settle_attention": {OWNER, MANAGER, SUPPORT},
    "change_keys": {OWNER, MANAGER, SUPPORT},
    "view_sales": {OWNER, MANAGER},
    "correct_balances": {OWNER, MANAGER},
    "change_days": {OWNER, MANAGER},
    "move_subscriptions": {OWNER, MANAGER},
    "refund_orders": {OWNER, MANAGER},
    "block_users": {OWNER, MANAGER},
    "erase_users": {OWNER, MANAGER},
    "export_tables": {OWNER, MANAGER},
    "broadcast": {OWNER, MANAGER},
    "run_campaigns": {OWNER, MANAGER},
    "run_bulk": {OWNER, MANAGER},
    "edit_quick_answers": {OWNER, MANAGER},
    "edit_shop": {OWNER, MANAGER},
    "view_audit": {OWNER, MANAGER},
    "appoint_staff": {OWNER},
    "set_receiving_addresses": {OWNER},
}


def test_each_role_may_do_what_the_table_says() -> None:
    roles = {
        permission.value: {role for role in OperatorRole if has_permission(role, permission)}
        for permission in Permission
    }
    assert roles == MAY


@pytest.mark.parametrize("permission", Permission)
def test_without_a_role_nothing_may_be_done(permission: Permission) -> None:
    assert not has_permission(None, permission)


def test_support_is_notified_of_questions_and_of_what_answers_them() -> None:
    templates = [name for name in NOTIFICATION_RENDERERS if name.startswith("operator-")]
    assert {name for name in templates if is_notified_of(SUPPORT, name)} == {
        "operator-question",
        "operator-question-copy",
        "operator-answer-unheard",
        "operator-answered",
        "operator-activation",
        "operator-incident",
        "operator-service-away",
    }
    for role in (OWNER, MANAGER):
        assert all(is_notified_of(role, name) for name in templates)
