SELECT coalesce(c_city, c_nation, c_region) AS place, d_year, p_category, sum(lo_revenue) AS revenue
FROM lineorder
     JOIN date ON lo_orderdate = d_datekey
     JOIN customer ON lo_custkey = c_custkey
     JOIN part ON lo_partkey = p_partkey
GROUP BY ROLLUP (c_region, c_nation, c_city), ROLLUP (d_year), ROLLUP (p_category)
