SELECT d_year, count(DISTINCT lo_custkey) AS customers
FROM lineorder
     JOIN date ON lo_orderdate = d_datekey
GROUP BY d_year
