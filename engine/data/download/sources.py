"""The sources of the data sets of the MNIST family: mirrors, sizes and checksums."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mirror:
    """A server of the files of a data set, each at `url` + its name + `.gz`."""

    name: str
    url: str


@dataclass(frozen=True)
class PublishedFile:
    """A published file.

    Attributes:
        name: name in the data folder, with or without `.gz`.
        sha256: its published checksum, in hexadecimal.
        checks_content: True if the checksum is of the unpacked bytes, which are the same on every mirror; False if it
            is of the `.gz`.
        size: size of the published `.gz`, in bytes.
    """

    name: str
    sha256: str
    checks_content: bool
    size: int

    def possible_paths(self, folder: Path) -> list[Path]:
        """Return its possible paths in the folder of the data set; the first that exists is read."""
        return [folder / self.name, folder / f"{self.name}.gz"]


@dataclass(frozen=True)
class Source:
    """A data set that can be downloaded.

    Attributes:
        name: its name for `load_dataset`, and the name of its folder in the data folder.
        title: its displayed name.
        files: training images and labels, test images and labels.
        mirrors: in the order in which they are tried.
        examples: number of examples, all parts together.
    """

    name: str
    title: str
    files: tuple[PublishedFile, PublishedFile, PublishedFile, PublishedFile]
    mirrors: tuple[Mirror, ...]
    examples: int = 70_000

    @property
    def size(self) -> int:
        """The size of the download in bytes."""
        return sum(file.size for file in self.files)


FILE_NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def _four_files(
    checks_content: bool, *sizes_and_checksums: tuple[int, str]
) -> tuple[PublishedFile, PublishedFile, PublishedFile, PublishedFile]:
    """Return the four files, each with the size of its `.gz` and its checksum."""
    first, second, third, fourth = (
        PublishedFile(name, sha256, checks_content, size)
        for name, (size, sha256) in zip(FILE_NAMES, sizes_and_checksums, strict=True)
    )
    return first, second, third, fourth


# The unpacked bytes are the same on every mirror, the gzip files are not. The sizes of the .gz are those of the
# CVDF's copy, from TensorFlow Datasets (tensorflow_datasets/url_checksums/mnist.txt). The original server,
# yann.lecun.com, is not a mirror: it answers 404 (pytorch/pytorch, pull request 164238).
MNIST = Source(
    name="mnist",
    title="MNIST, 28 × 28",
    files=_four_files(
        True,
        (9_912_422, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        (28_881, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        (1_648_877, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        (4_542, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    ),
    mirrors=(
        Mirror("PyTorch", "https://ossci-datasets.s3.amazonaws.com/mnist/"),
        Mirror("Common Visual Data Foundation", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
    ),
)

# Sizes and SHA-256 of the .gz from TensorFlow Datasets (tensorflow_datasets/url_checksums/fashion_mnist.txt);
# Flux's loader has the same. The publisher's README has only MD5.
FASHION_MNIST = Source(
    name="fashion-mnist",
    title="Fashion-MNIST, 28 × 28",
    files=_four_files(
        False,
        (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
    mirrors=(
        Mirror("Zalando Research", "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
        Mirror(
            "Zalando Research on GitHub",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        Mirror("Keras", "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"),
    ),
)

# Sizes and SHA-256 of the .gz from TensorFlow Datasets (tensorflow_datasets/url_checksums/kmnist.txt);
# torchvision's prototype loader has the same. The publisher has none.
KMNIST = Source(
    name="kmnist",
    title="KMNIST, 28 × 28",
    files=_four_files(
        False,
        (18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
        (29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
        (3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
        (5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
    ),
    mirrors=(
        Mirror("ROIS-CODH", "https://codh.rois.ac.jp/kmnist/dataset/kmnist/"),
        Mirror("ROIS-CODH without encryption", "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"),
        # last, as a substitute: the publisher's server was unreachable for some time (its issue 29)
        Mirror("Internet Archive", "https://web.archive.org/web/2020id_/http://codh.rois.ac.jp/kmnist/dataset/kmnist/"),
    ),
)

SOURCES = {source.name: source for source in (MNIST, FASHION_MNIST, KMNIST)}
