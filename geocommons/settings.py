"""One frozen Settings, read once from the environment or a `.env` file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from geocommons.crs import WORLD, BBox
from geocommons.errors import NotReady
from geocommons.language import Sentence

DEMO_SECRET = "a demo secret that everybody knows"
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
SECRET_SIGNS = 32
"""The shortest secret key that a register in production takes."""


DATABASES = ("postgresql+psycopg://", "postgresql://", "sqlite:///")
FORMS = MappingProxyType(
    {
        "area": Sentence("Write it as west,south,east,north in degrees, as -71.17,42.34,-71.05,42.41."),
        "database_url": Sentence("Write it as postgresql+psycopg://user:password@host/database, or leave it empty."),
        "environment": Sentence("Write demo or production."),
        "openid_roles": Sentence(
            "Write it as land-desk=staff,it=administrator, with roles that there are, or as JSON."
        ),
    }
)
"""How those settings are written that are more than a number."""
GivenRole = Literal["resident", "group_lead", "staff", "planner", "administrator"]
"""A role that a city's own accounts can bring along."""


class Settings(BaseSettings):
    """What a city sets; each has the prefix `GEOCOMMONS_` in the environment."""

    model_config = SettingsConfigDict(env_prefix="GEOCOMMONS_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(
        Path("var"), description="Folder of context files, results of analyses and the embedded database."
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty for the embedded database in the data folder.")
    area: Annotated[BBox, NoDecode] = Field(WORLD, description="Area of interest: west,south,east,north in degrees.")
    title: str = Field("GeoCommons", description="Name of the register, shown in the header.")
    language: str = Field("en", description="Language where the reader states none.")
    tile_url: str = Field("", description="URL template of a base map; empty draws the register's own context.")
    tile_attribution: str = Field("", description="Attribution of that base map, as text.")
    overlap_tolerance_m2: float = Field(1.0, ge=0, description="Overlap with a neighbour that counts as drawing noise.")
    max_features: int = Field(10_000, ge=1, description="Most features in one GeoJSON answer.")
    host: str = Field("127.0.0.1", description="Address that `geocommons serve` listens on.")
    port: int = Field(8000, ge=0, le=65_535, description="Port that `geocommons serve` listens on; 0 takes a free one.")

    environment: Literal["demo", "production"] = Field(
        "demo", description="`production` refuses to start with demo secrets, without https or without mail."
    )
    secret_key: SecretStr = Field(
        SecretStr(DEMO_SECRET), description="Long random text that signs forms and codes; keep it out of files."
    )
    public_url: str = Field(
        "", description="Address of the register as people type it (https://…); empty: where it listens."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Further host names it answers to, with commas between; that of the public address counts."
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="Addresses of reverse proxies whose X-Forwarded-For is believed, with commas between."
    )
    mail_url: SecretStr = Field(
        SecretStr(""), description="SMTP server as smtp://user:password@host:587; empty: mail stays on a page."
    )
    mail_from: str = Field("GeoCommons <geocommons@localhost>", description="Sender of the register's mail.")
    mail_timeout_s: float = Field(60, gt=0, description="Seconds that the mail server may take for one answer.")
    mail_retention_days: int = Field(
        30, ge=0, description="Days after which the address and the words of a mail are forgotten."
    )
    openid_issuer: str = Field(
        "", description="Issuer of the city's own accounts (OpenID Connect), as https://…; empty: none."
    )
    openid_client_id: str = Field("", description="Name under which that provider knows this register.")
    openid_client_secret: SecretStr = Field(SecretStr(""), description="Secret that the provider gave this register.")
    openid_role_claim: str = Field(
        "", description="Claim with somebody's roles (`groups`, `realm_access.roles`); empty: roles are given here."
    )
    openid_roles: Annotated[dict[str, GivenRole], NoDecode] = Field(
        {}, description="Which value of that claim gives which role: `land-desk=staff,it=administrator`, or JSON."
    )
    session_retention_days: int = Field(
        30, ge=0, description="Days after which ended sign-ins, and answered invitations to groups, are deleted."
    )
    token_retention_days: int = Field(90, ge=0, description="Days after which ended API tokens are deleted.")
    sign_in_retention_days: int = Field(
        2, ge=1, description="Days after which requests to sign in, and counts of tries, are deleted."
    )
    account_retention_days: int = Field(
        0, ge=0, description="Days without use after which an account is erased; 0: never."
    )
    max_body_kb: int = Field(1000, ge=1, description="Most kilobytes (of 1,000 bytes) that one request may bring.")
    accent: str = Field("", description="The city's own colour as #rrggbb, dark enough for white text; empty: ours.")
    token: SecretStr = Field(
        SecretStr(""), description="API token that programs at the shell act with; empty: as whoever runs the machine."
    )
    imprint: str = Field("", description="Who runs this register and how to reach them, shown in the footer.")
    scheduler: str = Field(
        "", description="Dask scheduler whose workers walk for coverage, tcp://host:8786; empty: this machine alone."
    )
    time_zone: str = Field("Europe/Amsterdam", description="Time zone of quiet hours and of times on pages.")

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("openid_roles", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.startswith("{"):
            return json.loads(value)
        pairs = (part.rpartition("=") for part in value.split(",") if part.strip())
        return {claim.strip(): role.strip() for claim, _, role in pairs}

    @field_validator("area", mode="before")
    @classmethod
    def _box(cls, value: object) -> object:
        return tuple(float(part) for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("area")
    @classmethod
    def _ordered(cls, box: BBox) -> BBox:
        if not (-180 <= box.west < box.east <= 180 and -90 <= box.south < box.north <= 90):
            raise ValueError("not in order, or not degrees")
        return box

    @field_validator("database_url")
    @classmethod
    def _of_a_kind(cls, url: str) -> str:
        if url and not url.startswith(DATABASES):
            raise ValueError("another kind of database")
        return url

    @property
    def database(self) -> str:
        """The database URL in force: the one that was set, or the embedded SQLite file."""
        return self.database_url or f"sqlite:///{self.data_dir / 'geocommons.sqlite'}"

    @property
    def home(self) -> str:
        """The address of the register, for links in mail, without a slash at its end."""
        return self.public_url.rstrip("/") or self.listening

    @property
    def listening(self) -> str:
        """The address of what listens on this machine, without a slash at its end."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    @property
    def context_dir(self) -> Path:
        """The folder of context sets (GeoParquet)."""
        return self.data_dir / "context"

    @property
    def runs_dir(self) -> Path:
        """The folder of analysis results (GeoParquet), one folder a run."""
        return self.data_dir / "runs"

    @property
    def running_dir(self) -> Path:
        """The folder of what says that a run is still going on: a locked file each."""
        return self.data_dir / "running"


@cache
def get_settings() -> Settings:
    """Return the settings of this process, or refuse with the first one that cannot be read, and how to write it."""
    try:
        return Settings()
    except ValidationError as error:
        name = str(error.errors(include_url=False)[0]["loc"][0])
    default = Settings.model_fields[name].default
    remedy = FORMS.get(name) or Sentence("Write a number that it may be, as {default}.", default=default)
    raise NotReady("The setting {name} cannot be read. {remedy}", name=f"GEOCOMMONS_{name.upper()}", remedy=remedy)


def make_data_dir(settings: Settings) -> None:
    """Make the data folder, or refuse where nothing can be written to it."""
    make_folder(settings.data_dir)
    with _refusing(settings.data_dir), TemporaryFile(dir=settings.data_dir):
        pass


def make_folder(folder: Path) -> None:
    """Make a folder of the register's, if it is not there, or refuse where it cannot be made."""
    with _refusing(folder):
        folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def _refusing(folder: Path) -> Iterator[None]:
    """Refuse a folder that the machine does not let us use."""
    try:
        yield
    except OSError as error:
        raise NotReady(
            "Nothing can be written to the data folder {folder} ({why}). Name another with GEOCOMMONS_DATA_DIR.",
            folder=folder,
            why=error.strerror,
        ) from error


def refuse_unsafe(settings: Settings) -> None:
    """Refuse to go on where a register in production lacks what keeps its people safe."""
    secret, production = settings.secret_key.get_secret_value(), settings.environment == "production"
    elsewhere = urlsplit(settings.public_url).hostname not in (None, *THIS_MACHINE)
    if (production or elsewhere) and (secret == DEMO_SECRET or len(secret) < SECRET_SIGNS):
        raise NotReady(
            "In production, and wherever GEOCOMMONS_PUBLIC_URL is set, GEOCOMMONS_SECRET_KEY must be a secret of your"
            " own, of {signs} signs or more.",
            signs=SECRET_SIGNS,
        )
    if settings.mail_url.get_secret_value() and not settings.public_url and settings.host not in THIS_MACHINE:
        # Links would begin with whatever name somebody asked under, who need not be the reader of the mail.
        raise NotReady("Mail is sent, so GEOCOMMONS_PUBLIC_URL must say with which address its links begin.")
    if not production:
        return
    if not settings.public_url.startswith("https://"):
        raise NotReady("In production GEOCOMMONS_PUBLIC_URL must be the register's address, and start with https://.")
    if not settings.mail_url.get_secret_value():
        raise NotReady("In production GEOCOMMONS_MAIL_URL must name a mail server: nobody can sign in without mail.")
