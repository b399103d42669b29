"""Osprey, an inference server for computer-vision models: a native program, which `inference` on the PATH starts."""
import pathlib

_HERE = pathlib.Path(__file__).resolve().parent


def executable() -> str:
    """The path of the program itself."""
    return str(_HERE / "bin" / "inference")


def demo_models() -> str:
    """The folder of the demo models, which the program serves where no models folder is given or found."""
    return str(_HERE / "share" / "osprey" / "models")
