"""Published targets of each part of the chain, and the predictions that are held against them."""
