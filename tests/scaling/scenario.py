"""What happens to a fleet, and what its clients see of it."""
import statistics
import time

from fleet import Fleet, wait_until
from traffic import Traffic, mix

MOST_PLACES = 2  # machines that have a model in memory, of three


def say(text):
    print(text, flush=True)


def faults(binary, models, folder, picture, forms, few=40, settle=3.0, idle=3):
    """A new machine joins, one is killed, all are restarted one after the other, under traffic of 32 clients, with at
    least `few` answers between one and the next. Returns what to tell: {"answered", "failures", "residence", "seconds"}."""
    with Fleet(binary, models, folder, running=2, environment={"OSPREY_UNLOAD_IDLE_SECONDS": str(idle)}) as fleet:
        first, _, newcomer = fleet.machines
        with Traffic([fleet.balancer.port], mix(picture, forms)) as traffic:
            traffic.wait_for(2 * few)

            say("a new empty machine joins")
            newcomer.start()
            fleet.wait_up(newcomer)
            wait_until("requests for the new one", lambda: fleet.balancer.served(newcomer.name) > 10)
            traffic.wait_for(few)

            say("one is killed")
            first.kill()
            traffic.wait_for(2 * few)
            first.start()
            fleet.wait_up(first)
            traffic.wait_for(few)

            say("all are restarted, one after the other")
            for machine in fleet.machines:
                fleet.restart(machine)
                traffic.wait_for(few)

            # A model that was elsewhere while its place was away is unloaded there.
            time.sleep(settle)
            wait_until(f"each model on at most {MOST_PLACES} machines",
                       lambda: all(len(places) <= MOST_PLACES for places in fleet.residence().values()), idle + 20)
            residence = fleet.residence()
        return {"answered": traffic.answered, "failures": traffic.failures, "residence": residence,
                "seconds": traffic.seconds, "retried": fleet.balancer.statistics()["BACKEND"]["wretr"]}


def throughput(binary, models, folder, picture, rounds, seconds, clients=32):
    """Requests a second through HAProxy over those of clients that take the machines in turn, every model being in memory
    everywhere; rounds take turns. Returns (ratio of each round, rates through HAProxy, direct rates)."""
    with Fleet(binary, models, folder) as fleet:
        ways = {"affinity": [fleet.balancer.port], "direct": [machine.port for machine in fleet.machines]}
        requests = mix(picture)
        rates = {way: [] for way in ways}
        for way, ports in ways.items():
            with Traffic(ports, requests, clients) as traffic:  # loads and warms
                traffic.wait_for(200)
        for _ in range(rounds):
            for way, ports in ways.items():
                with Traffic(ports, requests, clients) as traffic:
                    traffic.wait_for(clients)
                    began, before = time.monotonic(), traffic.answered
                    time.sleep(seconds)
                    rates[way].append((traffic.answered - before) / (time.monotonic() - began))
                assert not traffic.failures, traffic.failures[:3]
        ratios = [ours / direct for ours, direct in zip(rates["affinity"], rates["direct"])]
        return ratios, rates["affinity"], rates["direct"]


def told(result):
    """Of faults(), in words."""
    seconds = result["seconds"]
    lines = [f"{result['answered']} requests answered, {len(result['failures'])} failed",
             f"median {statistics.median(seconds):.2f} s, p99 {seconds[int(0.99 * len(seconds))]:.2f} s, "
             f"longest {seconds[-1]:.2f} s"]
    lines += [f"{model}: in memory on {', '.join(sorted(places))}" for model, places in sorted(result["residence"].items())]
    return "\n".join(lines + [f"failed: {failure}" for failure in result["failures"][:10]])
