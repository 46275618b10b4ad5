"""The same two queries with FastAPI and SQLAlchemy and nothing else."""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, DateTime, String, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
engine = create_async_engine(URL, pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class ItemRow(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Item(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    version: int
    created_at: datetime


class ItemPage(BaseModel):
    items: list[Item]
    next_cursor: str | None


async def open_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(open_session)]


@app.get("/items")
async def list_items(session: Session, cursor: str | None = None, limit: int = 20) -> ItemPage:
    after = int(cursor) if cursor else 0
    query = select(ItemRow).where(ItemRow.id > after).order_by(ItemRow.id).limit(limit + 1)
    rows = (await session.scalars(query)).all()
    page = [Item.model_validate(row) for row in rows[:limit]]
    return ItemPage(items=page, next_cursor=str(page[-1].id) if len(rows) > limit else None)


@app.get("/items/{item_id}")
async def read_item(item_id: int, session: Session) -> Item:
    row = await session.get(ItemRow, item_id)
    if row is None:
        raise HTTPException(404)
    return Item.model_validate(row)


if __name__ == "__main__":
    # As the service runs it: one worker, no access log.
    uvicorn.run(app, host="0.0.0.0", port=8080, http="httptools", ws="none", access_log=False)  # noqa: S104
