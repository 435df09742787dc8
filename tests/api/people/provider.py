"""A real OpenID provider as a process of its own, and somebody who signs in there."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from geocommons.settings import Settings
from scripts.install import node_environment
from tests.conftest import missing_part

WEB = Path(__file__).parents[3] / "api" / "web"


@dataclass
class Town:
    """The provider of a town's accounts."""

    port: int

    @property
    def issuer(self) -> str:
        """What the provider calls itself."""
        return f"http://localhost:{self.port}"

    def tell(self, **what: Any) -> None:
        """Change what the provider knows and does: `people`, `fault`, `new_key`; a fault lasts until the next call."""
        requests.put(f"{self.issuer}/test", json=what, timeout=20).raise_for_status()

    def settings(self, **more: Any) -> dict[str, Any]:
        """Return the settings of a register that trusts this provider."""
        return {
            "openid_issuer": self.issuer, "openid_client_id": "register", "openid_client_secret": "s" * 40, **more
        }  # fmt: skip

    def sign_in(self, address: str, name: str, password: str = "any") -> str:
        """Sign in as somebody at the address that the register sent them to; return where they are sent back to."""
        with requests.Session() as browser:
            answer = browser.get(address, timeout=20, allow_redirects=False)
            while True:
                if answer.is_redirect:
                    link = urljoin(answer.url, answer.headers["location"])
                    if not link.startswith(self.issuer):
                        return link
                    answer = browser.get(link, timeout=20, allow_redirects=False)
                else:
                    assert answer.status_code == 200, answer.text
                    action = re.search(r'action="([^"]+)"', answer.text)
                    assert action, answer.text
                    fields = {"prompt": "login", "login": name, "password": password}
                    target = urljoin(answer.url, unescape(action[1]))
                    answer = browser.post(target, fields, timeout=20, allow_redirects=False)


def trusting(settings: Settings, town: Town, **more: Any) -> Settings:
    """Return settings with a town's provider in them."""
    return settings.model_validate(settings.model_dump() | town.settings(**more))


@contextmanager
def town_provider(redirect_uri: str) -> Iterator[Town]:
    """Run a provider that sends people back to `redirect_uri`."""
    node = shutil.which("node", path=node_environment().get("PATH"))
    if node is None or not (WEB / "node_modules" / "oidc-provider").exists():
        missing_part("oidc-provider is not installed (make static)")
    command = [node, "test/provider.mjs", redirect_uri]
    with subprocess.Popen(command, cwd=WEB, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            yield Town(int(process.stdout.readline()))
        finally:
            process.terminate()
