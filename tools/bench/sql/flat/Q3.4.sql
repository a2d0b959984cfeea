SELECT c_city, s_city, d_yearmonth, sum(lo_revenue) AS revenue
FROM lineorder_flat
WHERE c_city IN ('UNITED KI1', 'UNITED KI5') AND s_city IN ('UNITED KI1', 'UNITED KI5') AND d_yearmonth = 'Dec1997'
GROUP BY c_city, s_city, d_yearmonth
ORDER BY d_yearmonth ASC, revenue DESC
