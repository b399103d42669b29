"""The command `inference`, and `python -m osprey_server`: the program takes this process over."""
import os
import sys

from osprey_server import executable


def main() -> None:
    os.execv(executable(), ["inference", *sys.argv[1:]])


if __name__ == "__main__":
    main()
