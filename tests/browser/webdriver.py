"""A browser, driven by the WebDriver protocol: JSON over HTTP to a chromedriver of the same machine.

The protocol is a standard and these are few of its calls, so there is no library between.
"""

import base64
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Nothing of the browser's own goes to the network; --no-sandbox because CI runs as root.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
BROWSERS = ("chromium", "google-chrome")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# Until what a click or a key has led to, such as another fragment, has reached the page and was drawn.
SETTLED = """return new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "ArrowRight": "\ue014"}


class Browser:
    """One session of a browser."""

    def __init__(self, address: str, profile: Path) -> None:
        self._address = address
        options = {
            "binary": next(filter(None, map(shutil.which, BROWSERS))),
            "args": [*FLAGS, f"--user-data-dir={profile}"],
        }
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        self._session = ""
        found = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{found['sessionId']}"

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310
            self._address + self._session + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None

    def quit(self) -> None:
        self._ask("DELETE", "")

    def size(self, width: int, height: int, scheme: str = "light") -> None:
        """Take a screen of this size, a phone's below 500 pixels, and a colour scheme."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.tell("Emulation.setDeviceMetricsOverride", screen)
        scheme_ = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.tell("Emulation.setEmulatedMedia", scheme_)

    def tell(self, command: str, parameters: dict[str, Any]) -> Any:
        """Give a command of the browser's own protocol."""
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, address: str) -> None:
        self._ask("POST", "/url", {"url": "about:blank"})
        self.log("browser")
        self.log("performance")
        self._ask("POST", "/url", {"url": address})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of a function in the page; return what it returns."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        for _ in range(100):
            if self.run(f"return {condition}"):
                return
            time.sleep(0.1)
        raise AssertionError(f"never came true: {condition}")

    def click(self, selector: str) -> None:
        """Click the middle of the first element that fits, as a pointer does."""
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        self._ask("POST", f"/element/{found[ELEMENT]}/click", {})
        self.run(SETTLED)

    def press(self, *keys: str) -> None:
        """Press keys, each by its name or its character, wherever the focus is."""
        strokes = [KEYS.get(key, key) for key in keys]
        actions = [{"type": kind, "value": key} for key in strokes for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})
        self.run(SETTLED)

    def log(self, kind: str) -> list[Any]:
        """Return what was logged since the last call."""
        found: list[Any] = self._ask("POST", "/se/log", {"type": kind})
        return found

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        sent = [event for event in events if event["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))


@contextmanager
def browser(folder: Path) -> Generator[Browser, None, None]:
    """Start chromedriver on a free port, and a browser with a profile of its own."""
    log = folder / "driver.log"
    with log.open("wb") as output:
        driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=output, stderr=subprocess.STDOUT)
    try:
        found = Browser(f"http://127.0.0.1:{_port(log)}", folder / "profile")
        try:
            yield found
        finally:
            found.quit()
    finally:
        driver.terminate()
        driver.wait(30)


def _port(log: Path) -> int:
    for _ in range(300):
        words = log.read_text().partition("started successfully on port ")[2].split(".")
        if words[0].isdigit():
            return int(words[0])
        time.sleep(0.1)
    raise AssertionError(f"chromedriver did not start: {log.read_text()}")
