/* segment_util.h - for tests of damaged segments. */
#pragma once

#include "storage/seg_int.h"

/* Make all checksums of a damaged segment fit again, as far as its records can be followed: so damage gets
 * past them, to the code behind. */
void repair_segment(uint8_t *image, size_t size);
/* Read everything that can be read. Aborts if an id lies outside of its zone. */
void exercise_segment(const seg *s);
