"""The comparison of answers with what a document shows: it takes what varies, and nothing else."""
import pytest

from doc_blocks import Block
from expectations import check_output, differences, parse_json, pattern_of

SHOWN = '{"time": 0.02, "predictions": [{"class": "apple", "x": 240.0}, ...], "image": {"width": 320, ...}}'


def test_numbers_and_what_is_left_out_may_differ():
    given = {"time": 1, "predictions": [{"class": "apple", "x": 1.5}, {"class": "dog"}], "image": {"width": 1, "height": 2}}
    assert list(differences(parse_json(SHOWN), given)) == []


@pytest.mark.parametrize("given, wrong", [
    ({"time": 1, "predictions": [], "image": {"width": 1}}, "$.predictions"),
    ({"time": 1, "predictions": [{"class": "pear", "x": 1}], "image": {"width": 1}}, "$.predictions[0].class"),
    ({"time": "1", "predictions": [{"class": "apple", "x": 1}], "image": {"width": 1}}, "$.time"),
    ({"time": 1, "predictions": [{"class": "apple", "x": 1, "y": 1}], "image": {"width": 1}}, "$.predictions[0]"),
    ({"predictions": [{"class": "apple", "x": 1}], "image": {"width": 1}}, "$: the answer has no"),
    ({"time": 1, "more": 1, "predictions": [{"class": "apple", "x": 1}], "image": {"width": 1}}, "$: ['more']")])
def test_another_shape_is_told(given, wrong):
    assert any(wrong in text for text in differences(parse_json(SHOWN), given)), list(differences(parse_json(SHOWN), given))


def test_text_is_compared_word_by_word():
    pattern = pattern_of("coco/1 is in models/coco/1 (3.7 MB)\n  tried    36 ms in openvino\n...\nend")
    assert pattern.search("warning\ncoco/1 is in models/coco/1 (12 MB)\n  tried  4.5 ms in openvino\n\na\nb\nend\n")
    assert pattern.search("coco/1 is in models/coco/1 (12 MB)\n  tried  4.5 ms in openvino\nend\n")
    assert not pattern.search("coco/1 is in models/coco/1 (12 MB)\n  tried  4.5 ms in onnxruntime\nend\n")
    assert not pattern.search("coco/2 is in models/coco/1 (12 MB)\n  tried  4.5 ms in openvino\nend\n")


def test_the_last_line_may_be_the_json():
    check_output(Block("a.md", 1, "json", '{"a": 1}', "", {}), 'progress\n{"a": 7}\n')
    with pytest.raises(AssertionError, match="another answer"):
        check_output(Block("a.md", 1, "json", '{"b": 1}', "", {}), '{"a": 7}')
