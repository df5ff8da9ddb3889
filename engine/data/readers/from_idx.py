"""Pairs of IDX files, as MNIST comes in: one of images, one of labels."""

from __future__ import annotations

import io
import math
import zlib

import numpy as np
from numpy import ndarray as Array

from engine.data.readers.idx import parse_idx
from engine.data.readers.table import MOST_VALUES, Table, check_bytes, check_size, classes_of, refuse

GZIP = b"\x1f\x8b"
HEADER = 20  # bytes, at most
WAY_OUT = "choose an IDX file of unsigned bytes"


def read_idx_pair(images: bytes, labels: bytes, title: str = "Own data") -> Table:
    """The table in two IDX files of unsigned bytes, each gzipped or not; pixels are byte/256, as MNIST's.

    Args:
        images: (n, height, width), or (n, features) for what is no image. labels: (n,).
        title: what a person calls it.

    Raises:
        FieldError: for a file that is damaged or unpacks to more than there may be, files that do
            not go together, and for what `Table` refuses.
    """
    pixels, given = _array(images, "images"), _array(labels, "labels")
    if pixels.ndim == 1 and given.ndim > 1:
        refuse(f"must be (n, height, width), got {pixels.shape}: the two files are the wrong way round", "images")
    if pixels.ndim not in (2, 3):
        refuse(f"must be (n, height, width), got {pixels.shape}: choose the file of images", "images")
    if given.shape != (len(pixels),):
        refuse(
            f"must be as many as the images, {len(pixels)}, got {given.shape}: choose the file that goes with them",
            "labels",
        )
    check_size(len(pixels), math.prod(pixels.shape[1:]), "images")
    classes, class_names = classes_of([str(label) for label in given.tolist()], "the file", "labels")
    x = pixels.reshape(len(pixels), -1).astype(np.float32)
    x /= np.float32(256)
    shape = (int(pixels.shape[1]), int(pixels.shape[2])) if pixels.ndim == 3 else None
    return Table(x, classes, class_names, image_shape=shape, title=title)


def _array(content: bytes, field: str) -> Array:
    check_bytes(content, field)
    plain = _unzipped(content, field) if content[:2] == GZIP else content
    return parse_idx(io.BytesIO(plain), field, MOST_VALUES, WAY_OUT)


def _unzipped(content: bytes, field: str) -> bytes:
    """What is in a gzip file, and no more of it than there may be."""
    unzip = zlib.decompressobj(wbits=31)  # gzip, with its checksum; one part, as everybody writes it
    try:
        plain = unzip.decompress(content, MOST_VALUES + HEADER)
        plain += unzip.decompress(unzip.unconsumed_tail, 1)  # an end that says nothing more is read, too
    except zlib.error as error:
        refuse(f"must be gzip or plain, got damaged gzip ({error}): fetch it again", field)
    if len(plain) > MOST_VALUES + HEADER:
        refuse(f"must unpack to at most {MOST_VALUES / 1e6:g} MB, got more: leave out some", field)
    if not unzip.eof:
        refuse("must be a whole gzip file, got one that breaks off: fetch it again", field)
    if unzip.unused_data.strip(b"\0"):
        refuse("must be a single gzip file, got more behind its end: zip it again", field)
    return plain
