-- The ledgers of many sites. A file of this folder that was ever released is never edited: append
-- the next number.
--
-- What has many rows is split by the hash of the site's number, not by a list of sites: a new site
-- then makes no table, which would hold up everybody who writes, and there are as many tables
-- for 1,741 sites as for three. A site's rows lie together in one part of each table, so its indexes
-- stay small and one part is cleaned at a time.
--
-- Names are ordered by their bytes everywhere (COLLATE "C"), as on a site's own file; another order
-- of places would be another report. Times are whole seconds since 1970 UTC.

-- `seq` is the newest number of the site's log. Whoever changes a ledger locks its site's row first,
-- so numbers are given in the order in which changes are committed.
CREATE TABLE ledger.sites (
    site INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    seq BIGINT NOT NULL DEFAULT 0
);

-- Texts that repeat, once for each site; `id` is the first half of the text's SHA-256. What a machine
-- says of itself, which meters a reading has, what its terms are called, its set of supplies.
CREATE TABLE ledger.texts (
    site INTEGER NOT NULL,
    id UUID NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (site, id)
) PARTITION BY HASH (site);

-- `counts` is a JSON array beside the names in `meters`, `raw` one beside those in `terms`,
-- `remaining` one beside `supplies`. stay: 0 here, 1 arrived from elsewhere, 2 counted elsewhere.
CREATE TABLE ledger.readings (
    site INTEGER NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    device TEXT COLLATE "C" NOT NULL,
    about UUID NOT NULL,
    meters UUID NOT NULL,
    counts TEXT NOT NULL,
    uptime_s BIGINT,
    status TEXT NOT NULL,
    supplies UUID,
    remaining TEXT,
    stay SMALLINT NOT NULL,
    confirmed_at BIGINT,
    confirmed_uptime_s BIGINT,
    terms UUID,
    raw TEXT,
    wall_at BIGINT,
    brought TEXT,
    PRIMARY KEY (site, place, at, device)
) PARTITION BY HASH (site);

-- Readings of one place that are over, laid together: `rows` are rows of `readings`, which the
-- server compresses.
CREATE TABLE ledger.packed (
    site INTEGER NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    readings INTEGER NOT NULL,
    rows JSONB NOT NULL,
    PRIMARY KEY (site, place, last, first)
) PARTITION BY HASH (site);

-- What stored readings say by a corrected profile; `entry` is the id of the entry that wanted it,
-- `seq` grows in the order in which they were read again.
CREATE SEQUENCE ledger.rereadings_seq;
CREATE TABLE ledger.rereadings (
    site INTEGER NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    device TEXT COLLATE "C" NOT NULL,
    entry TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL DEFAULT nextval('ledger.rereadings_seq'),
    about UUID NOT NULL,
    meters UUID NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (site, place, at, device, entry)
);

-- `lasted_s` = end - start; quality: 0 measured, 1 estimated, 2 edited; `low` to `high` holds the
-- true pages of one that is no plain difference of two counters.
CREATE TABLE ledger.usages (
    site INTEGER NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    ended BIGINT NOT NULL,
    device TEXT COLLATE "C" NOT NULL,
    meter TEXT COLLATE "C" NOT NULL,
    epoch INTEGER NOT NULL,
    lasted_s BIGINT NOT NULL,
    first NUMERIC NOT NULL,
    pages BIGINT NOT NULL,
    quality SMALLINT NOT NULL,
    low BIGINT,
    high BIGINT,
    PRIMARY KEY (site, place, ended, device, meter, epoch)
) PARTITION BY HASH (site);

-- Those that may not lie on one day for certain, or are estimates: few among many.
CREATE INDEX long_usages ON ledger.usages (site, ended)
WHERE meter = 'total' AND (lasted_s > 3600 OR quality = 1);

-- Sums that grow: pages of one place on one local day, JSON object by meter.
CREATE TABLE ledger.days (
    site INTEGER NOT NULL,
    day DATE NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    pages TEXT NOT NULL,
    estimated BIGINT NOT NULL,
    PRIMARY KEY (site, day, place)
) PARTITION BY HASH (site);

-- `at_us` is in microseconds, exact, because a finding's id depends on it; `seq` grows in the order in
-- which a site's were found.
CREATE SEQUENCE ledger.findings_seq;
CREATE TABLE ledger.findings (
    site INTEGER NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL DEFAULT nextval('ledger.findings_seq'),
    code TEXT NOT NULL,
    severity TEXT NOT NULL,
    subject TEXT NOT NULL,
    message TEXT NOT NULL,
    at_us BIGINT,
    evidence TEXT NOT NULL,
    said TEXT,
    PRIMARY KEY (site, id)
) PARTITION BY HASH (site);
CREATE INDEX findings_in_time ON ledger.findings (site, at_us, seq);

-- What is known of each place. `heard_at`: when it said again what it had said, which moved nothing
-- but times; it speaks of the state that lies there, and goes with it.
CREATE TABLE ledger.place_states (
    site INTEGER NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    seen_at BIGINT,
    stored_at BIGINT,
    online BOOLEAN,
    changed_at BIGINT,
    reason TEXT NOT NULL,
    track TEXT,
    edition INTEGER NOT NULL,
    heard_at BIGINT,
    heard_uptime_s BIGINT,
    PRIMARY KEY (site, place)
);

CREATE TABLE ledger.checkpoints (
    site INTEGER NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    track TEXT NOT NULL,
    PRIMARY KEY (site, place, at)
);

CREATE TABLE ledger.state_changes (
    site INTEGER NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    online BOOLEAN NOT NULL,
    silent_s BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (site, place, at)
);

CREATE TABLE ledger.cycles (
    site INTEGER NOT NULL,
    at BIGINT NOT NULL,
    polled INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    slow INTEGER NOT NULL,
    cycle_s DOUBLE PRECISION NOT NULL,
    lag_s DOUBLE PRECISION NOT NULL,
    backlog BIGINT NOT NULL,
    slowest TEXT,
    slowest_s DOUBLE PRECISION,
    PRIMARY KEY (site, at)
);

-- What people entered; `seq` grows in the order in which they did, and may grow again where a site
-- tells it anew.
CREATE TABLE ledger.entries (
    site INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    entered_by TEXT NOT NULL,
    why TEXT NOT NULL,
    entered_at BIGINT NOT NULL,
    replaces TEXT,
    facts TEXT NOT NULL,
    PRIMARY KEY (site, id),
    UNIQUE (site, seq)
);

-- Who answers for a place, names, ends of places, closing day and zone; `seq` counts from 0, as it
-- does of statements.
CREATE TABLE ledger.fleet_facts (
    site INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    facts TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    why TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (site, seq)
);

-- Closed periods. `seal` is the SHA-256 of `text`, which names the seal before it.
CREATE TABLE ledger.statements (
    site INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    period TEXT NOT NULL,
    revision INTEGER NOT NULL,
    text TEXT NOT NULL,
    seal TEXT NOT NULL,
    PRIMARY KEY (site, seq),
    UNIQUE (site, period, revision)
);

-- `number` is what stands behind the key's last "|" where that is a plain number, as times are.
CREATE TABLE ledger.log (
    site INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    number BIGINT,
    PRIMARY KEY (site, seq),
    UNIQUE (site, kind, key)
) PARTITION BY HASH (site);

CREATE TABLE ledger.cursors (
    site INTEGER NOT NULL,
    sink TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (site, sink)
);

-- Bookkeeping of the program, never pages.
CREATE TABLE ledger.notes (
    site INTEGER NOT NULL,
    key TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (site, key)
);

DO $$
DECLARE
    whole TEXT;
BEGIN
    FOREACH whole IN ARRAY ARRAY['texts', 'readings', 'packed', 'usages', 'days', 'findings', 'log']
    LOOP
        FOR part IN 0..15 LOOP
            EXECUTE format(
                'CREATE TABLE ledger.%I PARTITION OF ledger.%I FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
                whole || '_' || part, whole, part
            );
        END LOOP;
    END LOOP;
END $$;

-- Evidence is added to, never changed.
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.findings
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE
    UPDATE OF id, kind, place, entered_by, why, entered_at, replaces, facts OR DELETE
    ON ledger.entries
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.fleet_facts
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.statements
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
-- Readings alone may go, once they are old.
CREATE TRIGGER append_only BEFORE UPDATE ON ledger.readings
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();

-- All readings of a place with since <= at <= until, those that are laid together as well.
CREATE FUNCTION ledger.readings_between(
    of_site INTEGER, of_place TEXT, since BIGINT, until BIGINT
) RETURNS SETOF ledger.readings LANGUAGE SQL STABLE AS $$
    SELECT * FROM ledger.readings
    WHERE site = of_site AND place = of_place AND at BETWEEN since AND until
    UNION ALL
    SELECT r.* FROM ledger.packed p
    CROSS JOIN LATERAL jsonb_populate_recordset(NULL::ledger.readings, p.rows) r
    WHERE p.site = of_site AND p.place = of_place AND p.last >= since AND p.first <= until
    AND r.at BETWEEN since AND until
$$;
