"""Packages that change while they are served: replaced by a copy, by another package, taken away and put back."""
import asyncio
import ctypes
import os
import pathlib
import shutil

from process import ROOT
from requests_mix import COMING, DEMO, SWAPPED

MODELS = ROOT / "models"
# The server looks once a second, twice for a package that is gone, and a request may have come just before.
SETTLED_SECONDS = 15
EXCHANGE = 2  # RENAME_EXCHANGE
CURRENT_FOLDER = -100  # AT_FDCWD
LIBC = ctypes.CDLL(None, use_errno=True)


def exchange(one, other):
    """Each under the other's name, in one step."""
    if LIBC.renameat2(CURRENT_FOLDER, os.fsencode(one), CURRENT_FOLDER, os.fsencode(other), EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "renameat2", str(one))


class Models:
    """The models folder of the soak, and beside it, in hidden folders, what its packages are exchanged with."""

    def __init__(self, folder):
        self.folder = folder / "models"
        shutil.copytree(MODELS, self.folder)
        self._apart = folder / "apart"
        self._apart.mkdir()
        self._count = 0
        self.install(SWAPPED, self.package("emoji-classification/1"))
        self.install(COMING, self.package("emoji-classification/1"))

    def path(self, model):
        return self.folder / model

    def package(self, model, renamed=False):
        """A fresh copy of a demo package; `renamed`: with other names for its classes."""
        self._count += 1
        copy = self._apart / str(self._count)
        shutil.copytree(MODELS / model, copy)
        if renamed:
            names = copy / "class_names.txt"
            names.write_text("".join(f"other {line}\n" for line in names.read_text().splitlines()))
        return copy

    def install(self, model, package):
        self.path(model).parent.mkdir(exist_ok=True)
        os.rename(package, self.path(model))

    def take_away(self, model):
        """In one step; the files end later."""
        self._count += 1
        gone = self._apart / str(self._count)
        os.rename(self.path(model), gone)
        shutil.rmtree(gone)

    def replace(self, model, package):
        exchange(package, self.path(model))
        shutil.rmtree(package)


async def swapper(harness, models: Models):
    dice = harness.dice("swaps")
    renamed = False
    while not harness.ending:
        await harness.interval(6, dice)
        async with harness.turn():
            what = dice.choice(("copy", "other", "other", "coming"))
            if what == "copy":
                model = dice.choice(list(DEMO))
                models.replace(model, models.package(model))
            elif what == "other":
                renamed = not renamed
                models.replace(SWAPPED, models.package("emoji-classification/1", renamed))
            else:
                await come_or_go(harness, models)
            harness.swaps[what] += 1


async def come_or_go(harness, models):
    harness.coming_settled = float("inf")
    if harness.coming_is_there:
        models.take_away(COMING)
    else:
        models.install(COMING, models.package("emoji-classification/1"))
    harness.coming_is_there = not harness.coming_is_there
    harness.coming_settled = asyncio.get_running_loop().time() + SETTLED_SECONDS


def make_packages(folder: pathlib.Path, ids):
    """Packages for a registry: copies of the smallest demo package under these ids."""
    for model in ids:
        shutil.copytree(MODELS / "emoji-classification/1", folder / model)
    return folder
