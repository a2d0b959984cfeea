/* foreign.c - functions of other servers and languages: what says the same here. */
#include "query/foreign.h"

typedef struct foreign {
    const char *name;
    const char *advice;
} foreign;

#define NO_OTHER_CUBE "a query asks one cube; a virtual cube shows measures of several"
#define INDICATOR     "an indicator is a calculated member"

static const foreign table[] = {
    {"Average", "write Avg(set, value)"},
    {"Concat", "texts are joined with ||"},
    {"Concatenate", "texts are joined with ||"},
    {"DistinctCount", "write Count(Distinct(set), EXCLUDEEMPTY); for members with facts a measure is faster: "
                      "DISTINCT COUNT([dimension])"},
    {"Divide", "write Iif(b = 0, c, a / b)"},
    {"Error", "write a text as the value instead"},
    {"IfNull", "write CoalesceEmpty(value, other)"},
    {"IsAncestor", "write member IN Descendants(ancestor)"},
    {"IsGeneration", "write member.Level.Ordinal = n, 0 being the topmost level"},
    {"IsLeaf", "write member.Children.Count = 0"},
    {"IsNull", "write CoalesceEmpty(value, other), or member IS NULL"},
    {"IsSibling", "write a.Parent IS b.Parent"},
    {"KPIGoal", INDICATOR},
    {"KPIStatus", INDICATOR},
    {"KPITrend", INDICATOR},
    {"KPIValue", INDICATOR},
    {"Leaves", "write Descendants(member, , LEAVES)"},
    {"Length", "write Len(text)"},
    {"LookupCube", NO_OTHER_CUBE},
    {"Lower", "write LCase(text)"},
    {"Maximum", "write Max(set, value)"},
    {"Minimum", "write Min(set, value)"},
    {"Member_Caption", "write .Caption"},
    {"Member_Key", "write .Properties(\"MEMBER_KEY\")"},
    {"Member_Name", "write .Name"},
    {"Member_Unique_Name", "write .UniqueName"},
    {"Member_Value", "write .Properties(\"MEMBER_KEY\")"},
    {"MemberToStr", "write member.UniqueName"},
    {"MemberValue", "write .Properties(\"MEMBER_KEY\")"},
    {"NameToSet", "write StrToSet(text)"},
    {"NVL", "write CoalesceEmpty(value, other)"},
    {"RollupChildren", "write Sum(member.Children, value)"},
    {"Root", "write a tuple of the members above all, as [Region].DefaultMember"},
    {"RowNumber", "write Rank(member, set)"},
    {"Substring", "write Mid(text, start, length)"},
    {"SumProduct", "write Sum(set, a * b)"},
    {"Unique_Name", "write .UniqueName"},
    {"UnknownMember", "facts without a member are rejected, or make one, when they are loaded: ON UNKNOWN"},
    {"Upper", "write UCase(text)"},
    {"UserName", "bind it to a parameter from outside: @user"},
};

const char *foreign_advice(pt_str name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (str_eq_fold(name, str_of(table[i].name))) return table[i].advice;
    return NULL;
}
