/* rng.h - random numbers that are the same everywhere: splitmix64 to make seeds and traits, xoshiro256** for
 * streams. Algorithms by Blackman and Vigna (public domain), <https://prng.di.unimi.it>.
 *
 * No thread ever shares a stream: each is seeded from (seed, purpose, number), so what is generated does not
 * depend on who generates it or when. */
#pragma once

#include <stdint.h>

typedef struct rng {
    uint64_t s[4];
} rng;

/* A well-mixed value of x; the step of splitmix64. */
static inline uint64_t rng_mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* A fixed random value for thing number `i` of kind `purpose`: the traits of things that are never stored. */
static inline uint64_t rng_trait(uint64_t seed, uint32_t purpose, uint64_t i)
{
    return rng_mix(rng_mix(seed ^ (uint64_t)purpose << 48) ^ i);
}

static inline rng rng_stream(uint64_t seed, uint32_t purpose, uint64_t i)
{
    rng r;
    uint64_t x = rng_trait(seed, purpose, i);
    for (int k = 0; k < 4; k++) {
        r.s[k] = rng_mix(x);
        x += 0x9E3779B97F4A7C15u;
    }
    return r;
}

static inline uint64_t rng_rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

static inline uint64_t rng_next(rng *r)
{
    uint64_t result = rng_rotl(r->s[1] * 5, 7) * 9, t = r->s[1] << 17;
    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = rng_rotl(r->s[3], 45);
    return result;
}

/* 0 <= x < n from the high bits of a random value; n > 0. Bias below n / 2^64. */
static inline uint64_t rng_scale(uint64_t random, uint64_t n)
{
    return (uint64_t)((unsigned __int128)random * n >> 64);
}
static inline uint64_t rng_below(rng *r, uint64_t n)
{
    return rng_scale(rng_next(r), n);
}

/* 0 <= u < 1 with 53 bits. */
static inline double rng_unit(uint64_t random)
{
    return (double)(random >> 11) * 0x1p-53;
}
