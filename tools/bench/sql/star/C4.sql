SELECT c_nation, count(*) AS kept
FROM (SELECT lo_custkey
      FROM lineorder
           JOIN date ON lo_orderdate = d_datekey
      WHERE d_year IN (1996, 1997)
      GROUP BY lo_custkey
      HAVING min(d_year) < max(d_year)) AS buyers
     JOIN customer ON lo_custkey = c_custkey
GROUP BY c_nation
