"""How time passes: rules, chance and the clocks."""
