"""The drawing of the network: its masks and its strongest connections."""

from __future__ import annotations

import numpy as np

from engine import Change, masks
from engine.runs.extracts.network import MAX_INPUTS_OR_OUTPUTS, MAX_LINKS, MAX_NEURONS, drawn_neuron_indices, network_of
from tests.engine.runs.driving import small
from tests.engine.runs.extracts.test_committee import run_state_after


def test_drawn_neurons_are_dropped_as_in_the_mask():
    config = small(epochs=100, hidden=(40, 6))
    run_state = run_state_after(config, 17)
    network = network_of(run_state)
    drawn_neurons = drawn_neuron_indices(run_state.parameters.sizes)
    assert [len(each) for each in drawn_neurons] == [MAX_INPUTS_OR_OUTPUTS, MAX_NEURONS, 6, MAX_INPUTS_OR_OUTPUTS]
    for layer in (1, 2):
        assert network.kept_neurons[layer].tolist() == masks(config, layer, 17)[drawn_neurons[layer]].tolist()
    assert network.kept_neurons[0].all()
    assert network.kept_neurons[-1].all()
    assert network.step == 17


def test_the_strongest_connections_between_drawn_neurons_are_drawn():
    run_state = run_state_after(small(epochs=100, hidden=(40,)), 9)
    network = network_of(run_state)
    drawn_neurons = drawn_neuron_indices(run_state.parameters.sizes)
    assert sum(len(links.weights) for links in network.links) <= MAX_LINKS
    for layer, links in enumerate(network.links):
        W = run_state.parameters.weights[layer]
        every = sorted(abs(float(W[i, j])) for i in drawn_neurons[layer] for j in drawn_neurons[layer + 1])
        assert sorted(np.abs(links.weights).tolist()) == every[-len(links.weights) :]
        for source, target, weight in zip(links.sources, links.targets, links.weights, strict=True):
            assert W[drawn_neurons[layer][source], drawn_neurons[layer + 1][target]] == weight


def test_the_mask_follows_the_config_at_the_mini_batch():
    config = small(epochs=100)
    changes = (Change(10, {"drop_probability": 0.0}),)
    assert network_of(run_state_after(config, 11, changes)).kept_neurons[1].all()
    assert not network_of(run_state_after(config, 10, changes)).kept_neurons[1].all(), (
        "the change takes effect in the next one"
    )


def test_before_the_first_mini_batch_there_is_no_thinned_network():
    assert network_of(run_state_after(small(), 0)) is None


def test_with_a_mask_per_example_the_first_one_is_drawn():
    config = small(epochs=100, dropout_mask="example")
    network = network_of(run_state_after(config, 4))
    assert network.is_first_example_mask
    assert network.kept_neurons[1].tolist() == masks(config, 1, 4)[0].tolist()


def test_a_dropped_input_is_drawn_as_dropped():
    config = small(epochs=100, input_drop_probability=0.4)
    run_state = run_state_after(config, 17)
    features = run_state.parameters.sizes[0]
    network = network_of(run_state)
    assert (
        network.kept_neurons[0].tolist()
        == masks(config, 0, 17, features)[drawn_neuron_indices(run_state.parameters.sizes)[0]].tolist()
    )
    assert not network.kept_neurons[0].all()
