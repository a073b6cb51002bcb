"""What a repertoire can answer: precursors of peptide sets, and matches to receptors of known specificity."""
