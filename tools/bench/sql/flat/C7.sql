-- The finest cells first: rolling up the facts themselves takes four times as long.
WITH cells AS MATERIALIZED (
  SELECT c_region, c_nation, c_city, d_year, p_category, sum(lo_revenue) AS revenue
  FROM lineorder_flat
  GROUP BY c_region, c_nation, c_city, d_year, p_category)
SELECT coalesce(c_city, c_nation, c_region) AS place, d_year, p_category, sum(revenue) AS revenue
FROM cells
GROUP BY ROLLUP (c_region, c_nation, c_city), ROLLUP (d_year), ROLLUP (p_category)
