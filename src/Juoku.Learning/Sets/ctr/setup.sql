-- Run first. Macros that the other files use.

-- Whether a day of the history lies in the n days before the day being built.
CREATE MACRO within(day, n) AS day >= getvariable('day') - n;

-- A click rate, drawn towards a prior as if `strength` more impressions had been seen at that rate.
CREATE MACRO smoothed(clicks, impressions, prior, strength) AS
    ((coalesce(clicks, 0) + strength * prior::DOUBLE) / (coalesce(impressions, 0) + strength))::FLOAT;

-- Ten years of age to a band.
CREATE MACRO age_band(age) AS least(age // 10, 7);
