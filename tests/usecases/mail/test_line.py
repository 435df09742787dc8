"""The line to the mail server: encrypted, verified, and never in the clear to another machine."""

import ipaddress
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from geocommons.errors import InvalidInput
from geocommons.files.mail.message import Frame, write_letter, write_message
from geocommons.files.mail.smtp import LineLost, MailServer, read_mail_url
from scripts.mail_server import Mailroom, serving_mail
from tests.make import NOW
from tests.usecases.mail.outbox import LINK


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that its own key signed, with the key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(NOW - timedelta(days=3650)).not_valid_after(NOW + timedelta(days=3650))
        .add_extension(names, critical=False).add_extension(x509.BasicConstraints(True, None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def context_of(certificate: Path) -> ssl.SSLContext:
    """Return what a server speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def send_one(url: str) -> None:
    """Send one mail to a server."""
    server = MailServer(read_mail_url(url), name="town.example", timeout_s=5)
    letter = write_letter("sign_in", "en", LINK, Frame("Town"))
    message = write_message(letter, to="a@town.example", sender="t@town.example", message_id="m", at=NOW)
    try:
        server.open()
        server.send(message, sender="t@town.example", to="a@town.example")
    finally:
        server.quit()


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_whose_certificate_is_trusted_gets_mail_over_tls(
    certificate: Path, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    room, context = Mailroom(), context_of(certificate)
    way = {"starttls": context, "require_starttls": True} if scheme == "smtp" else {"tls": context}
    with serving_mail(room, **way) as port:  # type: ignore[arg-type]
        send_one(f"{scheme}://127.0.0.1:{port}")
    assert len(room.taken) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_whose_certificate_nobody_trusts_gets_nothing(certificate: Path, scheme: str) -> None:
    room, context = Mailroom(), context_of(certificate)
    way = {"starttls": context} if scheme == "smtp" else {"tls": context}
    with serving_mail(room, **way) as port, pytest.raises(LineLost, match="certificate"):  # type: ignore[arg-type]
        send_one(f"{scheme}://127.0.0.1:{port}")
    assert room.taken == []


def test_another_machine_gets_nothing_in_the_clear() -> None:
    room = Mailroom()
    address = read_mail_url("smtp://user:secret@mail.town.example")
    assert not address.is_this_machine and address.port == 587 and not address.tls
    # 0.0.0.0 leads to this machine, but is not one of its names to the register: as good as another machine.
    with serving_mail(room) as port, pytest.raises(LineLost, match="STARTTLS"):
        send_one(f"smtp://user:secret@0.0.0.0:{port}")
    assert room.taken == []


@pytest.mark.parametrize(
    "url", ["mail.example", "http://u:pw@a", "smtp://u:pw@", "smtp://u:pw@a:port", "smtp://u:pw@a/b", "smtp://a?pw"]
)
def test_an_address_of_a_server_that_cannot_be_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_mail_url(url)
    assert "pw" not in str(refusal.value)


def test_signs_of_a_password_may_be_written_in_percent() -> None:
    assert read_mail_url("smtps://me%40town:p%2Fw%3A@h").password == "p/w:"
    assert read_mail_url("smtps://me%40town:p@h").user == "me@town"
