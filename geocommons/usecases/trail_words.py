"""The audit trail in words: what happened to what, and what its columns are called."""

from geocommons.language import Words

ACTIONS = {
    "added": Words(en="added", nl="toegevoegd"),
    "changed": Words(en="changed", nl="gewijzigd"),
    "removed": Words(en="removed", nl="verwijderd"),
    "imported": Words(en="imported", nl="ingelezen"),
    "restored": Words(en="restored from a backup", nl="teruggezet uit een back-up"),
}
"""What happens; another word stands as its author wrote it."""

DOORS = {
    "page": Words(en="on a page", nl="op een pagina"),
    "api": Words(en="by a program", nl="door een programma"),
    "shell": Words(en="in the shell", nl="in de shell"),
    "job": Words(en="by the register itself", nl="door het register zelf"),
}

SUBJECTS = {
    "site": Words(en="place", nl="plek"),
    "lineage": Words(en="split or merger of places", nl="splitsing of samenvoeging van plekken"),
    "tenure": Words(en="right or duty", nl="recht of plicht"),
    "tenure_party": Words(en="holder of a right or duty", nl="houder van een recht of plicht"),
    "activity": Words(en="care that was given", nl="gegeven zorg"),
    "obligation": Words(en="something due", nl="iets wat moet"),
    "record": Words(en="record", nl="stuk"),
    "context_set": Words(en="context", nl="context"),
    "run": Words(en="analysis", nl="analyse"),
    "party": Words(en="party", nl="partij"),
    "consent": Words(en="consent", nl="toestemming"),
    "membership": Words(en="membership", nl="lidmaatschap"),
    "member_invitation": Words(en="invitation to a group", nl="uitnodiging voor een groep"),
    "party_merge": Words(en="merger of parties", nl="samenvoeging van partijen"),
    "account": Words(en="account", nl="account"),
    "reach": Words(en="reach of an account", nl="bereik van een account"),
    "login_session": Words(en="sign-in", nl="aanmelding"),
    "passkey": Words(en="passkey", nl="passkey"),
    "identity": Words(en="account at the city", nl="account bij de gemeente"),
    "api_token": Words(en="API token", nl="API-token"),
    "layer": Words(en="layer", nl="laag"),
    "file": Words(en="file", nl="bestand"),
    "register": Words(en="register", nl="register"),
}

COLUMNS = {
    "id": Words(en="number", nl="nummer"),
    "layer": Words(en="layer", nl="laag"),
    "ref": Words(en="official number", nl="officieel nummer"),
    "name": Words(en="name", nl="naam"),
    "public_name": Words(en="public name", nl="openbare naam"),
    "geom": Words(en="outline", nl="omtrek"),
    "area_m2": Words(en="area in m²", nl="oppervlakte in m²"),
    "length_m": Words(en="length in m", nl="lengte in m"),
    "facts": Words(en="facts", nl="kenmerken"),
    "certainty": Words(en="certainty", nl="zekerheid"),
    "parent_id": Words(en="part of place", nl="deel van plek"),
    "since": Words(en="since", nl="sinds"),
    "until": Words(en="until", nl="tot"),
    "retired_by": Words(en="retired by record", nl="vervallen door stuk"),
    "site_id": Words(en="place", nl="plek"),
    "tenure_id": Words(en="right or duty", nl="recht of plicht"),
    "party_id": Words(en="party", nl="partij"),
    "account_id": Words(en="account", nl="account"),
    "record_id": Words(en="record", nl="stuk"),
    "class": Words(en="class", nl="soort recht"),
    "kind": Words(en="kind", nl="soort"),
    "type": Words(en="type", nl="type"),
    "status": Words(en="status", nl="status"),
    "state": Words(en="state", nl="toestand"),
    "from_m": Words(en="from, in m", nl="van, in m"),
    "to_m": Words(en="to, in m", nl="tot, in m"),
    "valid_from": Words(en="valid from", nl="geldig vanaf"),
    "valid_to": Words(en="valid until", nl="geldig tot"),
    "requested_on": Words(en="asked for on", nl="gevraagd op"),
    "minutes": Words(en="minutes", nl="minuten"),
    "people": Words(en="people", nl="mensen"),
    "amount": Words(en="amount", nl="hoeveelheid"),
    "unit": Words(en="unit", nl="eenheid"),
    "note": Words(en="note", nl="opmerking"),
    "noted_at": Words(en="noted", nl="genoteerd"),
    "every_days": Words(en="due again after days", nl="moet weer na dagen"),
    "due_on": Words(en="due by", nl="moet voor"),
    "done_on": Words(en="done last", nl="laatst gedaan"),
    "exclusive": Words(en="exclusive", nl="exclusief"),
    "share_num": Words(en="share: parts", nl="aandeel: delen"),
    "share_den": Words(en="share: of", nl="aandeel: van"),
    "day": Words(en="day", nl="dag"),
    "title": Words(en="title", nl="titel"),
    "file": Words(en="file", nl="bestand"),
    "use": Words(en="named in", nl="genoemd in"),
    "how": Words(en="said by", nl="gezegd via"),
    "given_at": Words(en="given", nl="gegeven"),
    "withdrawn_at": Words(en="withdrawn", nl="ingetrokken"),
    "group_id": Words(en="group", nl="groep"),
    "member_id": Words(en="member", nl="lid"),
    "merged_into": Words(en="merged into party", nl="samengevoegd met partij"),
    "kept_id": Words(en="party that stays", nl="partij die blijft"),
    "gone_id": Words(en="party that went into it", nl="partij die erin opging"),
    "merged_at": Words(en="merged", nl="samengevoegd"),
    "undone_at": Words(en="undone", nl="teruggedraaid"),
    "why": Words(en="why", nl="waarom"),
    "address": Words(en="e-mail address", nl="e-mailadres"),
    "role": Words(en="role", nl="rol"),
    "language": Words(en="language", nl="taal"),
    "digest": Words(en="mail", nl="post"),
    "quiet_from_h": Words(en="no mail from hour", nl="geen post vanaf uur"),
    "quiet_to_h": Words(en="no mail until hour", nl="geen post tot uur"),
    "unsubscribed": Words(en="kinds of mail not wanted", nl="soorten post die niet gewenst zijn"),
    "created_at": Words(en="made", nl="gemaakt"),
    "erased_at": Words(en="erased", nl="gewist"),
    "expires_at": Words(en="works until", nl="werkt tot"),
    "revoked_at": Words(en="ended", nl="beëindigd"),
    "used_at": Words(en="used", nl="gebruikt"),
    "invited_by": Words(en="invited by account", nl="uitgenodigd door account"),
    "way": Words(en="signed in by", nl="aangemeld via"),
    "acting_for": Words(en="acts for party", nl="handelt namens partij"),
    "browser": Words(en="browser", nl="browser"),
    "scopes": Words(en="may do", nl="mag"),
    "issuer": Words(en="provider", nl="aanbieder"),
    "subject": Words(en="known there as", nl="daar bekend als"),
    "source": Words(en="source", nl="bron"),
    "licence": Words(en="licence", nl="licentie"),
    "attribution": Words(en="attribution", nl="naamsvermelding"),
    "features": Words(en="features", nl="objecten"),
    "crs": Words(en="CRS", nl="CRS"),
    "path": Words(en="file", nl="bestand"),
    "checksum": Words(en="checksum", nl="controlegetal"),
    "added_at": Words(en="added", nl="toegevoegd"),
    "params": Words(en="question", nl="vraag"),
    "version": Words(en="version", nl="versie"),
    "started_at": Words(en="started", nl="begonnen"),
    "finished_at": Words(en="finished", nl="klaar"),
    "old_site_id": Words(en="old place", nl="oude plek"),
    "new_site_id": Words(en="new place", nl="nieuwe plek"),
    "op": Words(en="what became of it", nl="wat ervan werd"),
    "made_at": Words(en="backup made", nl="back-up gemaakt"),
    "withdrawn": Words(en="consents withdrawn again", nl="toestemmingen opnieuw ingetrokken"),
    "erased": Words(en="people erased again", nl="mensen opnieuw gewist"),
    "accepted": Words(en="new rows", nl="nieuwe rijen"),
    "updated": Words(en="changed rows", nl="gewijzigde rijen"),
    "retired": Words(en="retired places", nl="vervallen plekken"),
    "rejected": Words(en="refused rows", nl="geweigerde rijen"),
    "sha256": Words(en="checksum", nl="controlegetal"),
    "replaced_entry": Words(en="newest entry that was replaced", nl="nieuwste regel die vervangen werd"),
}
"""What columns are called; another one stands as it is, its underscores as spaces."""


def action_word(action: str, language: str) -> str:
    """Return what happened, in a language."""
    return ACTIONS[action].say(language) if action in ACTIONS else action


def subject_word(subject: str, language: str) -> str:
    """Return what it happened to, in a language."""
    return SUBJECTS[subject].say(language) if subject in SUBJECTS else subject.replace("_", " ")


def column_word(column: str, language: str) -> str:
    """Return what a column is called, in a language."""
    return COLUMNS[column].say(language) if column in COLUMNS else column.replace("_", " ")
