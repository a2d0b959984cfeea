SELECT c_nation, count(*) AS kept
FROM (SELECT lo_custkey, c_nation
      FROM lineorder_flat
      WHERE d_year IN (1996, 1997)
      GROUP BY lo_custkey, c_nation
      HAVING min(d_year) < max(d_year)) AS buyers
GROUP BY c_nation
