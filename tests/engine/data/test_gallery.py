"""The gallery of examples, compared with the arrays of the run."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Dataset, FieldError, RunConfig, select
from engine.data import class_balance, gallery
from tests.engine.toys import toy_config, toy_dataset


def test_a_page_has_the_inputs_and_labels_of_training(digits: Dataset) -> None:
    data = select(RunConfig.demo(train_size=100, pixel_noise=0.1), digits)
    page = gallery(data, count=12, first=30)
    assert page.indices.tolist() == list(range(30, 42))
    assert page.total == 100
    assert page.images is not None
    assert page.images.shape == (12, 8, 8)
    for place, i in enumerate(page.indices.tolist()):
        assert page.images[place].ravel().tolist() == page.x[place].tolist() == data.x[i].tolist()
        assert page.labels[place] == data.y[i].argmax()
        assert page.clean_labels[place] == digits.training.labels[i]
        assert page.corrupted[place] == (data.y[i].argmax() != digits.training.labels[i])


def test_a_gallery_can_have_corrupted_examples_only(digits: Dataset) -> None:
    data = select(RunConfig.demo(train_size=200, label_noise=0.2), digits)
    pages = [gallery(data, count=15, first=first, only_corrupted=True) for first in (0, 15, 30, 45)]
    assert [len(page.indices) for page in pages] == [15, 15, 10, 0]
    shown = np.concatenate([page.indices for page in pages])
    assert shown.tolist() == [i for i in range(200) if data.labels[i] != digits.training.labels[i]]
    assert {page.total for page in pages} == {40}
    assert all((page.labels != page.clean_labels).all() for page in pages)


def test_data_without_an_image_shape_has_no_images() -> None:
    data = select(toy_config(), toy_dataset())
    page = gallery(data, count=50)
    assert page.images is None
    assert page.x.tolist() == data.x.tolist()


@pytest.mark.parametrize(("options", "field"), [({"count": 0}, "count"), ({"count": 5, "first": -1}, "first")])
def test_a_count_below_1_and_a_start_below_0_are_refused(options: dict[str, int], field: str) -> None:
    with pytest.raises(FieldError, match=f"^{field} must be at least"):
        gallery(select(toy_config(), toy_dataset()), **options)


def test_the_balance_counts_labels_clean_labels_and_evaluation(digits: Dataset) -> None:
    data = select(RunConfig.demo(train_size=150, label_noise=0.3), digits)
    balance = class_balance(data)
    for k in range(10):
        assert balance.labels[k] == sum(row[k] == 1 for row in data.y.tolist())
        assert balance.clean_labels[k] == digits.training.labels[:150].tolist().count(k)
        assert balance.evaluation[k] == digits.validation.labels.tolist().count(k)
    assert len(class_balance(select(toy_config(), toy_dataset(n=13, classes=9))).labels) == 9
