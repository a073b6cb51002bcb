"""Published facts in tables, each row with its source: what models are compared with, not what they hold."""
