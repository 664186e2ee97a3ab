"""What can be measured about `multi_head_attention`, the most basic facts first."""

from tests.visible.facts import modules, tables

parameters = modules.parameters(2)
sizes = modules.sizes(2)
form = modules.form(2)
memory = modules.memory(2)
batches = modules.batches(2)
constant_weights = tables.constant(2)
mask = tables.seen(2)
shares = tables.shares(2)
sums_of_weights = tables.sums(2)
scores = tables.scored(2)
scale = tables.factor(2)
values = tables.value(2)
heads = tables.heads(2)
biases = tables.biases(2)
output_projection = tables.projected(2)
weights = tables.weights(2)
mixed = tables.mixed(2)
gradients = tables.gradients(2)
dropout = tables.dropout(2)
