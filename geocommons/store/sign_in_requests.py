"""Requests to sign in: the one of a link, and the newest of a browser."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from geocommons.model.sign_in import SignInRequest


def find_by_link(session: Session, link_digest: str) -> SignInRequest | None:
    """Return the request of a link, held until the end of the transaction."""
    query = select(SignInRequest).where(SignInRequest.link_digest == link_digest)
    return session.scalar(query.with_for_update())


def newest_of_browser(session: Session, browser_digest: str) -> SignInRequest | None:
    """Return the request that a browser made last, held until the end of the transaction."""
    query = select(SignInRequest).where(SignInRequest.browser_digest == browser_digest)
    return session.scalar(query.order_by(SignInRequest.id.desc()).limit(1).with_for_update())


def find_request_by_id(session: Session, request_id: int) -> SignInRequest | None:
    """Return a request, held until the end of the transaction."""
    return session.get(SignInRequest, request_id, with_for_update=True)
