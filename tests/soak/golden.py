"""What an answer is compared by: JSON without what is new each time, numbers within a tolerance; any other body byte for byte."""
import json
import math

NEW_EACH_TIME = {"time", "inference_id", "detection_id", "resolved_model", "parent_id"}
TOLERANCE = 1e-5  # of numbers, absolute below 1, else relative; what differs at all is counted and reported


def meaning(answer):
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return answer.body
    return without_new(json.loads(answer.body))


def without_new(value):
    if isinstance(value, dict):
        return {key: without_new(item) for key, item in value.items() if key not in NEW_EACH_TIME}
    return [without_new(item) for item in value] if isinstance(value, list) else value


def difference(one, other, path=""):
    """(the largest difference of numbers, where the two are not the same but for numbers within the tolerance, or "")."""
    if isinstance(one, bool) or isinstance(other, bool) or not isinstance(one, (int, float, dict, list)):
        return (0.0, "") if type(one) is type(other) and one == other else (0.0, f"{path}: {one!r:.60} is {other!r:.60}")
    if isinstance(one, (int, float)):
        if not isinstance(other, (int, float)):
            return 0.0, f"{path}: {one!r} is {other!r:.60}"
        apart = abs(one - other) / max(1.0, abs(one))
        return (apart, "") if apart <= TOLERANCE and math.isfinite(other) else (apart, f"{path}: {one!r} is {other!r}")
    if type(one) is not type(other) or len(one) != len(other):
        return 0.0, f"{path}: {one!r:.80} is {other!r:.80}"
    if isinstance(one, dict) and one.keys() != other.keys():
        return 0.0, f"{path}: the keys {sorted(one)} are {sorted(other)}"
    keys = list(one) if isinstance(one, dict) else range(len(one))
    found = [difference(one[key], other[key], f"{path}/{key}") for key in keys]
    return max((apart for apart, _ in found), default=0.0), next((where for _, where in found if where), "")


class Golden:
    """The answers at rest, by the name of their case: the status, and one or more bodies that are right."""

    def __init__(self, account):
        self._account = account
        self._answers = {}

    def learn(self, name, answer, steady=True):
        status, bodies = self._answers.setdefault(name, (answer.status, []))
        assert status == answer.status, f"{name} was answered {status}, and {answer.status}"
        if steady:
            bodies.append(meaning(answer))

    def status(self, name):
        return self._answers[name][0]

    def check(self, name, without_body=False):
        """check(answer): what is wrong with it, or nothing."""
        def compare(answer):
            bodies = self._answers[name][1]
            if without_body or not bodies:
                return None
            self._account.compared += 1
            apart, where = min((difference(body, meaning(answer)) for body in bodies), key=lambda found: bool(found[1]))
            if where:
                return f"not the golden answer: {where}"
            self._account.inexact += apart > 0
            self._account.largest_difference = max(self._account.largest_difference, apart)
            return None
        return compare
