"""Reverse DNS, with and without asyncio.  Nobody answers at port 1: a look-up
that fails is an answer, too.  That names are found is tested in tests/dns."""
import asyncio
import gc
import os
import select
import time

import pytest

import mayrelay

NOBODY = "127.0.0.1:1"
POLICY = """
mayrelay: 1
relay: {allow: [{name: known, clients: [.trusted.example]}]}
"""


@pytest.fixture
def session():
    session = mayrelay.parse(POLICY).session()
    session.connect("192.0.2.7")
    session.mail("a@b.example")
    assert session.rcpt("c@far.example").needs == {"client-name"}
    return session


def test_waiting(session):
    with mayrelay.Resolver(NOBODY, deadline=5) as resolver:
        answer = resolver.resolve("192.0.2.7")
    assert not answer.is_known and answer.names == ()
    assert answer.client == "192.0.2.7" and "192.0.2.7" in answer.explain()
    session.take(answer)
    assert session.resume().reason == "lookup-failed"
    assert not session.needs


def test_in_a_loop_of_ones_own():
    resolver = mayrelay.Resolver(NOBODY, deadline=5)
    resolver.ask("192.0.2.7", 2 ** 63)
    found, end = [], time.monotonic() + 60
    while not found and time.monotonic() < end:
        select.select([resolver], [], [], 60)
        resolver.dispatch()
        found = list(resolver.answers())
    assert [token for token, _ in found] == [2 ** 63]


def test_asyncio(session):
    async def main():
        async with mayrelay.AsyncResolver(NOBODY, 5) as resolver:
            decision, *answers = await asyncio.gather(
                resolver.complete(session, "192.0.2.7"),
                *(resolver.resolve(f"192.0.2.{number}")
                  for number in range(50)))
            assert decision.reason == "lookup-failed"
            assert [it.client for it in answers] == [
                f"192.0.2.{number}" for number in range(50)]
    asyncio.run(main())


def test_what_is_not_needed_is_not_asked(session):
    async def main():
        session.rcpt("a..b@far.example")
        async with mayrelay.AsyncResolver(NOBODY) as resolver:
            decision = await resolver.complete(session, "192.0.2.7")
            assert decision.reason == "bad-recipient"
    asyncio.run(main())


def test_tasks_that_are_cancelled():
    async def main():
        async with mayrelay.AsyncResolver("192.0.2.1", 60) as resolver:
            tasks = [asyncio.create_task(resolver.resolve("192.0.2.9"))
                     for _ in range(3)]
            await asyncio.sleep(0)
            tasks[0].cancel()
            with pytest.raises(asyncio.CancelledError):
                await tasks[0]
        for task in tasks[1:]:  # closed while they wait
            with pytest.raises(asyncio.CancelledError):
                await task
    asyncio.run(main())


def test_an_answer_about_another_client(session):
    with mayrelay.Resolver(NOBODY, 5) as resolver:
        answer = resolver.resolve("192.0.2.8")
    with pytest.raises(mayrelay.Error):
        session.take(answer)
    session.take(None)
    assert not session.resume()


def test_bad_input():
    with pytest.raises(ValueError):
        mayrelay.Resolver("nonsense")
    resolver = mayrelay.Resolver(NOBODY, 5)
    for client in ("nonsense", "192.0.2.7\0", "\ud800"):
        with pytest.raises((ValueError, mayrelay.Error)):
            resolver.ask(client, 1)
        with pytest.raises((ValueError, mayrelay.Error)):
            resolver.resolve(client)
    with pytest.raises(TypeError):
        resolver.ask(None, 1)
    with pytest.raises(OverflowError):
        resolver.ask("192.0.2.7", -1)
    resolver.close()
    resolver.close()
    for call in resolver.fileno, resolver.dispatch, lambda: list(
            resolver.answers()):
        with pytest.raises(mayrelay.ClosedError):
            call()


def test_fork():
    resolver = mayrelay.Resolver(NOBODY, 5)
    resolver.ask("192.0.2.7", 1)
    child = os.fork()
    if child == 0:
        good = not resolver.resolve("192.0.2.8").is_known
        del resolver
        gc.collect()
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not resolver.resolve("192.0.2.7").is_known
