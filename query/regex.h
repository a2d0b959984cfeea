/* regex.h - regular expressions of MATCHES: the common part of Java's and Perl's. */
#pragma once

#include "base/str.h"

/* Does the whole text fit the pattern? Understands . [] [^] () (?:) | * + ? {n,m} and their lazy forms, ^ $,
 * \d \w \s \b and their negations; possessive forms of single characters; (?i) at the start ignores case.
 * What it does not know (\1, \p{..}, \Q..\E, (?=..)) is a bad pattern; that, or one that takes too long, is
 * an EVAL_ERROR.
 */
pt_status regex_match(pt_str text, pt_str pattern, bool *hit, pt_err *err);
