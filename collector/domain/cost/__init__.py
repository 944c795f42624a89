"""What pages come to in sheets, yen, hours and grams of CO2."""
