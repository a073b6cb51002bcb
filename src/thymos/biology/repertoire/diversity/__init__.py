"""How diverse a repertoire is: expected in closed form, or counted in a sample, under the same names."""
