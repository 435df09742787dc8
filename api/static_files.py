"""Serve the built browser code, for good where its address holds its version."""

import os

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.page import STATIC

FOR_GOOD = "public, max-age=31536000, immutable"


class BuiltFiles(StaticFiles):
    """The folder of built browser code; an application starts without one, and says "not found" for each file."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC, check_dir=False)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file; an address with `?v=` names one version of it, which never changes."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["cache-control"] = FOR_GOOD if scope["query_string"].startswith(b"v=") else "no-cache"
        return answer
