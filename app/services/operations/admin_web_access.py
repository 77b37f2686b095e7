"""How operators come into their web and out of it: one-time logins, sessions of bounded life."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Delete, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import AdminWebLogin, AdminWebSession, StaffMember, User
from app.db.unit_of_work import Database
from app.domain.admin_web import (
    LOGIN_LINK_LIFETIME,
    MAX_WEB_SESSIONS,
    WEB_SESSION_LIFETIME,
    LoginRefusal,
    LoginRefusedError,
    create_web_token,
    hash_web_token,
)
from app.domain.operator_roles import OperatorRole
from app.services.audit import record_audit_entry
from app.services.staff import list_operator_roles


@dataclass(frozen=True, slots=True)
class WebOperator:
    """Whose session it is, as of this moment. Without a role they are no operator any more.

    `language` and `name` are None of an owner who has never written to the bot.
    """

    id: int
    role: OperatorRole | None
    language: str | None
    name: str | None


async def issue_login_link(db: Database, operator: int) -> str:
    """The token of a link that opens the web once; the one before it is void."""
    token, now = create_web_token(), clock.now()
    async with db.unit_of_work() as session:
        await session.execute(_delete_unused_links(operator))
        session.add(
            AdminWebLogin(
                token_hash=hash_web_token(token),
                operator_id=operator,
                expires_at=now + LOGIN_LINK_LIFETIME,
            )
        )
        _record(session, operator, "admin_web_link_issued")
    return token


async def sign_in_by_link(db: Database, owners: Sequence[int], token: str) -> str:
    """The new session's token. Raises LoginRefusedError."""
    now = clock.now()
    async with db.unit_of_work() as session:
        login = await session.get(AdminWebLogin, hash_web_token(token), with_for_update=True)
        if login is None:
            raise LoginRefusedError(LoginRefusal.UNKNOWN)
        if login.used_at is not None:
            raise LoginRefusedError(LoginRefusal.USED)
        if login.expires_at <= now:
            raise LoginRefusedError(LoginRefusal.EXPIRED)
        login.used_at = now
        return await _open_session(session, owners, login.operator_id, now)


async def sign_in_by_telegram(
    db: Database, owners: Sequence[int], operator: int, telegram_hash: str
) -> str:
    """Of a login that was checked before. The new session's token. Raises LoginRefusedError."""
    now = clock.now()
    async with db.unit_of_work() as session:
        # Telegram's own freshness is bounded; within it, an address that leaked is worth nothing.
        used = insert(AdminWebLogin).values(
            token_hash=hash_web_token(telegram_hash),
            operator_id=operator,
            expires_at=now + 2 * LOGIN_LINK_LIFETIME,
            used_at=now,
        )
        first = used.on_conflict_do_nothing().returning(AdminWebLogin.operator_id)
        if await session.scalar(first) is None:
            raise LoginRefusedError(LoginRefusal.USED)
        return await _open_session(session, owners, operator, now)


async def find_web_operator(
    db: Database, owners: Sequence[int], session_token: str
) -> WebOperator | None:
    """Role included, so that an appointment that has ended holds at once. One select."""
    query = (
        select(AdminWebSession.operator_id, StaffMember.role, User.language, User.first_name)
        .outerjoin(StaffMember, StaffMember.user_id == AdminWebSession.operator_id)
        .outerjoin(User, User.id == AdminWebSession.operator_id)
        .where(
            AdminWebSession.token_hash == hash_web_token(session_token),
            AdminWebSession.expires_at > clock.now(),
        )
    )
    async with db.read_only() as session:
        row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    operator, appointed, language, name = row
    role = OperatorRole.OWNER if operator in owners else appointed
    return WebOperator(operator, role, language, name)


async def sign_out(db: Database, operator: int, session_token: str) -> None:
    async with db.unit_of_work() as session:
        await session.execute(
            delete(AdminWebSession).where(
                AdminWebSession.token_hash == hash_web_token(session_token)
            )
        )
        _record(session, operator, "admin_web_signed_out")


async def sign_out_everywhere(db: Database, operator: int) -> None:
    """On all devices, also by links that were not used yet."""
    async with db.unit_of_work() as session:
        await session.execute(
            delete(AdminWebSession).where(AdminWebSession.operator_id == operator)
        )
        await session.execute(_delete_unused_links(operator))
        _record(session, operator, "admin_web_signed_out_everywhere")


async def _open_session(
    session: AsyncSession, owners: Sequence[int], operator: int, now: datetime
) -> str:
    if operator not in await list_operator_roles(session, owners):
        raise LoginRefusedError(LoginRefusal.NOT_OPERATOR)
    token = create_web_token()
    newest = (
        select(AdminWebSession.token_hash)
        .where(AdminWebSession.operator_id == operator)
        .order_by(AdminWebSession.created_at.desc())
        .limit(MAX_WEB_SESSIONS - 1)
    )
    await session.execute(
        delete(AdminWebSession).where(
            AdminWebSession.operator_id == operator, AdminWebSession.token_hash.not_in(newest)
        )
    )
    session.add(
        AdminWebSession(
            token_hash=hash_web_token(token),
            operator_id=operator,
            created_at=now,
            expires_at=now + WEB_SESSION_LIFETIME,
        )
    )
    _record(session, operator, "admin_web_signed_in")
    return token


def _delete_unused_links(operator: int) -> Delete:
    """Those that were used stay: they are refused as such."""
    return delete(AdminWebLogin).where(
        AdminWebLogin.operator_id == operator, AdminWebLogin.used_at.is_(None)
    )


def _record(session: AsyncSession, operator: int, action: str) -> None:
    record_audit_entry(session, f"user:{operator}", action, f"user:{operator}")
