"""How far the tables that are counted from the logs have come."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Base


class RollupProgress(Base):
    """Up to which row a rollup has counted, by the moment at which rows arrived, in nanoseconds since 1970.

    ``planned_until_ns`` is set while the rows between the two moments are being counted. Whoever comes next counts
    exactly those, whatever became of the attempt: only an insertion of the same rows is known to be the same.
    """

    __tablename__ = "rollup_progress"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    counted_until_ns: Mapped[int] = mapped_column(BigInteger)
    planned_until_ns: Mapped[int | None] = mapped_column(BigInteger)
