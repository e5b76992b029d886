-- By ad, by advertiser, by category, and of all: the grouping says which.
SELECT ad_id, advertiser_id, category,
    CASE WHEN grouping(ad_id) = 0 THEN 'ad' WHEN grouping(advertiser_id) = 0 THEN 'advertiser' WHEN grouping(category) = 0 THEN 'category' ELSE 'all' END AS level,
    sum(impressions) FILTER (within(day, 1)) AS impressions_1d,
    sum(impressions) FILTER (within(day, 7)) AS impressions_7d,
    sum(impressions) AS impressions_28d,
    sum(clicks) FILTER (within(day, 1)) AS clicks_1d,
    sum(clicks) FILTER (within(day, 7)) AS clicks_7d,
    sum(clicks) AS clicks_28d
FROM by_ad
GROUP BY GROUPING SETS ((ad_id), (advertiser_id), (category), ())
