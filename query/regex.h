/* regex.h - regular expressions of MATCHES: the common part of Java's and Perl's. */
#pragma once

#include "base/str.h"

/* Does the whole text fit the pattern? Understands . [] [^] () (?:) | * + ? {n,m} and their lazy forms, ^ $,
 * \d \w \s \b and their negations, \Q..\E is not known; (?i) at the start ignores case. A bad pattern or one
 * that takes too long to match is an EVAL_ERROR. */
pt_status regex_match(pt_str text, pt_str pattern, bool *hit, pt_err *err);
