"""What the headers of a page allow, and what JSON in a page cannot do."""

from api.page import script_json
from api.security import content_security_policy


def test_pages_load_nothing_from_elsewhere() -> None:
    policy = content_security_policy()
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_images_may_come_from_the_host_of_the_base_map() -> None:
    policy = content_security_policy("https://{s}.tiles.example.org/{z}/{x}/{y}.png")
    assert "img-src 'self' data: https://*.tiles.example.org;" in policy


def test_no_text_can_close_the_script_that_holds_it() -> None:
    assert "</script>" not in script_json({"name": "</script><script>alert(1)</script>"})
