"""One frozen Settings, read once from the environment or a `.env` file."""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from geocommons.crs import WORLD, BBox


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

    @field_validator("area", mode="before")
    @classmethod
    def _box(cls, value: object) -> object:
        return tuple(float(part) for part in value.split(",")) if isinstance(value, str) else value

    @property
    def database(self) -> str:
        """The database URL in force: the one that was set, or the embedded SQLite file."""
        return self.database_url or f"sqlite:///{self.data_dir / 'geocommons.sqlite'}"

    @property
    def context_dir(self) -> Path:
        """The folder of context sets (GeoParquet)."""
        return self.data_dir / "context"

    @property
    def runs_dir(self) -> Path:
        """The folder of analysis results (GeoParquet), one folder a run."""
        return self.data_dir / "runs"


@cache
def get_settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
