"""Files that people write: read within bounds, what is wrong with them told in one wording."""
