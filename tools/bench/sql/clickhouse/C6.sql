-- No window functions here: all customers as arrays, sorted three times; a place among them lies in the fifth that
-- ntile(5) gives it.
SELECT recency, frequency, monetary, count() AS customers, sum(amount) AS revenue
FROM (
  SELECT amounts,
         length(amounts) AS n, intDiv(n, 5) AS size, n % 5 AS larger, arrayEnumerate(amounts) AS places,
         arrayMap(p -> if(p <= larger * (size + 1), intDiv(p - 1, size + 1) + 1,
                          larger + intDiv(p - 1 - larger * (size + 1), size) + 1), places) AS fifths,
         arraySort((i, k) -> k, places, arrayMap((x, i) -> (x, i), dates, places)) AS by_date,
         arraySort((i, k) -> k, places, arrayMap((x, i) -> (x, i), counts, places)) AS by_count,
         arraySort((i, k) -> k, places, arrayMap((x, i) -> (x, i), amounts, places)) AS by_amount,
         arraySort((t, i) -> i, fifths, by_date) AS r, arraySort((t, i) -> i, fifths, by_count) AS f,
         arraySort((t, i) -> i, fifths, by_amount) AS m
  FROM (
    SELECT groupArray(last_order) AS dates, groupArray(orders) AS counts, groupArray(revenue) AS amounts
    FROM (
      SELECT lo_custkey, max(lo_orderdate) AS last_order, uniqExact(lo_orderkey) AS orders, sum(lo_revenue) AS revenue
      FROM lineorder_flat
      GROUP BY lo_custkey
      ORDER BY lo_custkey)))
ARRAY JOIN amounts AS amount, r AS recency, f AS frequency, m AS monetary
GROUP BY recency, frequency, monetary
