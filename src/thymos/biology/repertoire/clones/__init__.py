"""Clone sizes in time: from a founder in the thymus to the cells that a sequencer reads."""
