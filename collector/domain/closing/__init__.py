"""A closed month as a document: statement, proof, revisions, seal."""
