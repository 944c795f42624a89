-- The sites of a centre, their tokens, and how far each one's log is here. A file of this folder
-- that was ever released is never edited: append the next number.

CREATE TABLE centre.sites (
    name TEXT COLLATE "C" PRIMARY KEY,
    generation INTEGER NOT NULL DEFAULT 1,
    ledger TEXT NOT NULL DEFAULT '',
    seq BIGINT NOT NULL DEFAULT 0,
    digest TEXT NOT NULL DEFAULT '',
    facts BIGINT NOT NULL DEFAULT 0,
    added_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    heard_at TIMESTAMPTZ
);

-- `digest` is the SHA-256 of a random token of 256 bits: nobody finds one that gives it, so it needs
-- no salt, and it is found by its index.
CREATE TABLE centre.tokens (
    digest BYTEA PRIMARY KEY,
    site TEXT COLLATE "C" NOT NULL REFERENCES centre.sites,
    made_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    revoked_at TIMESTAMPTZ
);

-- What site and centre could not agree on, once for each generation; `decided_at` is when a person
-- let the site begin anew.
CREATE TABLE centre.contradictions (
    site TEXT COLLATE "C" NOT NULL REFERENCES centre.sites,
    generation INTEGER NOT NULL,
    kind TEXT NOT NULL,
    ledger TEXT NOT NULL,
    found_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (site, generation, kind, ledger)
);
