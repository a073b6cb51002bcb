"""Stored runs, shown: one HTML file, or tables in a terminal. No science: only places on paper."""
