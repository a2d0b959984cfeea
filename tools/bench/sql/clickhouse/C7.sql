-- One ROLLUP at most here: the finest cells, each counted once for every way of taking levels away.
SELECT place, year, category, sum(revenue) AS revenue
FROM (SELECT arrayJoin([toString(c_city), toString(c_nation), toString(c_region), '']) AS place,
             arrayJoin([toString(d_year), '']) AS year, arrayJoin([toString(p_category), '']) AS category, revenue
      FROM (SELECT c_region, c_nation, c_city, d_year, p_category, sum(lo_revenue) AS revenue
            FROM lineorder_flat
            GROUP BY c_region, c_nation, c_city, d_year, p_category))
GROUP BY place, year, category
