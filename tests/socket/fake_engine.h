/* fake_engine.h - see fake_engine.c. */
#pragma once

#include "include/patron.h"

/* The one warehouse there is. */
patron_db *fake_db(void);
