"""A policy that follows its files, with and without asyncio."""
import asyncio
import gc
import os
import select
import threading
import time

import pytest

import mayrelay

OPEN = "mayrelay: 1\nrelay: {allow: [{name: office, clients: [10.0.0.0/8]}]}\n"
SHUT = "mayrelay: 1\n"
BAD = "mayrelay: 1\nrelay: {alow: []}\n"
PATIENCE = 30  # seconds, for what takes a tenth of one


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text(OPEN)
    return file


def replace(file, text):
    new = file.with_suffix(".new")
    new.write_text(text)
    new.rename(file)


def rules(policy):
    return [rule.name for rule in policy.rules]


def dispatched(watch):
    """The next reload that is one."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        select.select([watch], [], [], 1)
        reload = watch.dispatch()
        if reload.outcome != "none":
            return reload
    raise AssertionError("nothing has changed")


def test_a_file_that_changes(file):
    with mayrelay.Watch(file) as watch:
        first = watch.policy
        assert rules(first) == ["office"]
        assert not watch.dispatch() and watch.policy.digest == first.digest
        replace(file, SHUT)
        reload = dispatched(watch)
        assert reload and reload.outcome == "done"
        assert rules(watch.policy) == [] and rules(first) == ["office"]


def test_an_error_never_comes_into_force(file):
    with mayrelay.Watch(file) as watch:
        replace(file, BAD)
        reload = dispatched(watch)
        assert not reload and reload.outcome == "failed"
        assert (reload.findings[-1].file, reload.findings[-1].line) \
            == (str(file), 2)
        assert rules(watch.policy) == ["office"]
        assert watch.reload().outcome == "failed"
        replace(file, SHUT)
        assert watch.reload() and rules(watch.policy) == []


def test_a_first_policy_that_is_none(file):
    file.write_text(BAD)
    with pytest.raises(mayrelay.PolicyError) as caught:
        mayrelay.Watch(file)
    assert caught.value.first.line == 2
    with pytest.raises(mayrelay.PolicyError):
        mayrelay.Watch(file, require_closed=True)
    for wrong, error in ((None, TypeError), (5.0, TypeError),
                         ("a\0b", ValueError), ("x" * 10**6, ValueError)):
        with pytest.raises(error):
            mayrelay.Watch(wrong)


def test_warnings_of_the_first(file):
    file.write_text(SHUT)
    with mayrelay.Watch(file) as watch:
        assert [it.severity for it in watch.warnings] == ["warning"]
        assert watch.reload().outcome == "none"
        replace(file, OPEN + "lists: {never-used: [192.0.2.1]}\n")
        assert {it.severity for it in watch.reload().findings} == {"warning"}


def test_what_outlives_it(file):
    watch = mayrelay.Watch(file)
    policy, session = watch.policy, watch.policy.session()
    del watch
    gc.collect()
    session.connect("10.1.2.3")
    session.mail("")
    assert session.rcpt("c@far.example").rule == "office"
    del session
    assert rules(policy) == ["office"]


def test_a_closed_watch(file):
    watch = mayrelay.Watch(file)
    watch.close()
    watch.close()
    for call in (watch.dispatch, watch.reload, watch.fileno,
                 lambda: watch.policy):
        with pytest.raises(mayrelay.ClosedError):
            call()


def test_many_watches_leave_no_descriptor(file):
    mayrelay.Watch(file)
    before = os.listdir("/proc/self/fd")
    for _ in range(200):
        assert mayrelay.Watch(file).policy
    gc.collect()
    assert os.listdir("/proc/self/fd") == before


def test_threads_ask_while_it_reloads(file):
    """Each policy is one of the two, whole; and one of them closes at last."""
    wrong, asked = [], [0] * 3
    with mayrelay.Watch(file) as watch:
        def ask(number):
            try:
                while True:
                    if rules(watch.policy) not in (["office"], []):
                        wrong.append("neither")
                    asked[number] += 1
            except mayrelay.ClosedError:
                pass
        threads = [threading.Thread(target=ask, args=(number,))
                   for number in range(len(asked))]
        for thread in threads:
            thread.start()
        for turn in range(60):
            replace(file, SHUT if turn % 2 == 0 else OPEN)
            assert watch.reload()
    for thread in threads:
        thread.join()
    assert not wrong and all(asked)


def test_asyncio(file):
    async def main():
        async with mayrelay.AsyncWatch(file) as watch:
            assert rules(watch.policy) == ["office"]
            for text, outcome, left in ((BAD, "failed", ["office"]),
                                        (SHUT, "done", []),
                                        (OPEN, "done", ["office"])):
                replace(file, text)
                reload = await asyncio.wait_for(watch.changed(), PATIENCE)
                assert reload.outcome == outcome
                assert rules(watch.policy) == left
            assert (await watch.reload()).outcome == "none"
        with pytest.raises(mayrelay.ClosedError):
            watch.policy
        with pytest.raises(mayrelay.ClosedError):
            await watch.reload()
    asyncio.run(main())


def test_asyncio_closes_amid_a_change(file):
    async def main(naps):
        watch = mayrelay.AsyncWatch(file)
        replace(file, SHUT if naps % 2 else OPEN)
        await asyncio.sleep(0.05 * naps)
        watch.close()
        watch.close()
    for naps in range(6):
        asyncio.run(main(naps))


def test_reloads_that_nobody_waits_for(file):
    async def main():
        watch = mayrelay.AsyncWatch(file)
        for turn in range(20):
            watch._told.full() and watch._told.get_nowait()
            replace(file, SHUT if turn % 2 == 0 else OPEN)
            await watch.reload()
        assert rules(watch.policy) == ["office"]
        watch.close()
    asyncio.run(main())
