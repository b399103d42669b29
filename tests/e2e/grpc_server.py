"""A server with a port for gRPC, and what the tests of it ask it with: the stock client of the Open Inference Protocol."""
import numpy
import tritonclient.grpc as triton
from server_process import ServerProcess, find_binary, free_port

from places import MODELS


class GrpcServer(ServerProcess):
    """The same server with gRPC on `grpc_port`."""

    def __init__(self, folder, environment=(), models=MODELS):
        self.grpc_port = free_port()
        super().__init__(find_binary(), models, folder,
                         environment={"OSPREY_GRPC_PORT": str(self.grpc_port), **dict(environment)})

    @property
    def grpc_address(self):
        return f"127.0.0.1:{self.grpc_port}"

    def client(self, **options):
        return triton.InferenceServerClient(self.grpc_address, **options)


def picture_input(picture):
    """The input of the image view for one encoded picture."""
    image = triton.InferInput("image", [1], "BYTES")
    image.set_data_from_numpy(numpy.array([picture], dtype=object))
    return image


def tensor_input(name, values, datatype="FP32"):
    tensor = triton.InferInput(name, list(values.shape), datatype)
    tensor.set_data_from_numpy(values)
    return tensor
