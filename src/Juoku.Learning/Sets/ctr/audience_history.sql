-- By device and ad size, and by gender, age and category.
SELECT device, size, gender, age_band, category,
    grouping(size) = 0 AS of_device,
    sum(impressions) FILTER (within(day, 7)) AS impressions_7d,
    sum(impressions) AS impressions_28d,
    sum(clicks) FILTER (within(day, 7)) AS clicks_7d,
    sum(clicks) AS clicks_28d
FROM by_audience
GROUP BY GROUPING SETS ((device, size), (gender, age_band, category))
