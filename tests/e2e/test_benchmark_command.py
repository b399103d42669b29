"""`inference benchmark`: what is measured, printed and written."""
import json
import subprocess
import xml.etree.ElementTree

import pytest

from places import MODELS, SHIPPED_SAMPLES
from server_process import clean_environment, free_port

MODEL = "emoji-classification/1"


@pytest.fixture
def run(binary, tmp_path):
    def run(*arguments):
        return subprocess.run([str(binary), "benchmark", *map(str, arguments)], cwd=tmp_path, text=True, check=False,
                              env=clean_environment({"MODEL_CACHE_DIR": str(tmp_path / "cache")}), capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=120)
    return run


def check_results(results, requests, batch=1):
    assert results["inferences_made"] == requests
    assert results["images_processed"] == requests * batch
    names = [f"p{n}_inference_latency_ms" for n in (50, 75, 90, 95, 99)] + ["max_inference_latency_ms"]
    values = [results[name] for name in names]
    assert 0 < values[0] and values == sorted(values)
    assert results["error_rate"] == 0 and results["error_status_codes"] == ""
    assert results["requests_per_second"] > 0
    assert results["images_per_second"] == pytest.approx(results["requests_per_second"] * batch, abs=0.2 * batch)


def test_api_speed_measures_a_server(run, server, tmp_path):
    result = run("api-speed", "--model_id", MODEL, "-h", server.url, "-wr", 4, "-br", 20, "-c", 2, "-o", "results.json",
                 "--picture", "latency.svg")
    assert result.returncode == 0, result
    for word in (MODEL, server.url, "p50", "p75", "p90", "p95", "p99", "max", "requests/s", "0 failed", "results.json"):
        assert word in result.stdout
    report = json.loads((tmp_path / "results.json").read_text())
    check_results(report["benchmark_results"], 40)
    parameters = report["benchmark_parameters"]
    assert parameters["model_id"] == MODEL and parameters["host"] == server.url
    assert (parameters["number_of_clients"], parameters["batch_size"], parameters["requests_per_second"]) == (2, 1, None)
    assert report["benchmark_results"]["avg_remote_execution_time"] > 0
    assert report["platform"]["system"] == "Linux"
    picture = xml.etree.ElementTree.parse(tmp_path / "latency.svg").getroot()
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert MODEL in "".join(picture.itertext())


def test_api_speed_sends_batches_of_a_folder_at_a_rate(run, server, tmp_path):
    (tmp_path / "out").mkdir()
    result = run("api-speed", "-m", "emoji-detection/1", "-h", server.url, "-wr", 0, "-br", 10, "-bs", 3, "-d", SHIPPED_SAMPLES,
                 "-rps", 20, "-o", tmp_path / "out")
    assert result.returncode == 0, result
    [file] = (tmp_path / "out").glob("*.json")
    report = json.loads(file.read_text())
    check_results(report["benchmark_results"], 10, batch=3)
    assert report["benchmark_parameters"]["requests_per_second"] == 20
    assert report["benchmark_results"]["requests_per_second"] < 25


def test_api_speed_asks_the_older_route_too(run, server):
    result = run("api-speed", "-m", MODEL, "-h", server.url, "-wr", 1, "-br", 5, "-L")
    assert result.returncode == 0 and "0 failed" in result.stdout, result


def test_too_many_errors_are_a_failure(run, server):
    """A file of options that the server refuses for each request."""
    result = run("api-speed", "-m", "no-such/1", "-h", server.url, "-br", 5, "-L", "--max_error_rate", 10)
    assert result.returncode == 1
    assert "5 failed" in result.stdout
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr


def test_a_missing_server_model_or_folder_is_told_in_one_line(run, server, tmp_path):
    for arguments, word in ((("-m", MODEL, "-h", f"http://127.0.0.1:{free_port()}"), "127.0.0.1"),
                            (("-m", "no-such/1", "-h", server.url), "no-such/1"),
                            (("-m", MODEL, "-h", server.url, "-d", tmp_path / "none"), "samples"),
                            (("-m", MODEL, "-h", server.url, "-d", "coco"), "samples"),
                            (("-m", MODEL, "-h", "https://models.example.com"), "--yes")):
        result = run("api-speed", *arguments)
        assert result.returncode == 1 and result.stdout == "", result
        assert len(result.stderr.strip().splitlines()) == 1 and word in result.stderr, result.stderr


def test_engine_speed_measures_this_process(run, tmp_path):
    result = run("engine-speed", "-m", MODEL, "--models", MODELS, "-wi", 2, "-bi", 20, "-c", 2, "-bs", 2, "-o", "out.json")
    assert result.returncode == 0, result
    assert "stages ms" in result.stdout and "network" in result.stdout
    report = json.loads((tmp_path / "out.json").read_text())
    check_results(report["benchmark_results"], 40, batch=2)
    assert "openvino" in report["benchmark_parameters"]["engine"]
    assert report["benchmark_results"]["stages_ms"]["network"] > 0


def test_engine_speed_tells_what_is_wrong_with_the_model(run, tmp_path):
    result = run("engine-speed", "-m", "no-such/1", "--models", MODELS)
    assert result.returncode == 1 and result.stdout == ""
    assert "no-such/1" in result.stderr and len(result.stderr.strip().splitlines()) == 1
    (tmp_path / "options.yaml").write_text("confidence: high\n")
    result = run("engine-speed", "-m", MODEL, "--models", MODELS, "-mc", "options.yaml")
    assert result.returncode == 2 and "confidence" in result.stderr
