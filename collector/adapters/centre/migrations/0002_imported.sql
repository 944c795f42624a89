-- What sites sealed, as totals that came in a file: each statement once, in the order of the site's
-- chain. `total` is JSON without names of places, machines or people. What a person let begin anew
-- stays under its generation; the highest one holds.

CREATE TABLE centre.imported (
    site TEXT COLLATE "C" NOT NULL,
    generation INTEGER NOT NULL,
    position INTEGER NOT NULL,
    year_begins INTEGER NOT NULL,
    total TEXT NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (site, generation, position)
);
