"""Disclosure control: which figures of the city tables may leave the house, and what has to be withheld for them."""
