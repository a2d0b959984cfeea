WITH customers AS (
  SELECT lo_custkey, max(lo_orderdate) AS last_order, count(DISTINCT lo_orderkey) AS orders, sum(lo_revenue) AS revenue
  FROM lineorder_flat
  GROUP BY lo_custkey),
fifths AS (
  SELECT ntile(5) OVER (ORDER BY last_order, lo_custkey) AS recency,
         ntile(5) OVER (ORDER BY orders, lo_custkey) AS frequency,
         ntile(5) OVER (ORDER BY revenue, lo_custkey) AS monetary, revenue
  FROM customers)
SELECT recency, frequency, monetary, count(*) AS customers, sum(revenue) AS revenue
FROM fifths
GROUP BY recency, frequency, monetary
