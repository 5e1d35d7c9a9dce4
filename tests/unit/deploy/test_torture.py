"""The campaigns' own tools: the table, the client that sends by the clock, and travellers that repeat with their seed."""

import ast
import asyncio
import itertools

import pytest

from deploy.launcher.configuration import CHECKOUT
from tests.torture.__main__ import CAMPAIGNS, main
from tests.torture.ledger import Verdict
from tests.torture.open_loop import Answer, Connections, send_at_rate
from tests.torture.report import Outcome, make_table

STALL_S = 0.4


def test_table_has_the_columns_that_were_asked_for():
    table = make_table([Outcome("kill", "20 crossings", 7, "3 kills", lost=0, doubled=0, seconds=12.3)])
    heading, _, row = table.splitlines()
    assert heading.split() == ["campaign", "size", "seed", "lost", "doubled", "found", "time", "result"]
    assert row.split() == ["kill", "20", "crossings", "7", "0", "0", "3", "kills", "12", "s", "passed"]


def test_a_fault_is_shown_and_fails():
    table = make_table([Outcome("load", "5 s", 7, "1 error", faults=("p99 900 ms",))])
    assert "FAILED" in table
    assert table.splitlines()[-1] == "load: FAULT p99 900 ms"


def test_an_outcome_is_read_as_it_was_written(tmp_path):
    outcome = Outcome("kill", "20", 7, "3 kills", lost=1, doubled=0, faults=("1 lost",), notes=("slow",))
    outcome.write(tmp_path / "outcome.json")
    assert Outcome.read(tmp_path / "outcome.json") == outcome


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_every_campaign_has_a_module_that_runs_with_seed_and_size(name):
    tree = ast.parse((CHECKOUT / "tests" / "torture" / f"{name}.py").read_text())
    (run,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "run"]
    assert [argument.arg for argument in run.args.kwonlyargs] == ["seed", "size"]
    assert CAMPAIGNS[name].short <= CAMPAIGNS[name].full


def test_an_unknown_campaign_is_named(capsys):
    with pytest.raises(SystemExit):
        main(["flood"])
    assert "no campaign flood" in capsys.readouterr().err


def test_a_verdict_names_what_is_not_as_promised():
    assert Verdict(lost=0, doubled=0, stuck=0, illegal=0, unsent=0).faults == ()
    assert Verdict(lost=2, doubled=0, stuck=1, illegal=0, unsent=0).faults == ("2 lost", "1 stuck")


def test_a_stall_of_the_server_is_seen_by_all_that_were_due_meanwhile():
    """A client that waited for each answer would see one slow request; here everything due in the stall is late."""
    answers: list[Answer] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while await reader.readline():
            await reader.readuntil(b"\r\n")
            await stalled.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async def campaign() -> int:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        asyncio.get_running_loop().call_later(STALL_S, stalled.set)
        connections = Connections("127.0.0.1", port)
        count = await send_at_rate(
            connections,
            rate=50,
            seconds=0.3,
            next_request=lambda: (b"GET / HTTP/1.1\r\n\r\n", answers.append),
        )
        connections.close()
        server.close()
        for writer in writers:
            writer.close()
            await writer.wait_closed()
        return count

    stalled = asyncio.Event()
    writers: list[asyncio.StreamWriter] = []
    assert asyncio.run(campaign()) == 15
    assert [answer.status for answer in answers] == [200] * 15
    assert min(answer.seconds for answer in answers) >= STALL_S - 0.3 - 0.05
    assert sum(answer.seconds > 0.15 for answer in answers) >= 10


def test_no_answer_is_an_answer_with_status_0():
    answers: list[Answer] = []
    nowhere = Connections("127.0.0.1", 1)
    asyncio.run(send_at_rate(nowhere, rate=10, seconds=0.1, next_request=lambda: (b"", answers.append)))
    assert [(answer.status, answer.code) for answer in answers] == [(0, "")]


def test_travelers_repeat_with_their_seed_and_are_all_different():
    from tests.torture.traffic import make_travelers

    first, again, other = (list(itertools.islice(make_travelers(seed, "t"), 200)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len({request["keyed"]["document_number"] for request in first}) == 200
    assert len({request["client_reference"] for request in first}) == 200
