#!/usr/bin/env python3
"""Scores the demo models over annotated pictures, through a running server.

    demo_scores.py --url http://127.0.0.1:9001 --samples DIR [--classification DIR]

--samples: pictures with annotations.json (COCO's format, with `rle` masks); --classification: pictures with labels.json.
Prints the F1 of boxes and of masks at an IoU of 0.5 (masks by class, too), and how often the classifiers are right.
"""
import argparse
import base64
import collections
import json
import pathlib

import numpy
import requests

from scoring import f1, load_samples


def predict(url, route, model, path, **options):
    image = {"type": "base64", "value": base64.b64encode(path.read_bytes()).decode()}
    answer = requests.post(f"{url}/infer/{route}", json={"model_id": model, "image": image, **options}, timeout=120)
    answer.raise_for_status()
    return answer.json()


def decode_counts(text):
    """The run lengths of COCO's compressed form."""
    counts, position = [], 0
    while position < len(text):
        value = shift = 0
        more = True
        while more:
            code = ord(text[position]) - 48
            value |= (code & 31) << shift
            more, shift, position = bool(code & 32), shift + 5, position + 1
            if not more and code & 16:
                value |= -1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
    return counts


def mask_of(rle):
    height, width = rle["size"]
    counts = decode_counts(rle["counts"]) if isinstance(rle["counts"], str) else rle["counts"]
    flat = numpy.repeat(numpy.arange(len(counts)) % 2, counts).astype(bool)
    return flat.reshape(width, height).T


def mask_iou(a, b):
    union = (a | b).sum()
    return (a & b).sum() / union if union else 0.0


def detection_f1(url, samples):
    return f1(samples, [predict(url, "object_detection", "emoji-detection/1", s.path) for s in samples])


def mask_scores(url, folder, without=()):
    """F1 of masks over all classes but those `without`, and {class: (found, in truth)}."""
    annotations = json.loads((folder / "annotations.json").read_text())
    names = {category["id"]: category["name"] for category in annotations["categories"]}
    truth = collections.defaultdict(list)
    for annotation in annotations["annotations"]:
        truth[annotation["image_id"]].append((names[annotation["category_id"]], mask_of(annotation["rle"])))
    found = wrong = missed = 0
    by_class = collections.defaultdict(lambda: [0, 0])
    for image in annotations["images"]:
        answer = predict(url, "instance_segmentation", "emoji-segmentation/1", folder / image["file_name"],
                         response_mask_format="rle")
        left = [(name, mask) for name, mask in truth[image["id"]] if name not in without]
        for name, _ in left:
            by_class[name][1] += 1
        for prediction in sorted(answer["predictions"], key=lambda p: -p["confidence"]):
            if prediction["class"] in without:
                continue
            mask = mask_of(prediction["rle"])
            rated = [(mask_iou(mask, other), i) for i, (name, other) in enumerate(left) if name == prediction["class"]]
            best, index = max(rated, default=(0.0, -1))
            if best >= 0.5:
                del left[index]
                found += 1
                by_class[prediction["class"]][0] += 1
            else:
                wrong += 1
        missed += len(left)
    return 2 * found / (2 * found + wrong + missed), {name: tuple(counts) for name, counts in sorted(by_class.items())}


def classification_scores(url, folder):
    """How many pictures the classifier names rightly, how many the multi-label one, and how many there are."""
    labels = json.loads((folder / "labels.json").read_text())
    single = multi = 0
    for name, label in labels.items():
        single += predict(url, "classification", "emoji-classification/1", folder / name)["top"] == label["class"]
        answer = predict(url, "classification", "emoji-multilabel/1", folder / name)
        multi += label["class"] in answer["predicted_classes"]
    return single, multi, len(labels)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:9001")
    parser.add_argument("--samples", type=pathlib.Path, required=True)
    parser.add_argument("--classification", type=pathlib.Path)
    arguments = parser.parse_args()
    print(f"boxes, F1 at IoU 0.5: {detection_f1(arguments.url, load_samples(arguments.samples)):.3f}")
    score, by_class = mask_scores(arguments.url, arguments.samples)
    better, _ = mask_scores(arguments.url, arguments.samples, without=("bicycle",))
    print(f"masks, F1 at IoU 0.5: {score:.3f}; without bicycles {better:.3f}")
    for name, (found, total) in by_class.items():
        print(f"  {name}: {found} of {total}")
    if arguments.classification:
        single, multi, total = classification_scores(arguments.url, arguments.classification)
        print(f"classifier: {single} of {total} right; multi-label: {multi} of {total} named")


if __name__ == "__main__":
    main()
