"""Settle the CRS of a file: what it states and what a person says, never a guess."""

import math
import re
import warnings
from pathlib import Path
from typing import IO, Literal
from xml.parsers import expat

from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import Transformer, TransformerGroup

from geocommons.crs import STORAGE_CRS, parse_crs
from geocommons.errors import UnknownCRS

GEOCENTRIC_ELLIPSOIDS = ("WGS 84", "GRS 1980", "WGS 72")


def settle_crs(path: Path, stated: CRS | None, said: str | None) -> tuple[CRS, Literal["file", "argument"]]:
    """Return the CRS to use and who named it; refuse if nobody did, or if they contradict each other."""
    argument = flat(parse_crs(said)) if said else None
    if stated is not None and argument is not None and _says_the_datum(stated, argument):
        stated = None
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


def refuse_several(path: Path, text: IO[bytes]) -> None:
    """Refuse a GML that names several CRSs: GDAL then states none, and one for all would put some rows elsewhere."""
    names: set[str] = set()
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: names.update([attributes.get("srsName", "")])
    parser.ParseFile(text)
    found = {name: tuple(re.findall(r"[A-Za-z]*\d+", name)[-1:]) or name for name in sorted(names - {""})}
    if len(set(found.values())) > 1:
        raise UnknownCRS(
            "{file} names several CRSs ({names}). Make a file of each, or bring all into one.",
            file=path.name, names=", ".join(found),
        )  # fmt: skip


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
    if not _is_related(crs):
        raise UnknownCRS(
            "The datum of {crs}, the CRS of {file}, cannot be related to WGS84. Say the CRS with --crs, or convert it.",
            crs=name_of(crs),
            file=path.name,
        )
    return crs


def _is_related(crs: CRS) -> bool:
    """Tell whether the datum of a CRS can be related to WGS84."""
    ellipsoid = crs.ellipsoid.name if crs.ellipsoid else ""
    if ellipsoid.startswith(GEOCENTRIC_ELLIPSOIDS) or "GRS_1980" in ellipsoid or "WGS_84" in ellipsoid:
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a better operation may want a grid that is not installed
        return bool(TransformerGroup(crs, STORAGE_CRS, always_xy=True, allow_ballpark=False).transformers)


def _says_the_datum(stated: CRS, said: CRS) -> bool:
    """Tell whether a person names the datum that a file leaves out, as MapInfo's do.

    The ellipsoid and the kind of coordinates are the same; the projection may be written in several ways.
    """
    if _is_related(stated) or stated.ellipsoid is None or said.ellipsoid is None:
        return False
    one, other = stated.ellipsoid, said.ellipsoid
    same_size = math.isclose(one.semi_major_metre, other.semi_major_metre, rel_tol=1e-6)
    same_shape = math.isclose(one.inverse_flattening, other.inverse_flattening, rel_tol=1e-6)
    return same_size and same_shape and stated.is_projected == said.is_projected


def accuracy_m(crs: CRS, x: float, y: float) -> float | None:
    """Return how well a point of this CRS can be placed on WGS84, in metres; None if PROJ does not know."""
    transformer = Transformer.from_crs(crs, STORAGE_CRS, always_xy=True)
    transformer.transform(x, y)
    try:
        accuracy = transformer.get_last_used_operation().accuracy
    except ProjError:  # nothing had to be done
        return None
    return float(accuracy) if accuracy >= 0 else None
