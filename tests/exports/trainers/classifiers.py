"""timm's ResNet and ViT."""
import timm
import torch

from trainers import calibration


def head_of(model):
    return model.get_classifier()


def export(what, folder, scratch):
    torch.manual_seed(0)
    model = timm.create_model(what.model, pretrained=False, num_classes=len(CLASSES), **dict(what.options))
    data = timm.data.resolve_model_data_config(model)
    batch = calibration.pictures(what.size, data["mean"], data["std"])
    calibration.settle_norms(model, batch)
    head = head_of(model)
    calibration.spread(head, calibration.recorded(model, [head], batch)[0], 2)
    torch.onnx.export(model, batch[:1], str(folder / "weights.onnx"), input_names=["images"], output_names=["logits"],
                      dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}}, dynamo=False)
    return f"timm {timm.__version__}"


CLASSES = [f"class {i}" for i in range(10)]
