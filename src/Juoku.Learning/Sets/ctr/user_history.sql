SELECT user_id,
    coalesce(sum(impressions) FILTER (within(day, 1)), 0)::INTEGER AS impressions_1d,
    coalesce(sum(impressions) FILTER (within(day, 7)), 0)::INTEGER AS impressions_7d,
    sum(impressions)::INTEGER AS impressions_28d,
    coalesce(sum(clicks) FILTER (within(day, 7)), 0)::INTEGER AS clicks_7d,
    sum(clicks)::INTEGER AS clicks_28d,
    max(last_impression) AS last_impression,
    max(last_click) AS last_click
FROM by_user
WHERE user_id IN (SELECT user_id FROM impressions)
GROUP BY user_id
