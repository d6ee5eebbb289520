"""A small railway with two functions: their definitions, a module that implements them, and a conversation in which they are called."""

from __future__ import annotations

import json
from typing import Any


def definition(name: str, description: str, required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TEXT = {"type": "string", "description": "a name"}
TOOLS = [
    definition("find_train", "Find trains between two towns.", ("start", "end"), start=TEXT, end=TEXT),
    definition("book_seat", "Book seats in a train.", ("train",), train=TEXT, seats={"type": "integer", "description": "how many", "default": 1}),
]
MODULE = """
db.execute("CREATE TABLE trains (name TEXT, start TEXT, stop TEXT, free INTEGER)")
db.executemany("INSERT INTO trains VALUES (?, ?, ?, ?)", [("IC 71", "Bern", "Basel", 40), ("IR 17", "Bern", "Olten", 3)])

def find_train(start, end):
    rows = db.execute("SELECT name, free FROM trains WHERE start = ? AND stop = ?", (start, end)).fetchall()
    return {"trains": [{"name": name, "free": free} for name, free in rows]}

def book_seat(train, seats=1):
    row = db.execute("SELECT free FROM trains WHERE name = ?", (train,)).fetchone()
    if row is None:
        raise ValueError("there is no train " + train)
    db.execute("UPDATE trains SET free = free - ? WHERE name = ?", (seats, train))
    return {"train": train, "booked": seats, "free": row[0] - seats}
"""
SUB_TASKS = ["Which train goes from Bern to Basel?", "Book 2 seats in it, please."]
ROW = {"sub_tasks": SUB_TASKS, "tools": json.dumps(TOOLS), "implementation": MODULE}


def called(name: str, id_: str, **arguments: Any) -> dict[str, Any]:
    call = {"id": id_, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def returned(id_: str, value: Any) -> dict[str, Any]:
    return {"role": "tool", "content": value if isinstance(value, str) else json.dumps(value), "tool_call_id": id_}


def said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": text}


MESSAGES = [
    said("user", SUB_TASKS[0]),
    called("find_train", "call_1", start="Bern", end="Basel"),
    returned("call_1", {"trains": [{"name": "IC 71", "free": 40}]}),
    said("assistant", "The IC 71 goes there; it has 40 free seats."),
    said("user", SUB_TASKS[1]),
    called("book_seat", "call_2", train="IC 71", seats=2),
    returned("call_2", {"train": "IC 71", "booked": 2, "free": 38}),
    said("assistant", "Done: 2 seats are booked, and 38 are left."),
]


def changed(place: int, message: dict[str, Any]) -> list[dict[str, Any]]:
    """The conversation with another message at a place, from 0."""
    return [*MESSAGES[:place], message, *MESSAGES[place + 1 :]]


FIRST_NAMES = ("traveller", "baker", "diver")
"""Who is in the scenarios of the pipeline's test."""
