SELECT user_id,
    sum(impressions)::INTEGER AS impressions,
    sum(clicks)::INTEGER AS clicks,
    max(event_time) FILTER (impressions = 1) AS last_impression,
    max(event_time) FILTER (clicks = 1) AS last_click
FROM events
GROUP BY user_id
