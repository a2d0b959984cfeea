/* foreign.h - functions of other servers and languages. */
#pragma once

#include "base/str.h"

/* What to write instead of a function or property that is not of this language; NULL: nothing is known. */
const char *foreign_advice(pt_str name);
