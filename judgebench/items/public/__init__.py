"""Public sets of items in the layouts of their publishers, each an item source for suites."""
