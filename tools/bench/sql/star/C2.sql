SELECT d_year, c_region, p_mfgr, count(DISTINCT lo_custkey) AS customers
FROM lineorder
     JOIN date ON lo_orderdate = d_datekey
     JOIN customer ON lo_custkey = c_custkey
     JOIN part ON lo_partkey = p_partkey
GROUP BY d_year, c_region, p_mfgr
