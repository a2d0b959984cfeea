SELECT lo_custkey, sum(lo_revenue) AS revenue
FROM lineorder_flat
GROUP BY lo_custkey
ORDER BY revenue DESC, lo_custkey
LIMIT 100
