"""How many units are at the cluster, and that each comes back."""

from __future__ import annotations

from itertools import islice

import pytest

from napari_cutout.stacks.cluster import flight as flights
from napari_cutout.stacks.cluster.flight import Flight


def doubled(unit):
    if unit == 13:
        raise ArithmeticError("13")
    return 2 * unit


def flown(flight, units):
    """What comes back of units, sent while there is room."""
    for unit in units:
        while flight.is_full:
            yield from flight.ended()
        flight.send(unit)
        yield from flight.ended(wait=False)
    while len(flight):
        yield from flight.ended()


def test_every_unit_comes_back_once_with_its_answer(client):
    back = list(flown(Flight(client, doubled), range(14, 114)))

    assert sorted((ended.unit, ended.answer) for ended in back) == [
        (unit, 2 * unit) for unit in range(14, 114)
    ]


def test_an_error_is_of_its_unit_alone(client):
    back = {ended.unit: ended for ended in flown(Flight(client, doubled), range(10, 20))}

    assert isinstance(back[13].error, ArithmeticError)
    assert not back[13].was_killed
    others = {unit: ended.answer for unit, ended in back.items() if ended.error is None}
    assert others == {unit: 2 * unit for unit in range(10, 20) if unit != 13}


def test_of_a_million_units_only_the_next_are_anywhere(client, cluster):
    taken = []
    tasks = []
    flight = Flight(client, doubled)
    units = (taken.append(unit) or unit for unit in range(100, 1_000_100))
    back = flown(flight, units)

    for number, _ in enumerate(islice(back, 60), 1):
        tasks.append(len(cluster.scheduler.tasks))
        assert len(taken) - number <= most_at_once(flight)
    flight.cancel()

    # One more has been taken and not sent, and some that came back aren't forgotten yet.
    assert max(tasks) <= 3 * most_at_once(flight)


def most_at_once(flight):
    return max(flights.LEAST, flights.AHEAD * flight.threads) + 1


def test_what_is_cancelled_does_not_come_back(client):
    flight = Flight(client, doubled)
    flight.send(14)

    flight.cancel()

    assert len(flight) == 0


def test_threads_are_those_of_all_workers(client):
    flight = Flight(client, doubled)
    flight.send(14)
    while len(flight):
        flight.ended()

    assert flight.is_full is False
    assert flight.threads == 2


def test_a_client_that_was_closed_has_lost_its_scheduler(client):
    flight = Flight(client, doubled)
    client.close()

    with pytest.raises(flights.ClusterError, match="went away or was restarted"):
        flight.ended()
