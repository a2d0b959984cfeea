-- No ROLLUP here: the finest cells, then each counted once for every way of taking levels away.
WITH cells AS (
  SELECT c_region, c_nation, c_city, d_year, p_category, sum(lo_revenue) AS revenue
  FROM lineorder
       JOIN date ON lo_orderdate = d_datekey
       JOIN customer ON lo_custkey = c_custkey
       JOIN part ON lo_partkey = p_partkey
  GROUP BY c_region, c_nation, c_city, d_year, p_category),
places AS (
  SELECT 0 AS depth UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3),
flags AS (
  SELECT 0 AS is_kept UNION ALL SELECT 1)
SELECT CASE depth WHEN 3 THEN c_city WHEN 2 THEN c_nation WHEN 1 THEN c_region END AS place,
       CASE WHEN y.is_kept THEN d_year END AS year, CASE WHEN p.is_kept THEN p_category END AS category,
       sum(revenue) AS revenue
FROM cells, places, flags AS y, flags AS p
GROUP BY 1, 2, 3
