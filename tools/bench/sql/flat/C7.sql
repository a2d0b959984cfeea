SELECT coalesce(c_city, c_nation, c_region) AS place, d_year, p_category, sum(lo_revenue) AS revenue
FROM lineorder_flat
GROUP BY ROLLUP (c_region, c_nation, c_city), ROLLUP (d_year), ROLLUP (p_category)
