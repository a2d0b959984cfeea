/* anchor.c - the shared library's only source of its own: all else comes from the static rooms. */
#include "patron.h"

/* A symbol to tell from outside which library was loaded. */
PATRON_API extern const char patron_library[];
PATRON_API const char patron_library[] = "libpatron " PATRON_VERSION;
