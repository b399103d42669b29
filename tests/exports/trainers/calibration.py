"""Random networks that find something: untrained ones are sure of nothing, and then there is nothing to compare."""
import cv2
import numpy as np
import torch

import catalogue


def pictures(size, mean=(0, 0, 0), deviation=(1, 1, 1)):
    """The sample pictures as a batch [B, 3, size, size]."""
    batch = []
    for path in sorted(catalogue.PICTURES.glob("*.jpg")):
        pixels = cv2.resize(cv2.imread(str(path)), (size, size))[:, :, ::-1].astype(np.float32) / 255
        batch.append(((pixels - np.float32(mean)) / np.float32(deviation)).transpose(2, 0, 1))
    return torch.from_numpy(np.stack(batch))


def settle_norms(model, batch):
    """Gives batch normalisation the statistics of real pictures, so that signals neither fade nor explode."""
    norms = [module for module in model.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean of what it sees
    model.train()
    with torch.no_grad():
        model(batch)
    model.eval()


def recorded(model, layers, batch):
    """The outputs of some layers for a batch."""
    seen = {}
    hooks = [layer.register_forward_hook(lambda _, __, output, i=i: seen.__setitem__(i, output.detach()))
             for i, layer in enumerate(layers)]
    with torch.no_grad():
        model(batch)
    for hook in hooks:
        hook.remove()
    return [seen[i] for i in range(len(layers))]


def spread(layer, values, deviation, center=0.0):
    """Rescales a linear or convolution layer so that its outputs `values` would have this mean and deviation."""
    factor = deviation / values.std().clamp_min(1e-6)
    with torch.no_grad():
        layer.weight.mul_(factor)
        layer.bias.sub_(values.mean()).mul_(factor).add_(center)


def let_pass(layer, values, classes, share, deviation=1.0):
    """The same for class scores (`classes`: their axis), so that on the usual picture a share of the candidates
    passes a threshold of 0.4."""
    spread(layer, values, deviation)
    best = ((values - values.mean()) * (deviation / values.std())).amax(classes).flatten(1)
    threshold = torch.logit(torch.tensor(0.4))
    with torch.no_grad():
        layer.bias.add_(threshold - best.quantile(1 - share, dim=1).mean())
