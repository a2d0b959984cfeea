SELECT d_year, c_region, p_mfgr, count(DISTINCT lo_custkey) AS customers
FROM lineorder_flat
GROUP BY d_year, c_region, p_mfgr
