"""What the audit trail keeps of each table: open values, sealed values, and what is left out."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What of a table's rows is noted.

    Values of `open` columns stand in the trail as they are; those of `personal` columns are sealed under the key of
    whom `sealed_by` names (a noun and the column with its number). `left_out` is derived, secret or mere noise.
    `about` says which column fills which of the entry's own: `site_id`, `party_id`, `other_party_id`,
    `of_account_id`. `subject` is the column whose value is the number of the thing.
    """

    open: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    sealed_by: tuple[str, str] = ("", "")
    about: dict[str, str] = field(default_factory=dict)
    subject: str = "id"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


OF_ACCOUNT = {"of_account_id": "account_id"}
BY_ACCOUNT = ("account", "account_id")

NOTED: dict[str, Noted] = {
    "site": Noted(
        open=_words("id layer ref name geom area_m2 length_m facts certainty parent_id since until retired_by"),
        left_out=_words("folded west south east north checksum fragment state status state_from state_to updated_at"),
        about={"site_id": "id"},
    ),
    "lineage": Noted(
        open=_words("record_id old_site_id new_site_id op"), about={"site_id": "old_site_id"}, subject="new_site_id"
    ),
    "tenure": Noted(
        open=_words("id site_id class type status from_m to_m valid_from valid_to requested_on exclusive record_id"),
        # Who claims is in tenure_party; before, the text held the person's name.
        left_out=_words("claimant"),
        about={"site_id": "site_id"},
    ),
    "tenure_party": Noted(
        open=_words("tenure_id party_id share_num share_den"), about={"party_id": "party_id"}, subject="tenure_id"
    ),
    "activity": Noted(
        open=_words("id site_id party_id day minutes people amount noted_at"),
        # Whoever wrote them may have named anybody, so no key of one person is enough.
        personal=_words("kind unit note"),
        # Whoever noted it made it up, perhaps of a name.
        left_out=_words("key"),
        sealed_by=("activity", "id"),
        about={"site_id": "site_id", "party_id": "party_id"},
    ),
    "obligation": Noted(
        open=_words("id site_id every_days due_on done_on"),
        personal=_words("kind"),
        left_out=_words("key evidence"),
        sealed_by=("obligation", "id"),
        about={"site_id": "site_id"},
    ),
    "record": Noted(
        open=_words("id kind day created_at"), personal=_words("ref title file"), sealed_by=("record", "id")
    ),
    "context_set": Noted(
        open=_words("id kind name path checksum crs source licence attribution features added_at"),
        left_out=_words("west south east north columns notes"),
    ),
    "run": Noted(
        open=_words("id kind params version state asked_by schedule_id published_at started_at finished_at"),
        left_out=_words("inputs fingerprint result outputs error progress step cancel_asked attempts"),
        about={"of_account_id": "asked_by"},
    ),
    "own_standard": Noted(open=_words("id key version body made_by made_at")),
    "scenario": Noted(open=_words("id name note changes made_by made_at changed_at")),
    "schedule": Noted(open=_words("id kind params every next_on stopped_at made_by made_at")),
    "party": Noted(
        open=_words("id kind merged_into erased_at"),
        personal=_words("name public_name"),
        sealed_by=("party", "id"),
        about={"party_id": "id"},
    ),
    "consent": Noted(open=_words("id party_id use given_at withdrawn_at how"), about={"party_id": "party_id"}),
    "membership": Noted(
        open=_words("id group_id member_id role valid_from valid_to"),
        about={"party_id": "member_id", "other_party_id": "group_id"},
    ),
    "member_invitation": Noted(
        open=_words("id group_id role invited_by created_at expires_at used_at"),
        # Whoever is invited may have no key yet, nor want one.
        left_out=_words("address secret_digest"),
        about={"party_id": "group_id"},
    ),
    "party_merge": Noted(
        open=_words("id kept_id gone_id merged_at undone_at"),
        personal=_words("why"),
        left_out=_words("moved"),
        sealed_by=("party", "kept_id"),
        about={"party_id": "kept_id", "other_party_id": "gone_id"},
    ),
    "account": Noted(
        open=_words("id role language party_id digest quiet_from_h quiet_to_h unsubscribed created_at erased_at"),
        personal=_words("address"),
        left_out=_words("seen_at"),
        sealed_by=("account", "id"),
        about={"of_account_id": "id", "party_id": "party_id"},
    ),
    "reach": Noted(open=_words("account_id kind name"), about=OF_ACCOUNT, subject="account_id"),
    "login_session": Noted(
        open=_words("id account_id way acting_for created_at revoked_at"),
        personal=_words("browser"),
        left_out=_words("secret_digest previous_digest seen_at rotated_at confirmed_at expires_at"),
        sealed_by=BY_ACCOUNT,
        about=OF_ACCOUNT,
    ),
    "passkey": Noted(
        open=_words("id account_id created_at"),
        personal=_words("name"),
        left_out=_words("credential_id public_key uses used_at"),
        sealed_by=BY_ACCOUNT,
        about=OF_ACCOUNT,
    ),
    "identity": Noted(
        open=_words("id account_id issuer role created_at"),
        personal=_words("subject"),
        left_out=_words("used_at"),
        sealed_by=BY_ACCOUNT,
        about=OF_ACCOUNT,
    ),
    "api_token": Noted(
        open=_words("id account_id scopes created_at expires_at revoked_at"),
        personal=_words("name"),
        left_out=_words("secret_digest used_at"),
        sealed_by=BY_ACCOUNT,
        about=OF_ACCOUNT,
    ),
}
"""Every table whose changes are noted, and how."""
UNSHOWN = frozenset(
    {"account", "reach", "login_session", "passkey", "identity", "api_token", "member_invitation"}
)  # fmt: skip
"""Tables of which nothing is in anything that is kept for everybody: who signs in makes no map to be drawn anew."""

NOT_NOTED = frozenset(
    {
        # Derived from what is noted.
        *("site_state", "stretch_state", "register_version"),
        # The trail itself.
        *("audit_entry", "seal_key"),
        # Secrets that live for minutes, counts of tries, and letters: what comes of them is noted.
        *("attempts", "challenge", "sign_in_request", "mail"),
    }
)
"""Every table whose changes are not, so that a new one fails the suite until somebody has decided."""
