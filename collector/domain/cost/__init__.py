"""What pages come to in yen, hours and grams of CO2."""
