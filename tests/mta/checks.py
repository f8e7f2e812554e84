"""Counts what holds and what does not, says the latter, and waits for what is
to come."""
import time

LONGEST = 30  # seconds that anything may take that must come


def wait_until(condition):
    """Whether it comes to hold: the last thing it was."""
    end = time.monotonic() + LONGEST
    while not (last := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return last


class Checks:
    def __init__(self, quiet=False):
        self.quiet = quiet
        self.passed = self.failed = 0

    def expect(self, name, actual, wanted):
        good = actual == wanted
        self.passed += good
        self.failed += not good
        if not good and not self.quiet:
            print(f"FAILED {name}\n    got    {actual!r}\n"
                  f"    wanted {wanted!r}", flush=True)
        return good

    def expect_true(self, name, condition):
        return self.expect(name, bool(condition), True)

    def end(self):
        """The line that tests/support/count.py reads, and the exit status."""
        print(f"{self.passed} passed, {self.failed} failed")
        return int(self.failed > 0)
