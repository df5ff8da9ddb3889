"""Pairs of IDX files, the format of MNIST: one of images, one of labels."""

from __future__ import annotations

import io
import math
import zlib

import numpy as np
from numpy import ndarray as Array

from engine.data.readers.idx import parse_idx
from engine.data.readers.table import MAX_VALUES, Table, check_bytes, check_size, encode_labels, refuse
from engine.errors import format_bytes

GZIP = b"\x1f\x8b"
MAX_HEADER_BYTES = 20
WAY_OUT = "choose an IDX file of unsigned bytes"


def read_idx_pair(images: bytes, labels: bytes, title: str = "Own data") -> Table:
    """Return the table in two IDX files of unsigned bytes, each gzipped or not; pixels are byte/256, as in MNIST.

    Args:
        images: the file of the images (n, height, width), or of other features (n, features).
        labels: the file of the labels (n,). title: title given by the user.

    Raises:
        FieldError: for a file that is damaged or too large, files of different lengths, and as `Table`.
    """
    pixels, label_array = _read_array(images, "images"), _read_array(labels, "labels")
    if pixels.ndim == 1 and label_array.ndim > 1:
        refuse(f"must be (n, height, width), got {pixels.shape}: exchange the two files", "images")
    if pixels.ndim not in (2, 3):
        refuse(f"must be (n, height, width), got {pixels.shape}: choose the file of images", "images")
    if label_array.shape != (len(pixels),):
        refuse(
            f"must be as many as the images, {len(pixels)}, got {label_array.shape}: choose the file of their labels",
            "labels",
        )
    check_size(len(pixels), math.prod(pixels.shape[1:]), "images")
    class_numbers, class_names = encode_labels([str(label) for label in label_array.tolist()], "the file", "labels")
    x = pixels.reshape(len(pixels), -1).astype(np.float32)
    x /= np.float32(256)
    shape = (int(pixels.shape[1]), int(pixels.shape[2])) if pixels.ndim == 3 else None
    return Table(x, class_numbers, class_names, image_shape=shape, title=title)


def _read_array(content: bytes, field: str) -> Array:
    check_bytes(content, field)
    plain = _unzip(content, field) if content[:2] == GZIP else content
    return parse_idx(io.BytesIO(plain), field, MAX_VALUES, WAY_OUT)


def _unzip(content: bytes, field: str) -> bytes:
    """Return the content of a gzip file; it is unpacked no further than the limit."""
    decompressor = zlib.decompressobj(wbits=31)  # gzip with its checksum; one member, as all programs write it
    try:
        unzipped = decompressor.decompress(content, MAX_VALUES + MAX_HEADER_BYTES)
        unzipped += decompressor.decompress(
            decompressor.unconsumed_tail, 1
        )  # to read the end of a file of exactly that size, too
    except zlib.error as error:
        refuse(f"must be gzip or plain, got damaged gzip ({error}): download it again", field)
    if len(unzipped) > MAX_VALUES + MAX_HEADER_BYTES:
        refuse(f"must unpack to at most {format_bytes(MAX_VALUES)}, got more: remove some examples", field)
    if not decompressor.eof:
        refuse("must be a whole gzip file, got one that is cut off: download it again", field)
    if decompressor.unused_data.strip(b"\0"):
        refuse("must be a single gzip file, got more data after its end: compress it again", field)
    return unzipped
