SELECT d_year, count(DISTINCT lo_custkey) AS customers
FROM lineorder_flat
GROUP BY d_year
