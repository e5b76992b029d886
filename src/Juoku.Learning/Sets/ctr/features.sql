-- One row an impression of the day. Rates fall back on wider ones: ad on advertiser on category on all.
WITH clicked AS (
    SELECT DISTINCT i.impression_id
    FROM impressions i
    JOIN clicks c ON c.impression_id = i.impression_id
    WHERE c.click_time >= i.event_time AND c.click_time < i.event_time + INTERVAL 1 DAY
),
base AS (
    -- What an impression was worth in all; a guess of 1 % before there is any history.
    SELECT smoothed(sum(clicks_1d), sum(impressions_1d), 0.01, 1000) AS rate_1d,
        smoothed(sum(clicks_7d), sum(impressions_7d), 0.01, 1000) AS rate_7d,
        smoothed(sum(clicks_28d), sum(impressions_28d), 0.01, 1000) AS rate_28d
    FROM ad_history WHERE level = 'all'
),
categories AS (
    SELECT a.category,
        smoothed(c.clicks_1d, c.impressions_1d, rate_1d, 500) AS ctr_1d,
        smoothed(c.clicks_7d, c.impressions_7d, rate_7d, 500) AS ctr_7d,
        smoothed(c.clicks_28d, c.impressions_28d, rate_28d, 500) AS ctr_28d
    FROM (SELECT DISTINCT category FROM ads) a CROSS JOIN base
    LEFT JOIN ad_history c ON c.level = 'category' AND c.category = a.category
),
todays_ads AS (
    SELECT a.ad_id, a.advertiser_id, a.category, a.size, a.bid, a.first_shown,
        c.ctr_1d AS category_ctr_1d, c.ctr_7d AS category_ctr_7d, c.ctr_28d AS category_ctr_28d,
        smoothed(v.clicks_1d, v.impressions_1d, c.ctr_1d, 500) AS advertiser_ctr_1d,
        smoothed(v.clicks_7d, v.impressions_7d, c.ctr_7d, 500) AS advertiser_ctr_7d,
        smoothed(v.clicks_28d, v.impressions_28d, c.ctr_28d, 500) AS advertiser_ctr_28d,
        smoothed(h.clicks_1d, h.impressions_1d, advertiser_ctr_1d, 300) AS ad_ctr_1d,
        smoothed(h.clicks_7d, h.impressions_7d, advertiser_ctr_7d, 300) AS ad_ctr_7d,
        smoothed(h.clicks_28d, h.impressions_28d, advertiser_ctr_28d, 300) AS ad_ctr_28d,
        coalesce(h.impressions_1d, 0)::INTEGER AS ad_impressions_1d,
        coalesce(h.impressions_28d, 0)::INTEGER AS ad_impressions_28d
    FROM ads a
    JOIN categories c ON c.category = a.category
    LEFT JOIN ad_history v ON v.level = 'advertiser' AND v.advertiser_id = a.advertiser_id
    LEFT JOIN ad_history h ON h.level = 'ad' AND h.ad_id = a.ad_id
)
SELECT
    i.impression_id,
    i.user_id,
    i.ad_id,
    (k.impression_id IS NOT NULL)::INTEGER AS clicked,
    a.advertiser_id AS advertiser,
    hour(i.event_time)::INTEGER AS hour,
    isodow(i.event_time)::INTEGER AS weekday,
    i.position,
    i.site,
    u.age, u.gender, u.region, u.carrier, u.device,
    a.category, a.size, a.bid::FLOAT AS bid,
    date_diff('day', a.first_shown::DATE, getvariable('day'))::INTEGER AS ad_age_days,
    CASE a.category WHEN u.interest_1 THEN 3 WHEN u.interest_2 THEN 2 WHEN u.interest_3 THEN 1 ELSE 0 END AS interest,
    contains(i.site, a.category)::INTEGER AS on_topic,

    coalesce(uh.impressions_1d, 0) AS user_impressions_1d,
    coalesce(uh.impressions_7d, 0) AS user_impressions_7d,
    coalesce(uh.impressions_28d, 0) AS user_impressions_28d,
    coalesce(uh.clicks_28d, 0) AS user_clicks_28d,
    smoothed(uh.clicks_7d, uh.impressions_7d, b.rate_7d, 50) AS user_ctr_7d,
    smoothed(uh.clicks_28d, uh.impressions_28d, b.rate_28d, 50) AS user_ctr_28d,
    (date_diff('second', uh.last_impression, i.event_time) / 3600)::FLOAT AS user_hours_since_impression,
    (date_diff('second', uh.last_click, i.event_time) / 3600)::FLOAT AS user_hours_since_click,

    a.ad_impressions_1d, a.ad_impressions_28d,
    a.ad_ctr_1d, a.ad_ctr_7d, a.ad_ctr_28d,
    a.advertiser_ctr_1d, a.advertiser_ctr_7d, a.advertiser_ctr_28d,
    a.category_ctr_1d, a.category_ctr_7d, a.category_ctr_28d,
    smoothed(sh.clicks_1d, sh.impressions_1d, b.rate_1d, 500) AS site_ctr_1d,
    smoothed(sh.clicks_7d, sh.impressions_7d, b.rate_7d, 500) AS site_ctr_7d,
    smoothed(sh.clicks_28d, sh.impressions_28d, b.rate_28d, 500) AS site_ctr_28d,
    smoothed(sc.clicks_28d, sc.impressions_28d, site_ctr_28d, 300) AS site_category_ctr_28d,
    smoothed(ds.clicks_7d, ds.impressions_7d, b.rate_7d, 500) AS device_size_ctr_7d,
    smoothed(ds.clicks_28d, ds.impressions_28d, b.rate_28d, 500) AS device_size_ctr_28d,
    smoothed(gc.clicks_28d, gc.impressions_28d, a.category_ctr_28d, 500) AS gender_age_category_ctr_28d
FROM impressions i
CROSS JOIN base b
JOIN todays_ads a ON a.ad_id = i.ad_id
LEFT JOIN users u ON u.user_id = i.user_id
LEFT JOIN clicked k ON k.impression_id = i.impression_id
LEFT JOIN user_history uh ON uh.user_id = i.user_id
LEFT JOIN site_history sh ON sh.whole_site AND sh.site = i.site
LEFT JOIN site_history sc ON NOT sc.whole_site AND sc.site = i.site AND sc.category = a.category
LEFT JOIN audience_history ds ON ds.of_device AND ds.device = u.device AND ds.size = a.size
LEFT JOIN audience_history gc ON NOT gc.of_device AND gc.gender = u.gender AND gc.age_band = age_band(u.age) AND gc.category = a.category
