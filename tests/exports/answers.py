"""The server's answers in the reference's terms."""
import base64

import cv2
import numpy as np
import requests

import catalogue
from reading import IOU, MAX_DETECTIONS, Instance
from reference import masks


def ask(server, export, encoded, confidence):
    body = {"model_id": export.model_id, "image": {"type": "base64", "value": base64.b64encode(encoded).decode()},
            "confidence": confidence, "iou_threshold": IOU, "max_detections": MAX_DETECTIONS}
    if export.task == catalogue.SEGMENTATION:
        body["response_mask_format"] = "rle"
    answer = requests.post(f"{server.url}/infer/{catalogue.ROUTES[export.task]}", json=body, timeout=300)
    assert answer.status_code == 200, answer.text
    return answer.json()


def instances(answer):
    found = []
    for one in answer["predictions"]:
        half = np.asarray((one["width"], one["height"])) / 2
        center = np.asarray((one["x"], one["y"]))
        found.append(Instance(np.concatenate((center - half, center + half)), one["confidence"], one["class"],
                              masks.from_rle(one["rle"]) if "rle" in one else None,
                              {k["class_id"]: (k["x"], k["y"], k["confidence"]) for k in one.get("keypoints", ())}))
    return found


def probabilities(answer):
    return {one["class"]: one["confidence"] for one in answer["predictions"]}


def pixels(answer):
    def picture(text):
        return cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_UNCHANGED)
    predictions = answer["predictions"]
    return picture(predictions["segmentation_mask"]), picture(predictions["confidence_mask"]) / 255
