SELECT count(*) AS lost
FROM (SELECT lo_custkey
      FROM lineorder
           JOIN date ON lo_orderdate = d_datekey
      WHERE d_year IN (1996, 1997)
      GROUP BY lo_custkey
      HAVING max(d_year) = 1996) AS buyers
