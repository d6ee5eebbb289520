"""Ratings with their reason: what a judge answers, on a scale that is stated and enforced."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model


class Rating(BaseModel):
    """A number and why. The reason comes first: a model that has to explain itself before it judges, judges better.

    Where the scale is fixed, subclass it: `score: int = Field(ge=0, le=5)`. Where parameters say it: `on_scale(Rating, lowest, highest)`.
    """

    reason: str = Field(max_length=200, description="one short sentence")
    score: float


Rated = TypeVar("Rated", bound=BaseModel)


@lru_cache(maxsize=64)
def on_scale(rating: type[Rated], lowest: float, highest: float) -> type[Rated]:
    """A rating whose score lies from `lowest` to `highest`; the score stays a whole number where it is one.

    >>> on_scale(Rating, 0, 10)(reason="dull", score=2).score
    2.0
    """
    declared = rating.model_fields["score"]
    score: Any = (declared.annotation, Field(ge=lowest, le=highest, description=declared.description))
    return create_model(rating.__name__, __base__=rating, score=score)


@lru_cache(maxsize=64)
def on_dimensions(names: tuple[str, ...], lowest: int, highest: int, reasons: bool = False) -> type[BaseModel]:
    """An answer with a whole number for each name; with `reasons`, a `Rating` for each.

    >>> on_dimensions(("wit", "charm"), 1, 5)(wit=5, charm=2).model_dump()
    {'wit': 5, 'charm': 2}
    """
    scale = Field(ge=lowest, le=highest)
    rating = create_model("DimensionRating", __base__=Rating, score=(int, scale)) if reasons else None
    fields: dict[str, Any] = dict.fromkeys(names, (rating, ...) if rating else (int, scale))
    return create_model("Ratings", __config__=ConfigDict(extra="forbid"), **fields)
