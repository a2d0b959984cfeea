/* doc_finance.c - the manual's page on finance. */
#include "query/doc.h"

#define LOAN                                                                                                 \
    "The last two numbers are the value left at the end and whether payments are at the start of a period; "
#define LOAN_MORE LOAN "by default 0 and no."

static const doc_entry entries[] = {
    {.names = "DDB",
     .meaning = "The depreciation of a period by the declining balance: of a cost, with a salvage value, a "
                "life and a "
                "period; the factor is 2 if none is given.",
     .edges = "A period outside of the life is an error of the cell.",
     .expressions = "Round(DDB(1000, 100, 5, 1), 2)\nRound(DDB(1000, 100, 5, 2), 2)"},
    {.names = "FV",
     .meaning =
         "The future value of an annuity, from rate, number of periods and payment. The last two numbers are "
         "the present value and whether payments are at the start of a period; by default 0 and no.",
     .expressions = "Round(FV(0.01, 12, -100), 2)"},
    {.names = "IPmt",
     .meaning = "The interest in the payment of a period, from rate, period, number of periods and present "
                "value. " LOAN_MORE,
     .expressions = "Round(IPmt(0.01, 1, 12, 1000), 2)"},
    {.names = "NPer",
     .meaning = "The number of periods, from rate, payment and present value. " LOAN_MORE,
     .expressions = "Round(NPer(0.01, -100, 1000), 2)"},
    {.names = "NPV",
     .meaning = "The net present value of payments at the ends of periods, at a rate.",
     .expressions = "Round(NPV(0.1, -100, 60, 60), 2)"},
    {.names = "Pmt",
     .meaning = "The payment of a period, from rate, number of periods and present value. " LOAN_MORE,
     .expressions = "Round(Pmt(0.01, 12, 1000), 2)"},
    {.names = "PPmt",
     .meaning = "The principal in the payment of a period, from rate, period, number of periods and present "
                "value. " LOAN_MORE,
     .expressions = "Round(PPmt(0.01, 1, 12, 1000), 2)"},
    {.names = "PV",
     .meaning = "The present value of an annuity, from rate, number of periods and payment. " LOAN_MORE,
     .expressions = "Round(PV(0.01, 12, -100), 2)"},
    {.names = "Rate",
     .meaning = "The interest rate, from number of periods, payment and present value. " LOAN
                "a further number is where the search starts.",
     .edges = "A rate is more than -1. If there are several, the search finds one of them; if there is none, "
              "it is an error of the cell.",
     .expressions = "Round(Rate(12, -88.85, 1000), 4)"},
    {.names = "SLN",
     .meaning = "The straight-line depreciation of a period, from cost, salvage value and life.",
     .expressions = "SLN(1000, 100, 5)"},
    {.names = "SYD",
     .meaning =
         "The depreciation of a period by the sum of the years' digits, from cost, salvage value, life and "
         "period.",
     .expressions = "SYD(1000, 100, 5, 1)"},
};

const doc_page doc_finance = {
    "finance", "Finance",
    "Money received is positive, money paid is negative; rates are per period. Null gives null.", entries,
    ARRAY_LEN(entries)};
