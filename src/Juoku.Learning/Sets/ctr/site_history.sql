-- By site, and by site and category.
SELECT site, category,
    grouping(category) = 1 AS whole_site,
    sum(impressions) FILTER (within(day, 1)) AS impressions_1d,
    sum(impressions) FILTER (within(day, 7)) AS impressions_7d,
    sum(impressions) AS impressions_28d,
    sum(clicks) FILTER (within(day, 1)) AS clicks_1d,
    sum(clicks) FILTER (within(day, 7)) AS clicks_7d,
    sum(clicks) AS clicks_28d
FROM by_site_category
GROUP BY GROUPING SETS ((site), (site, category))
