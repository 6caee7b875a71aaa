"""A headless Chromium driven over its debugging pipe; only Python's own library is needed."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

TIMEOUT_S = 60


class Page:
    """One tab. Collects what a well-behaved report never causes: errors and requests."""

    def __init__(self, browser, target, session):
        self._browser = browser
        self._target = target
        self._session = session
        self.errors = []
        self.requests = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        return self._browser.call(method, parameters, self._session, self._note)

    def open(self, url):
        self._loaded = False
        self.call("Page.navigate", url=url)
        self._browser.read_until(lambda: self._loaded, self._note)

    def evaluate(self, expression):
        """The value of a JavaScript expression, which may be a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def resize(self, width, height, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.settle()

    def settle(self):
        """Waits until two frames are painted: resize observers and charts have run by then."""
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")

    def save_screenshot(self, path):
        """The whole page, as a PNG."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(answer["data"]))

    def press(self, key, text=""):
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, text=text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def close(self):
        self._browser.call("Target.closeTarget", {"targetId": self._target}, None, lambda message: None)

    def _note(self, message):
        if message.get("sessionId") != self._session:
            return
        method, parameters = message["method"], message["params"]
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.errors.append(str([value.get("value") for value in parameters["args"]]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.errors.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])


class Browser:
    """Starts with the object and ends with close(), or with the block of a `with`."""

    def __init__(self):
        self._profile = tempfile.mkdtemp(prefix="firstguess-chromium-")
        read_commands, self._write = os.pipe()
        self._read, write_answers = os.pipe()
        # Chromium reads commands from descriptor 3 and writes answers to 4.
        for_chromium = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (read_commands, write_answers)]

        def place_descriptors():
            os.dup2(for_chromium[0], 3)
            os.dup2(for_chromium[1], 4)

        self._process = subprocess.Popen(
            [shutil.which("chromium") or "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-dev-shm-usage", "--remote-debugging-pipe", f"--user-data-dir={self._profile}", "about:blank"],
            preexec_fn=place_descriptors, pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in (read_commands, write_answers, *for_chromium):
            os.close(fd)
        self._buffer = b""
        self._next_id = 0
        self._answers = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.call("Browser.close", {}, None, lambda message: None)
        except (OSError, RuntimeError):
            self._process.kill()
        try:
            self._process.wait(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)
        shutil.rmtree(self._profile, ignore_errors=True)

    def new_page(self):
        ignore = lambda message: None
        target = self.call("Target.createTarget", {"url": "about:blank"}, None, ignore)["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True}, None, ignore)["sessionId"]
        return Page(self, target, session)

    def call(self, method, parameters, session, on_event):
        self._next_id += 1
        number = self._next_id
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        self.read_until(lambda: number in self._answers, on_event)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def read_until(self, condition, on_event):
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            while b"\0" in self._buffer:
                message, self._buffer = self._buffer.split(b"\0", 1)
                message = json.loads(message)
                if "id" in message:
                    self._answers[message["id"]] = message
                else:
                    on_event(message)
            if condition():
                return
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                raise RuntimeError(f"chromium did not answer within {TIMEOUT_S} s")
            chunk = os.read(self._read, 1 << 20)
            if not chunk:
                raise RuntimeError("chromium ended")
            self._buffer += chunk
