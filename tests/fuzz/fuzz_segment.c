/* fuzz_segment.c - any bytes as a segment file: refused, or read without a step out of bounds.
 *
 * Checksums are made to fit first: with them in the way no damage would get past opening. */
#include "tests/unit/segment_util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    seg *s;
    uint8_t *image = mem_alloc(size, 1);
    if (!image) return 0;
    if (size) memcpy(image, data, size);
    repair_segment(image, size);
    if (seg_of_image(image, size, &s, NULL) != PT_OK) return 0;
    exercise_segment(s);
    seg_put(s);
    return 0;
}
