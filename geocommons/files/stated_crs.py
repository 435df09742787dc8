"""Settle the CRS of a file: what it states and what a person says, never a guess."""

import warnings
from pathlib import Path
from typing import Literal

from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import Transformer, TransformerGroup

from geocommons.crs import STORAGE_CRS, parse_crs
from geocommons.errors import UnknownCRS

GEOCENTRIC_ELLIPSOIDS = ("WGS 84", "GRS 1980", "WGS 72")


def settle_crs(path: Path, stated: CRS | None, said: str | None) -> tuple[CRS, Literal["file", "argument"]]:
    """Return the CRS to use and who named it; refuse if nobody did, or if they contradict each other."""
    argument = flat(parse_crs(said)) if said else None
    if stated is not None and argument is not None and not same_crs(stated, argument):
        raise UnknownCRS(
            "{file} says that it is in {stated}, not {said}. Leave out --crs, or correct the file.",
            file=path.name,
            stated=name_of(stated),
            said=said,
        )
    if stated is not None:
        return checked(path, stated), "file"
    if argument is not None:
        return checked(path, argument), "argument"
    raise UnknownCRS(
        "{file} does not say which CRS its coordinates are in. Say it with --crs, for example --crs EPSG:28992.",
        file=path.name,
    )


def parse_stated(text: str | None) -> CRS | None:
    """Return the CRS that a file states; None if it states none, or one without a place on the earth."""
    if not text:
        return None
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        return None
    undefined = crs.name.lower().startswith(("undefined", "unknown engineering")) or not (
        crs.is_geographic or crs.is_projected
    )
    return None if undefined else flat(crs)


def flat(crs: CRS) -> CRS:
    """Return a CRS without its height, if it has one."""
    return crs.to_2d() if len(crs.axis_info) > 2 else crs


def same_crs(one: CRS, other: CRS) -> bool:
    """Tell whether two descriptions mean the same CRS, whatever their axis order and names."""
    if one.equals(other, ignore_axis_order=True):
        return True
    codes = one.to_epsg(min_confidence=70), other.to_epsg(min_confidence=70)
    return codes[0] is not None and codes[0] == codes[1]


def name_of(crs: CRS) -> str:
    """Return a CRS as a person writes it: its code, or else its name."""
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else crs.name


def checked(path: Path, crs: CRS) -> CRS:
    """Return the CRS, or refuse one whose datum nobody can relate to WGS84.

    PROJ then falls back on a "ballpark" operation that leaves out the datum shift. That is right to a few
    metres for datums on a geocentric ellipsoid, and may be hundreds of metres off for the older ones.
    """
    if not (crs.is_geographic or crs.is_projected):
        raise UnknownCRS(
            "{crs}, the CRS of {file}, has no place on the earth. Say the right one with --crs.",
            crs=name_of(crs),
            file=path.name,
        )
    ellipsoid = crs.ellipsoid.name if crs.ellipsoid else ""
    if ellipsoid.startswith(GEOCENTRIC_ELLIPSOIDS) or "GRS_1980" in ellipsoid or "WGS_84" in ellipsoid:
        return crs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a better operation may want a grid that is not installed
        known = TransformerGroup(crs, STORAGE_CRS, always_xy=True, allow_ballpark=False).transformers
    if not known:
        raise UnknownCRS(
            "The datum of {crs}, the CRS of {file}, cannot be related to WGS84. Convert the file to EPSG:4326.",
            crs=name_of(crs),
            file=path.name,
        )
    return crs


def accuracy_m(crs: CRS, x: float, y: float) -> float | None:
    """Return how well a point of this CRS can be placed on WGS84, in metres; None if PROJ does not know."""
    transformer = Transformer.from_crs(crs, STORAGE_CRS, always_xy=True)
    transformer.transform(x, y)
    try:
        accuracy = transformer.get_last_used_operation().accuracy
    except ProjError:  # nothing had to be done
        return None
    return float(accuracy) if accuracy >= 0 else None
