import socket

import pytest

from deploy.launcher.failures import ExitCode, LaunchError
from deploy.launcher.ports import LOOPBACK, choose_web_port, is_free, pick_free_port


def test_the_first_free_candidate_is_chosen():
    assert choose_web_port(None, [8000, 8001, 8002], is_free=lambda port: port != 8000) == 8001


def test_a_wanted_port_is_used_when_it_is_free():
    assert choose_web_port(9000, [8000], is_free=lambda port: True) == 9000


def test_a_wanted_port_that_is_taken_is_named_and_not_replaced():
    with pytest.raises(LaunchError, match=r"Port 9000 is in use.*WEB_PORT") as refusal:
        choose_web_port(9000, [8000], is_free=lambda port: port == 8000)

    assert refusal.value.code == ExitCode.PORT_IN_USE


def test_no_free_candidate_names_the_range():
    with pytest.raises(LaunchError, match="from 8000 to 8001") as refusal:
        choose_web_port(None, [8000, 8001], is_free=lambda port: False)

    assert refusal.value.code == ExitCode.PORT_IN_USE


def test_a_port_that_somebody_listens_on_is_not_free():
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen(1)

        assert not is_free(listener.getsockname()[1])


def test_a_picked_port_is_free():
    assert is_free(pick_free_port())
