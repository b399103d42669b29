"""bench/fleet_simulator.py: its queues against what the theory of queues says, its balancers against what they promise."""
import pathlib
import random
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
import fleet_constants  # noqa: E402
import fleet_machines  # noqa: E402

MODEL = fleet_machines.Model(core_seconds=0.01, cold_seconds=0.5, megabytes=100)


def run(plan, models, policy, rate, requests, choose, seed=1):
    fleet, gap, now = fleet_machines.Fleet(plan, models, policy, seed), random.Random(seed), 0.0
    for _ in range(requests):
        now += gap.expovariate(rate)
        fleet.arrive(now, choose(gap))
    result = fleet.totals()
    fleet.finish()
    return fleet, result


def test_one_machine_makes_requests_wait_as_the_theory_says():
    # M/D/1: the mean wait is load / (2 (1 - load)) times what one request takes.
    _, result = run(fleet_machines.Plan(1, 1, 1000, 10 ** 9), [MODEL], "round robin", 70, 200_000, lambda _: 0)
    assert result.cold == 1
    settled = result.seconds[20_000:]
    assert sum(settled) / len(settled) == pytest.approx(0.01 + 0.7 / (2 * 0.3) * 0.01, rel=0.05)
    assert result.busy / result.span == pytest.approx(0.7, rel=0.02)


def test_the_first_request_waits_for_the_load_and_those_behind_it_too():
    fleet = fleet_machines.Fleet(fleet_machines.Plan(1, 4, 1000), [MODEL], "round robin")
    fleet.arrive(0.0, 0)
    fleet.arrive(0.1, 0)
    fleet.finish()
    assert fleet.result.seconds == pytest.approx([0.51, 0.41])
    assert fleet.result.cold == 1


def test_the_least_recently_used_model_makes_room():
    fleet = fleet_machines.Fleet(fleet_machines.Plan(1, 1, 200), [MODEL] * 3, "round robin")
    for time, model in enumerate((0, 1, 0, 2, 0, 1)):
        fleet.arrive(time * 10.0, model)
    fleet.finish()
    assert fleet.result.cold == 4  # 0, 1, 2 for the first time, and 1 again, which 2 had put out


def test_affinity_has_fewer_cold_starts_and_no_machine_beyond_its_share():
    models = [MODEL] * 200
    plan = fleet_machines.Plan(20, 1, 1500)
    choose = random.Random(2)
    weights = [1 / rank for rank in range(1, 201)]

    def popular(_):
        return choose.choices(range(200), weights)[0]

    results = {policy: run(plan, models, policy, 400, 8000, popular)[1] for policy in fleet_machines.POLICIES}
    assert results["affinity"].cold < 0.3 * results["round robin"].cold
    assert results["affinity"].copies < results["round robin"].copies

    fleet = fleet_machines.Fleet(plan, models, "affinity")
    for number in range(100):  # all at once, all for one model
        fleet.arrive(0.0, 0)
        assert max(fleet.loads) <= 2.0 * (number + 1) / plan.machines + 1
    assert sum(load > 0 for load in fleet.loads) == 10  # as many as twice the mean of 5 asks for


def test_more_than_may_wait_is_refused():
    fleet = fleet_machines.Fleet(fleet_machines.Plan(1, 1, 1000, max_waiting=3), [MODEL], "round robin")
    for _ in range(10):
        fleet.arrive(0.0, 0)
    assert fleet.result.refused == 6


def test_the_constants_are_those_of_the_measured_tables():
    costs = fleet_constants.read()
    assert set(costs) == set(fleet_constants.SIZES)
    assert costs["small"].core_seconds < costs["medium"].core_seconds < costs["large"].core_seconds
    for cost in costs.values():
        assert 0.0002 < cost.core_seconds < 2
        assert 0.01 < cost.cold_seconds < 10
        assert 10 < cost.megabytes < 2000


def test_the_command_tells_a_table():
    command = [sys.executable, str(ROOT / "bench/fleet_simulator.py"), "--machines", "20", "--models", "100", "--requests", "2000",
               "--memory", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("| 1 | ") == 3
