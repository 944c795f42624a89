-- The place of a site among those of its size, as the centre's people last let it be told: JSON
-- without anybody's name. When they tell again, all of it is told anew.

CREATE TABLE centre.told_placings (
    site TEXT COLLATE "C" PRIMARY KEY,
    told TEXT NOT NULL,
    told_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
