"""Managing models through the stock client, synchronously and not; what it says where something is not there."""
import pytest
from client_calls import (CLASSIFICATION, DETECTION, MODES, MULTILABEL, SEGMENTATION, WAYS, call, client_of, recorded)
from inference_sdk.http.errors import (HTTPCallErrorError, HTTPServerConnectionError, ModelNotInitializedError,
                                       ModelNotSelectedError, WrongClientModeError)
from places import SHIPPED_SAMPLES

CAT = str(SHIPPED_SAMPLES / "000.jpg")
TASKS = {DETECTION: "object-detection", SEGMENTATION: "instance-segmentation", CLASSIFICATION: "classification",
         MULTILABEL: "classification"}  # the client knows no other word for it


def ids(models):
    return [model.model_id for model in models.models]


@pytest.mark.parametrize("way", WAYS)
def test_the_life_of_models(own_server, way):
    client = client_of(own_server)
    assert ids(call(way, client, "list_loaded_models")) == []
    assert ids(call(way, client, "load_model", DETECTION)) == [DETECTION]
    assert ids(call(way, client, "load_model", DETECTION)) == [DETECTION]
    assert ids(call(way, client, "load_model", SEGMENTATION, set_as_default=True)) == [DETECTION, SEGMENTATION]
    assert client.selected_model == SEGMENTATION
    described = call(way, client, "get_model_description", DETECTION)
    assert (described.task_type, described.input_height, described.input_width) == ("object-detection", 320, 320)
    assert ids(call(way, client, "unload_model", SEGMENTATION)) == [DETECTION]
    assert client.selected_model is None
    client.select_model(DETECTION)
    assert ids(call(way, client, "unload_all_models")) == []
    assert client.selected_model is None
    assert ids(call(way, client, "unload_model", DETECTION)) == []  # already gone: no error


@pytest.mark.parametrize("way", WAYS)
def test_tasks_are_named_as_the_client_knows_them(server, way):
    client = client_of(server)
    assert {model: call(way, client, "get_model_description", model).task_type for model in TASKS} == TASKS


@pytest.mark.parametrize("way", WAYS)
def test_a_description_loads_the_model_unless_told_not_to(own_server, way):
    client = client_of(own_server)
    with pytest.raises(ModelNotInitializedError):
        call(way, client, "get_model_description", DETECTION, allow_loading=False)
    assert call(way, client, "get_model_description", DETECTION).model_id == DETECTION
    assert call(way, client, "get_model_description", DETECTION, allow_loading=False).model_id == DETECTION


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
def test_a_selected_model_is_asked(server, mode, way):
    client = client_of(server, mode)
    with pytest.raises(ModelNotSelectedError):
        call(way, client, "infer", CAT)
    with client.use_model(DETECTION):
        assert call(way, client, "infer", CAT)["predictions"][0]["class"] == "cat"
    assert client.selected_model is None
    client.select_model(CLASSIFICATION)
    assert "top" in call(way, client, "infer", CAT)


@pytest.mark.parametrize("mode", MODES)
def test_the_server_tells_who_it_is(server, mode):
    info = client_of(server, mode).get_server_info()  # the one method without an asynchronous twin
    assert info.name and info.version and info.uuid
    assert client_of(server, mode).get_server_info() == info


@pytest.mark.parametrize("method", ["list_loaded_models", "unload_all_models"])
def test_management_is_of_the_newer_mode(server, method):
    with pytest.raises(WrongClientModeError):
        call("sync", client_of(server, "v0"), method)


def test_how_management_is_sent(own_server, monkeypatch):
    client = client_of(own_server)
    with recorded(monkeypatch) as sent:
        client.infer(CAT, model_id=DETECTION)  # not loaded: the client has it loaded first
        client.unload_model(DETECTION)
        client.unload_all_models()
        client.get_server_info()
    assert [(s.method, s.path) for s in sent] == [
        ("GET", "/model/registry"), ("POST", "/model/add"), ("POST", "/infer/object_detection"),
        ("POST", "/model/remove"), ("POST", "/model/clear"), ("GET", "/info")]
    assert sent[4].body is None


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
def test_unknown_models_are_told_with_their_status(server, mode, way):
    with pytest.raises(HTTPCallErrorError) as raised:
        call(way, client_of(server, mode), "infer", CAT, model_id="no-such-project/1")
    assert raised.value.status_code == 404
    assert raised.value.api_message not in (None, "", "N/A")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
def test_what_is_no_picture_is_told(server, mode, way):
    with pytest.raises(HTTPCallErrorError) as raised:
        call(way, client_of(server, mode), "infer", "aGVsbG8gd29ybGQ=", model_id=DETECTION)
    assert raised.value.status_code == 400
    if way == "sync":  # the asynchronous client keeps only the reason phrase
        assert "image" in raised.value.api_message


def test_a_field_that_does_not_fit_is_told(server):
    with pytest.raises(HTTPCallErrorError) as raised:
        client_of(server, response_mask_format="dummy").infer(CAT, model_id=SEGMENTATION)
    assert raised.value.status_code == 422 and "polygon" in str(raised.value.api_message)


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_is_not_there(way):
    class Nowhere:
        url = "http://127.0.0.1:1"
    with pytest.raises(HTTPServerConnectionError):
        call(way, client_of(Nowhere), "list_loaded_models")
