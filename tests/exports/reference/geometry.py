"""The way back from the network's pixels to the picture's."""
import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Geometry:
    """Sizes are (width, height). Network pixel = picture pixel * scale + pad."""
    picture: tuple
    network: tuple
    scale_w: float
    scale_h: float
    pad_left: int = 0
    pad_top: int = 0
    pad_right: int = 0
    pad_bottom: int = 0

    def points_to_picture(self, points):
        """[..., 2], not rounded."""
        pads = np.asarray((self.pad_left, self.pad_top), np.float32)
        return (points - pads) / np.asarray((self.scale_w, self.scale_h), np.float32)

    def boxes_to_picture(self, boxes):
        """Corners [N, 4], clamped and rounded half to even."""
        corners = self.points_to_picture(boxes.reshape(-1, 2, 2))
        return np.rint(np.clip(corners, 0, np.asarray(self.picture, np.float32))).reshape(-1, 4)
