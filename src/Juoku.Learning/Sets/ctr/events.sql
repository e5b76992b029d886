-- What the logs learnt on the day: impressions shown on it, and clicks that arrived on it, whenever their impression was shown.
-- A click counts on the day of its first arrival, if it came within a day of its impression.
WITH shown AS (
    SELECT i.impression_id, i.user_id, i.ad_id, a.advertiser_id, a.category, a.size, i.site, u.gender, u.age, u.device, i.event_time, i.dt
    FROM impressions i
    JOIN ads a ON a.ad_id = i.ad_id AND a.dt = i.dt
    LEFT JOIN users u ON u.user_id = i.user_id
),
arrived AS (
    SELECT impression_id, min(click_time) AS click_time
    FROM clicks
    GROUP BY impression_id
    HAVING min(dt) = getvariable('day')
)
SELECT * EXCLUDE (impression_id, dt), 1 AS impressions, 0 AS clicks
FROM shown
WHERE dt = getvariable('day')
UNION ALL
SELECT s.* EXCLUDE (impression_id, event_time, dt), c.click_time AS event_time, 0 AS impressions, 1 AS clicks
FROM shown s
JOIN arrived c ON c.impression_id = s.impression_id
WHERE c.click_time >= s.event_time AND c.click_time < s.event_time + INTERVAL 1 DAY
