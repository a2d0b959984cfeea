/* doc_stat.c - the manual's page on sums and statistics. */
#include "query/doc.h"

#define YEARS    "Descendants([Time].[2024], [Time].[Month])"
#define NO_TUPLE "Tuples in which one of the two values is null are left out. "

static const doc_entry entries[] = {
    {.names = "Aggregate",
     .meaning =
         "The measure over a set, combined as the measure itself is: sums add up, the least and greatest are "
         "taken, distinct counts and averages are worked out afresh from the facts of the set.",
     .edges =
         "The empty set gives null. A calculated measure has no way of its own to combine: an error of the "
         "cell, unless it is calculated later than the aggregate (SOLVE_ORDER).",
     .statement =
         "WITH MEMBER [Time].[Second Half] AS Aggregate({[Time].[2024].[Q3], [Time].[2024].[Q4]})\n"
         "SELECT {[Measures].[Units], [Measures].[Customers]} ON COLUMNS,\n"
         "       {[Time].[2024].[Q3], [Time].[2024].[Q4], [Time].[Second Half]} ON ROWS\nFROM [Sales]"},
    {.names = "Avg",
     .meaning = "The mean of a value over a set.",
     .edges = "Nulls are left out and not counted. If there is no value at all: null.",
     .expressions = "Avg([Time].[2024].Children, [Measures].[Units])\nAvg({}, [Measures].[Units])"},
    {.names = "Correlation",
     .meaning = "The correlation of two values over a set, from -1 to 1; without a second value the current "
                "measure takes its place.",
     .edges = NO_TUPLE "If all are null: 0.",
     .expressions = "Round(Correlation(" YEARS ", [Measures].[Units], [Measures].[Orders]), 3)"},
    {.names = "Count",
     .meaning =
         "The number of tuples of a set; with EXCLUDEEMPTY, of those at which the current measure has a "
         "value.",
     .edges = "The empty set gives 0.",
     .expressions = "Count([Region].[Country].Members)\n[Region].[Country].Members.Count\nCount({})"},
    {.names = "Covariance",
     .meaning = "The covariance of two values over a set that is a whole population.",
     .edges = NO_TUPLE "Of nothing: NaN.",
     .expressions = "Round(Covariance(" YEARS ", [Measures].[Units], [Measures].[Orders]), 0)"},
    {.names = "CovarianceN",
     .meaning =
         "The covariance of two values over a set that is a sample: divided by one less than their number.",
     .edges = NO_TUPLE "Of one tuple: NaN.",
     .expressions = "Round(CovarianceN(" YEARS ", [Measures].[Units], [Measures].[Orders]), 0)"},
    {.names = "FirstQ",
     .meaning = "The first quartile of a value over a set: a quarter of the values lies below.",
     .edges = "Nulls are left out. If there is no value: null.",
     .expressions = "FirstQ([Time].[2024].Children, [Measures].[Units])"},
    {.names = "LinRegIntercept",
     .meaning =
         "Where the straight line through the points crosses x = 0. The first value is y, the second is x.",
     .edges = NO_TUPLE "The empty set gives null, a single point NaN.",
     .expressions = "Round(LinRegIntercept(" YEARS ", [Measures].[Units], [Measures].[Orders]), 1)"},
    {.names = "LinRegPoint",
     .meaning =
         "The y at a given x on the straight line through the points. The first value behind the set is y, "
         "the second is x.",
     .edges = NO_TUPLE "The empty set gives null, a single point NaN.",
     .expressions = "Round(LinRegPoint(1000, " YEARS ", [Measures].[Units], [Measures].[Orders]), 1)"},
    {.names = "LinRegR2",
     .meaning = "How well the straight line fits the points, from 0 to 1.",
     .edges = NO_TUPLE "The empty set gives null, a single point NaN.",
     .expressions = "Round(LinRegR2(" YEARS ", [Measures].[Units], [Measures].[Orders]), 3)"},
    {.names = "LinRegSlope",
     .meaning =
         "The slope of the straight line through the points: how much y grows with x. The first value is y, "
         "the second is x.",
     .edges = NO_TUPLE "The empty set gives null, a single point NaN.",
     .expressions = "Round(LinRegSlope(" YEARS ", [Measures].[Units], [Measures].[Orders]), 3)"},
    {.names = "LinRegVariance",
     .meaning = "The variance of the points around the straight line through them.",
     .edges = NO_TUPLE "The empty set gives null; of two points it is not a number.",
     .expressions = "Round(LinRegVariance(" YEARS ", [Measures].[Units], [Measures].[Orders]), 0)"},
    {.names = "Max, Min",
     .meaning = "The greatest, or the least, value over a set.",
     .edges = "Nulls are left out. If there is no value: null. The values must be numbers.",
     .expressions = "Max([Time].[2024].Children, [Measures].[Units])\nMin([Time].[2024].Children, "
                    "[Measures].[Units])\nMin({}, [Measures].[Units])"},
    {.names = "Median",
     .meaning = "The middle value over a set; the mean of the two in the middle if their number is even.",
     .edges = "Nulls are left out. If there is no value: null.",
     .expressions = "Median([Time].[2024].Children, [Measures].[Units])"},
    {.names = "Percentile",
     .meaning =
         "The value below which so many percent of the values lie: between two of them it is found on the "
         "straight line from one to the other.",
     .edges =
         "Nulls are left out. 0 or less gives the least, 100 or more the greatest value; no value: null.",
     .expressions = "Percentile([Time].[2024].Children, [Measures].[Units], 90)"},
    {.names = "Stdev, Stddev",
     .meaning = "The standard deviation of a value over a set that is a sample.",
     .edges = "Nulls are left out. Of one value: NaN; of none: 0.",
     .expressions = "Round(Stdev([Time].[2024].Children, [Measures].[Units]), 1)"},
    {.names = "StdevP, StddevP",
     .meaning = "The standard deviation of a value over a set that is a whole population.",
     .edges = "Nulls are left out. Of one value, and of none: 0.",
     .expressions = "Round(StdevP([Time].[2024].Children, [Measures].[Units]), 1)"},
    {.names = "Sum",
     .meaning = "The sum of a value over a set.",
     .edges = "Nulls are left out. If there is no value at all: null.",
     .expressions = "Sum([Time].[2024].Children, [Measures].[Units])\nSum({}, [Measures].[Units])"},
    {.names = "ThirdQ",
     .meaning = "The third quartile of a value over a set: three quarters of the values lie below.",
     .edges = "Nulls are left out. If there is no value: null.",
     .expressions = "ThirdQ([Time].[2024].Children, [Measures].[Units])"},
    {.names = "Var, Variance",
     .meaning = "The variance of a value over a set that is a sample.",
     .edges = "Nulls are left out. Of one value: NaN; of none: null.",
     .expressions = "Round(Var([Time].[2024].Children, [Measures].[Units]), 1)"},
    {.names = "VarP, VarianceP",
     .meaning = "The variance of a value over a set that is a whole population.",
     .edges = "Nulls are left out. Of one value: 0; of none: null.",
     .expressions = "Round(VarP([Time].[2024].Children, [Measures].[Units]), 1)"},
};

const doc_page doc_stat = {
    "statistics", "Sums and statistics",
    "A value over the tuples of a set, evaluated at each. Where the value is left out it is the "
    "current measure. An error at one of the tuples is an error of the cell.",
    entries, ARRAY_LEN(entries)};
