"""What can be measured about `causal_attention`, the most basic facts first."""

from tests.visible.facts import modules, tables

parameters = modules.parameters(None)
sizes = modules.sizes(None)
form = modules.form(None)
memory = modules.memory(None)
batches = modules.batches(None)
constant_weights = tables.constant(None)
mask = tables.seen(None)
shares = tables.shares(None)
sums_of_weights = tables.sums(None)
scores = tables.scored(None)
scale = tables.factor(None)
values = tables.value(None)
biases = tables.biases(None)
weights = tables.weights(None)
mixed = tables.mixed(None)
gradients = tables.gradients(None)
dropout = tables.dropout(None)
