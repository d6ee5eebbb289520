"""Good answers that models are shown before they write requests, functions, modules and answers. All are of four small stories."""

from __future__ import annotations

from typing import Any, Final

from operators.tools.details import NEXT

STAMPS, SELL = "a collector wants to sell stamps", "Please put my stamp from Malta of 1926 up for sale at 45 euros."
DEARER = "Make the price of that stamp 52 euros instead."
BEES, HONEY = "a beekeeper wants to note the honey of each hive", "Note 12 kilos of honey of 6 June for my hive Clover."
SWIMMERS, POOLS = "a father wants to go swimming with his children", "Which swimming pools in Graz are open at 9:30 on Sunday?"
TENANT, HEATER = "a tenant wants to have a heater repaired", "The heater in flat 24 is broken: please tell the caretaker. My name is Ines Weber."

REQUESTS: Final = (
    ({"scenario": STAMPS, "details": ["Malta", "45 euros", "9:15"]}, {"task": SELL}),
    ({"scenario": BEES, "details": ["Jonas Rossi", "6 June", "12"]}, {"task": HONEY}),
    ({"scenario": SWIMMERS, "details": ["Graz", "9:30", "120 euros"]}, {"task": POOLS}),
    ({"scenario": TENANT, "details": ["Ines Weber", "number 24", "18:00"]}, {"task": HEATER}),
)

FOLLOW_UPS: Final = (
    (
        {"scenario": STAMPS, "task": SELL, "next": NEXT[0]},
        {"follow_up": DEARER, "task": "Put my stamp from Malta of 1926 up for sale at 45 euros, and then make its price 52 euros instead."},
    ),
    (
        {"scenario": SWIMMERS, "task": POOLS, "next": NEXT[1]},
        {
            "follow_up": "Buy tickets for two children in the first of them.",
            "task": "Find out which swimming pools in Graz are open at 9:30 on Sunday, and buy tickets for two children in the first of them.",
        },
    ),
    (
        {"scenario": BEES, "task": HONEY, "next": NEXT[4]},
        {
            "follow_up": "How much honey has Clover given in all?",
            "task": "Note 12 kilos of honey of 6 June for my hive Clover, and tell me how much honey it has given in all.",
        },
    ),
    (
        {"scenario": TENANT, "task": HEATER, "next": NEXT[9]},
        {
            "follow_up": "Has anybody been sent to flat 24 yet?",
            "task": "Please tell the caretaker that the heater in flat 24 is broken; my name is Ines Weber. Has anybody been sent there yet?",
        },
    ),
)


def _function(name: str, description: str, **parameters: tuple[str, str, str]) -> dict[str, Any]:
    """`parameters`: of each its type, its description, and the value that the request gives."""
    listed = [{"name": one, "type": type_, "description": told, "value": value, "required": True} for one, (type_, told, value) in parameters.items()]
    return {"functions": [{"name": name, "description": description, "parameters": listed}]}


_OFFER, _CHANGE = "Put a stamp up for sale and return the number of the offer.", "Change the price of an offer and return the offer."
FUNCTIONS: Final = (
    (
        {"before": [], "part": SELL, "known": ""},
        _function(
            "offer_stamp",
            _OFFER,
            country=("string", "where it is from", "Malta"),
            year=("integer", "when it was printed", "1926"),
            price=("number", "in euros", "45"),
        ),
    ),
    (
        {"before": [SELL], "part": DEARER, "known": f"offer_stamp(country, year, price): {_OFFER}"},
        _function("change_price", _CHANGE, offer=("integer", "its number, as returned", ""), price=("number", "the new one, in euros", "52")),
    ),
)

_STUBS: Final = f'''def offer_stamp(country: str, year: int, price: float) -> dict:
    """{_OFFER}"""

def change_price(offer: int, price: float) -> dict:
    """{_CHANGE}"""'''
_MODULE: Final = """```python
db.execute("CREATE TABLE offers (id INTEGER, country TEXT, year INTEGER, price REAL)")
db.execute("INSERT INTO offers VALUES (1, 'Chile', 1931, 12.0)")
db.execute("INSERT INTO offers VALUES (2, 'Malta', 1899, 80.0)")
db.execute("INSERT INTO offers VALUES (3, 'Nepal', 1907, 30.5)")
db.execute("INSERT INTO offers VALUES (4, 'Peru', 1874, 55.0)")
db.execute("INSERT INTO offers VALUES (5, 'Malta', 1930, 9.0)")

def offer_stamp(country, year, price):
    offer = db.execute("SELECT max(id) FROM offers").fetchone()[0] + 1
    db.execute("INSERT INTO offers VALUES (?, ?, ?, ?)", (offer, country, year, price))
    return {"offer": offer, "country": country, "price": price}

def change_price(offer, price):
    row = db.execute("SELECT country, year FROM offers WHERE id = ?", (offer,)).fetchone()
    if row is None:
        raise ValueError(f"there is no offer {offer}")
    db.execute("UPDATE offers SET price = ? WHERE id = ?", (price, offer))
    return {"offer": offer, "country": row[0], "year": row[1], "price": price}
```"""
MODULES: Final = (
    (
        {
            "sub_tasks": [SELL, DEARER],
            "examples": ["offer_stamp(country='Malta', year=1926, price=45.0)"],
            "stubs": _STUBS,
            "module": "",
            "fault": "",
        },
        _MODULE,
    ),
)

ANSWERS: Final = (
    (
        {"said": f"User: {SELL}", "results": ['{"offer":312,"country":"Malta","price":45.0}']},
        "Your stamp from Malta is up for sale at 45 euros, as offer 312.",
    ),
    ({"said": "User: Book the room Lilac for me.", "results": ['{"error":"there is no room Lilac"}']}, "There is no room Lilac to be booked."),
    (
        {"said": f"User: {POOLS}", "results": ['{"pools":[{"name":"Augarten","until":"18:00"},{"name":"Eggenberg","until":"20:00"}]}']},
        "Two are open then: Augarten, until 18:00, and Eggenberg, until 20:00.",
    ),
)
