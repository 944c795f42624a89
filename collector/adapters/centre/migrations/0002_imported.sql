-- What sites sealed, as totals that came in a file: each statement once, in the order of the site's
-- chain. `total` is JSON without names of places, machines or people.

CREATE TABLE centre.imported (
    site TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    year_begins INTEGER NOT NULL,
    total TEXT NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (site, position)
);
