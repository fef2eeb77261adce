from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, UTCDateTime


class Thing(Base):
    __tablename__ = "lost_property_thing"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    what: Mapped[str]
    found_at: Mapped[datetime] = mapped_column(UTCDateTime)
