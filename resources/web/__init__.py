"""Pages of the public web, fetched politely and within limits, from no address that is not public.

`open_web()` is the way in; what it returns is an `operators.web.fetching.Web`.
"""

from __future__ import annotations

from resources.web.opening import open_web
from resources.web.settings import WebSettings

__all__ = ["WebSettings", "open_web"]
