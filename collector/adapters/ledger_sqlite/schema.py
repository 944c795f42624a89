"""What the ledger's file looks like, as ordered steps from one version to the next.

Version n is what the first n steps leave behind; `PRAGMA user_version` holds n. A step that was
ever released is never edited: append a new one.

Sizes decided the layout. A reading row is about 110 bytes because all that repeats (names, what
a machine says of itself, which meters it has, its supplies) is written once and numbered. Tables
whose rows are found by place and time are stored in that order (WITHOUT ROWID), so a month of one
place is one short walk. Everything stays readable with the `sqlite3` shell: the views
`reading_list`, `usage_list` and `log_list` put the words back, `packed_list` shows the counts of
readings that are laid together.
"""

from typing import Final

APPLICATION_ID: Final = 0x43504C47
"""Marks the file as a ledger of copier-fleet ("CPLG"): no other database is taken for it."""

_TABLES: Final = """
-- Every name that occurs (places, device keys, meters, kinds and subjects of the log), numbered.
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- What a machine says of itself and its profile knows of it: JSON, each distinct text once.
CREATE TABLE devices (id INTEGER PRIMARY KEY, about TEXT NOT NULL UNIQUE) STRICT;

-- Which meters a reading has, in the order of its counts: JSON array of names.
CREATE TABLE meter_sets (id INTEGER PRIMARY KEY, meters TEXT NOT NULL UNIQUE) STRICT;

-- The lasting part of a set of supplies: JSON array of [key, name, state, capacity].
CREATE TABLE supply_shapes (id INTEGER PRIMARY KEY, shape TEXT NOT NULL UNIQUE) STRICT;

-- The changing part, written only when it differs from the place's reading before.
CREATE TABLE supply_levels (
    id INTEGER PRIMARY KEY,
    shape INTEGER NOT NULL REFERENCES supply_shapes,
    remaining TEXT NOT NULL
) STRICT;

-- Times are whole seconds since 1970 UTC. `counts` is a JSON array beside meter_sets.meters.
CREATE TABLE readings (
    place INTEGER NOT NULL REFERENCES names,
    at INTEGER NOT NULL,
    device INTEGER NOT NULL REFERENCES names,
    about INTEGER NOT NULL REFERENCES devices,
    meters INTEGER NOT NULL REFERENCES meter_sets,
    counts TEXT NOT NULL,
    uptime_s INTEGER,
    status TEXT NOT NULL,
    supplies INTEGER REFERENCES supply_levels,
    PRIMARY KEY (place, at, device)
) STRICT, WITHOUT ROWID;

-- `lasted_s` = end - start; `first` is text where a device counts beyond 63 bits.
-- quality: 0 measured, 1 estimated, 2 edited.
CREATE TABLE usages (
    place INTEGER NOT NULL REFERENCES names,
    ended INTEGER NOT NULL,
    device INTEGER NOT NULL REFERENCES names,
    meter INTEGER NOT NULL REFERENCES names,
    epoch INTEGER NOT NULL,
    lasted_s INTEGER NOT NULL,
    first ANY NOT NULL,
    pages INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    PRIMARY KEY (place, ended, device, meter, epoch)
) STRICT, WITHOUT ROWID;

-- `at_us` is in microseconds, exact, because a finding's id depends on it.
CREATE TABLE findings (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL,
    severity TEXT NOT NULL,
    subject TEXT NOT NULL,
    message TEXT NOT NULL,
    at_us INTEGER,
    evidence TEXT NOT NULL
) STRICT;

-- Sums that grow: pages of one place on one local day, JSON object by meter.
CREATE TABLE days (
    day TEXT NOT NULL,
    place INTEGER NOT NULL REFERENCES names,
    pages TEXT NOT NULL,
    estimated INTEGER NOT NULL,
    PRIMARY KEY (day, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE place_states (
    place INTEGER PRIMARY KEY REFERENCES names,
    seen_at INTEGER,
    stored_at INTEGER,
    online INTEGER,
    changed_at INTEGER,
    reason TEXT NOT NULL,
    track TEXT
) STRICT;

CREATE TABLE state_changes (
    place INTEGER NOT NULL REFERENCES names,
    at INTEGER NOT NULL,
    online INTEGER NOT NULL,
    silent_s INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (place, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE cycles (
    at INTEGER PRIMARY KEY,
    polled INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    slow INTEGER NOT NULL,
    cycle_s REAL NOT NULL,
    lag_s REAL NOT NULL
) STRICT;

-- `subject` and `item` are the key's two halves ("place" and "1763900000"); see encode.split_key.
CREATE TABLE log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL REFERENCES names,
    subject INTEGER NOT NULL REFERENCES names,
    item ANY NOT NULL,
    UNIQUE (kind, subject, item)
) STRICT;

CREATE TABLE cursors (sink TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Bookkeeping of the program, never pages.
CREATE TABLE notes (key TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""

_VIEWS: Final = """
CREATE VIEW reading_list AS
SELECT p.name AS place, r.at, datetime(r.at, 'unixepoch') AS utc, d.name AS device, s.meters,
       r.counts, r.uptime_s, r.status, a.about
FROM readings r JOIN names p ON p.id = r.place JOIN names d ON d.id = r.device
JOIN meter_sets s ON s.id = r.meters JOIN devices a ON a.id = r.about;

CREATE VIEW usage_list AS
SELECT p.name AS place, d.name AS device, m.name AS meter, u.epoch,
       datetime(u.ended - u.lasted_s, 'unixepoch') AS start_utc,
       datetime(u.ended, 'unixepoch') AS end_utc, u.first, u.pages,
       CASE u.quality WHEN 0 THEN 'measured' WHEN 1 THEN 'estimated' ELSE 'edited' END AS quality
FROM usages u JOIN names p ON p.id = u.place JOIN names d ON d.id = u.device
JOIN names m ON m.id = u.meter;

CREATE VIEW log_list AS
SELECT l.seq, k.name AS kind, iif(s.name = '', l.item, s.name || '|' || l.item) AS "key"
FROM log l JOIN names k ON k.id = l.kind JOIN names s ON s.id = l.subject;
"""

# Replacing a row would slip past the delete trigger (SQLite fires it only on request), so a second
# row under the same key is refused before it is written.
_APPEND_ONLY: Final = """
CREATE TRIGGER {table}_not_changed BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END;
CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END;
CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END;
"""

_SAME: Final = {
    "names": "id = NEW.id OR name = NEW.name",
    "devices": "id = NEW.id OR about = NEW.about",
    "meter_sets": "id = NEW.id OR meters = NEW.meters",
    "supply_shapes": "id = NEW.id OR shape = NEW.shape",
    "supply_levels": "id = NEW.id",
    "readings": "place = NEW.place AND at = NEW.at AND device = NEW.device",
    "usages": "place = NEW.place AND ended = NEW.ended AND device = NEW.device"
    " AND meter = NEW.meter AND epoch = NEW.epoch",
    "findings": "seq = NEW.seq OR id = NEW.id",
}
"""Append-only table -> what makes an existing row the same as a new one."""

_GUARDS: Final = "".join(
    _APPEND_ONLY.format(table=table, same=same) for table, same in _SAME.items()
)

_EVIDENCE: Final = """
-- stay: 0 here, 1 arrived from elsewhere, 2 counted at another place.
ALTER TABLE readings ADD COLUMN stay INTEGER NOT NULL DEFAULT 0;

-- Until when polls confirmed the reading before this one, and the uptime then.
ALTER TABLE readings ADD COLUMN confirmed_at INTEGER;
ALTER TABLE readings ADD COLUMN confirmed_uptime_s INTEGER;

-- What the profile's terms said: meter_sets holds their names, `raw` those no meter repeats.
ALTER TABLE readings ADD COLUMN terms INTEGER REFERENCES meter_sets;
ALTER TABLE readings ADD COLUMN raw TEXT;

-- How often a place's usages and days were written anew.
ALTER TABLE place_states ADD COLUMN books INTEGER NOT NULL DEFAULT 0;

-- Usages follow from readings and entries: an amendment, and nothing else, takes a place's away.
CREATE TABLE amending (place INTEGER PRIMARY KEY) STRICT;
DROP TRIGGER usages_not_deleted;
CREATE TRIGGER usages_not_deleted BEFORE DELETE ON usages
WHEN NOT EXISTS (SELECT 1 FROM amending WHERE place = OLD.place)
BEGIN SELECT RAISE(ABORT, 'usages are append-only'); END;

-- Where a place's counting stood before each closing month's first reading.
CREATE TABLE checkpoints (
    place INTEGER NOT NULL REFERENCES names,
    at INTEGER NOT NULL,
    track TEXT NOT NULL,
    PRIMARY KEY (place, at)
) STRICT, WITHOUT ROWID;

-- What people entered: decisions, readings by hand, months of old sheets, withdrawals.
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    place INTEGER NOT NULL REFERENCES names,
    entered_by TEXT NOT NULL,
    why TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    replaces TEXT,
    facts TEXT NOT NULL
) STRICT;

-- What stored readings say by a corrected profile; `entry` is the id of the entry, numbered.
CREATE TABLE rereadings (
    place INTEGER NOT NULL REFERENCES names,
    at INTEGER NOT NULL,
    device INTEGER NOT NULL REFERENCES names,
    entry INTEGER NOT NULL REFERENCES names,
    about INTEGER NOT NULL REFERENCES devices,
    meters INTEGER NOT NULL REFERENCES meter_sets,
    counts TEXT NOT NULL,
    PRIMARY KEY (place, at, device, entry)
) STRICT, WITHOUT ROWID;

-- Closed periods. `seal` is the SHA-256 of `text`, which names the seal before it.
CREATE TABLE statements (
    seq INTEGER PRIMARY KEY,
    period TEXT NOT NULL,
    revision INTEGER NOT NULL,
    text TEXT NOT NULL,
    seal TEXT NOT NULL,
    UNIQUE (period, revision)
) STRICT;
"""

_CLOCK: Final = """
-- What the computer's clock said instead of `at`, where it was in doubt.
ALTER TABLE readings ADD COLUMN wall_at INTEGER;

-- Where the machine was read last, at another place, and what it said there: JSON.
ALTER TABLE readings ADD COLUMN brought TEXT;
"""

_RANGES: Final = """
-- The range that holds the true pages of a usage that is no plain difference of two counters.
ALTER TABLE usages ADD COLUMN low INTEGER;
ALTER TABLE usages ADD COLUMN high INTEGER;
DROP VIEW usage_list;
CREATE VIEW usage_list AS
SELECT p.name AS place, d.name AS device, m.name AS meter, u.epoch,
       datetime(u.ended - u.lasted_s, 'unixepoch') AS start_utc,
       datetime(u.ended, 'unixepoch') AS end_utc, u.first, u.pages,
       CASE u.quality WHEN 0 THEN 'measured' WHEN 1 THEN 'estimated' ELSE 'edited' END AS quality,
       u.low, u.high
FROM usages u JOIN names p ON p.id = u.place JOIN names d ON d.id = u.device
JOIN names m ON m.id = u.meter;

-- Those that may not lie on one day for certain, or are estimates: few among many.
CREATE INDEX long_usages ON usages (meter, ended, lasted_s) WHERE lasted_s > 3600 OR quality = 1;
"""

_SAME_PAPERS: Final = {
    "entries": "seq = NEW.seq OR id = NEW.id",
    "rereadings": "place = NEW.place AND at = NEW.at AND device = NEW.device AND entry = NEW.entry",
    "statements": "seq = NEW.seq OR (period = NEW.period AND revision = NEW.revision)",
}

_FLEET_FACTS: Final = """
-- Who answers for a place, names, ends of places, closing day and zone: in the order recorded.
-- `subject` is the place or the department ("" for the office), `facts` JSON with the days.
CREATE TABLE fleet_facts (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject INTEGER NOT NULL REFERENCES names,
    facts TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    why TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
"""

_SAID: Final = """
-- What `message` says, as JSON: the text's key and its facts; NULL for words of somebody else, and
-- in rows of an earlier version.
ALTER TABLE findings ADD COLUMN said TEXT;
"""

_HEARD: Final = """
-- When a place said again what it had said, which moved nothing but times: see place_states. It
-- speaks of the state that lies there, and goes with it.
CREATE TABLE heard (
    place INTEGER PRIMARY KEY REFERENCES names,
    at INTEGER NOT NULL,
    uptime_s INTEGER
) STRICT;
CREATE TRIGGER heard_before AFTER UPDATE ON place_states
BEGIN DELETE FROM heard WHERE place = NEW.place; END;
"""

_SLOWEST: Final = """
-- How much waited for the sink that is furthest behind, and which machine took longest to answer.
ALTER TABLE cycles ADD COLUMN backlog INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cycles ADD COLUMN slowest TEXT;
ALTER TABLE cycles ADD COLUMN slowest_s REAL;
"""

_THINNING: Final = """
-- Readings that are old enough go in steps, with what is theirs alone, and nothing else does.
CREATE TABLE thinning (place INTEGER PRIMARY KEY, before INTEGER NOT NULL) STRICT;
DROP TRIGGER readings_not_deleted;
CREATE TRIGGER readings_not_deleted BEFORE DELETE ON readings
WHEN NOT EXISTS (SELECT 1 FROM thinning WHERE place = OLD.place AND OLD.at < before)
BEGIN SELECT RAISE(ABORT, 'readings are append-only'); END;
DROP TRIGGER rereadings_not_deleted;
CREATE TRIGGER rereadings_not_deleted BEFORE DELETE ON rereadings
WHEN NOT EXISTS (SELECT 1 FROM thinning WHERE place = OLD.place AND OLD.at < before)
BEGIN SELECT RAISE(ABORT, 'rereadings are append-only'); END;
DROP TRIGGER supply_levels_not_deleted;
CREATE TRIGGER supply_levels_not_deleted BEFORE DELETE ON supply_levels
WHEN NOT EXISTS (SELECT 1 FROM thinning)
BEGIN SELECT RAISE(ABORT, 'supply_levels are append-only'); END;
"""

_TOGETHER: Final = """
-- Readings of one place that are over, laid together with the usages that follow from them and
-- their places in the log: packed.py says how `body` is read. `first_level` to `last_level` are
-- the supply levels that it needs, `octets` is its length before zlib, `digest` the SHA-256 of all
-- that stands beside it and of what it holds.
CREATE TABLE packed (
    id INTEGER PRIMARY KEY,
    place INTEGER NOT NULL REFERENCES names,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    usages INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    first_seq INTEGER,
    last_seq INTEGER,
    first_level INTEGER,
    last_level INTEGER,
    octets INTEGER NOT NULL,
    digest TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX packed_places ON packed (place, last);
CREATE INDEX packed_log ON packed (last_seq);
CREATE TRIGGER packed_not_changed BEFORE UPDATE ON packed
BEGIN SELECT RAISE(ABORT, 'packed are append-only'); END;
CREATE TRIGGER packed_not_replaced BEFORE INSERT ON packed
WHEN EXISTS (SELECT 1 FROM packed WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'packed are append-only'); END;
-- What is taken apart is there as rows then.
CREATE TRIGGER packed_not_deleted BEFORE DELETE ON packed
WHEN NOT EXISTS (SELECT 1 FROM amending WHERE place = OLD.place)
BEGIN SELECT RAISE(ABORT, 'packed are append-only'); END;

-- The shell of SQLite knows sqlar_uncompress: each count of each reading that is laid together.
CREATE VIEW packed_list AS
WITH opened AS MATERIALIZED (
    SELECT p.id, n.name AS place, p.first, sqlar_uncompress(p.body, p.octets) AS body
    FROM packed p JOIN names n ON n.id = p.place
), times AS (
    SELECT o.id, o.place, t.key AS number,
        o.first + sum(t.value) OVER (PARTITION BY o.id ORDER BY t.key) AS at
    FROM opened o, json_each(o.body, '$.at') t
), grown AS (
    SELECT o.id, m.key AS meter, c.key AS number, c.value,
        sum(c.value) OVER (PARTITION BY o.id, m.key ORDER BY c.key) AS count
    FROM opened o, json_each(o.body, '$.counts') m, json_each(m.value) c
)
SELECT t.place, t.at, datetime(t.at, 'unixepoch') AS utc, g.meter, g.count
FROM times t JOIN grown g ON g.id = t.id AND g.number = t.number WHERE g.value IS NOT NULL;
"""

STEPS: Final[tuple[str, ...]] = (
    f"PRAGMA application_id = {APPLICATION_ID};\n{_TABLES}{_VIEWS}{_GUARDS}",
    _EVIDENCE
    + "".join(_APPEND_ONLY.format(table=table, same=same) for table, same in _SAME_PAPERS.items()),
    _CLOCK,
    _FLEET_FACTS + _APPEND_ONLY.format(table="fleet_facts", same="seq = NEW.seq"),
    _RANGES,
    _SAID,
    _HEARD,
    _SLOWEST,
    _THINNING,
    _TOGETHER,
)
"""STEPS[n] takes a file from version n to version n + 1."""

TABLES: Final = (
    "readings",
    "usages",
    "findings",
    "days",
    "entries",
    "rereadings",
    "statements",
    "fleet_facts",
    "checkpoints",
    "place_states",
    "state_changes",
    "cycles",
    "log",
    "devices",
)
"""The tables that `status` counts."""
