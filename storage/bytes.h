/* bytes.h - fixed-width little-endian numbers in stored records, read and written without alignment. */
#pragma once

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Packed columns and bitmaps are used in place, as the words of this machine. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "stored data is little-endian and used in place");

static inline uint16_t load_u16(const void *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline uint32_t load_u32(const void *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline uint64_t load_u64(const void *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline void store_u16(void *p, uint16_t v)
{
    memcpy(p, &v, sizeof v);
}
static inline void store_u32(void *p, uint32_t v)
{
    memcpy(p, &v, sizeof v);
}
static inline void store_u64(void *p, uint64_t v)
{
    memcpy(p, &v, sizeof v);
}

/* Big-endian, for keys that sort by number. */
static inline uint32_t load_be32(const void *p)
{
    return be32toh(load_u32(p));
}
static inline uint64_t load_be64(const void *p)
{
    return be64toh(load_u64(p));
}
static inline void store_be32(void *p, uint32_t v)
{
    store_u32(p, htobe32(v));
}
static inline void store_be64(void *p, uint64_t v)
{
    store_u64(p, htobe64(v));
}
