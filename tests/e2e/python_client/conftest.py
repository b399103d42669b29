"""The Python client is used from its source: nothing has to be installed."""
import sys

import pytest
from places import ROOT

CLIENT = ROOT / "clients/python"
sys.path[1:1] = [str(CLIENT / "src")]
sys.path.append(str(CLIENT / "tests"))  # for the recordings that its own tests read, too


@pytest.fixture(scope="session")
def client_folder():
    return CLIENT
