#include "xxh64.h"

#include <cstring>

namespace lsm {

namespace {

constexpr uint64_t prime_1 = 0x9E3779B185EBCA87ULL;
constexpr uint64_t prime_2 = 0xC2B2AE3D27D4EB4FULL;
constexpr uint64_t prime_3 = 0x165667B19E3779F9ULL;
constexpr uint64_t prime_4 = 0x85EBCA77C2B2AE63ULL;
constexpr uint64_t prime_5 = 0x27D4EB2F165667C5ULL;

uint64_t rotate_left(uint64_t value, int n_bits) {
    return (value << n_bits) | (value >> (64 - n_bits));
}

template <typename T>
uint64_t load(const uint8_t * at) {
    T value;
    memcpy(&value, at, sizeof(value));
    return value;
}

uint64_t round_lane(uint64_t lane, uint64_t input) {
    return rotate_left(lane + input * prime_2, 31) * prime_1;
}

uint64_t merge_lane(uint64_t hash, uint64_t lane) {
    return (hash ^ round_lane(0, lane)) * prime_1 + prime_4;
}

// Consumes whole 32-byte stripes; moves `at` behind them.
uint64_t hash_stripes(const uint8_t *& at, const uint8_t * end, uint64_t seed) {
    uint64_t lanes[4] = { seed + prime_1 + prime_2, seed + prime_2, seed, seed - prime_1 };
    for (; end - at >= 32; at += 32) {
        for (int i = 0; i < 4; ++i) {
            lanes[i] = round_lane(lanes[i], load<uint64_t>(at + 8 * i));
        }
    }
    uint64_t hash = rotate_left(lanes[0], 1) + rotate_left(lanes[1], 7)
                  + rotate_left(lanes[2], 12) + rotate_left(lanes[3], 18);
    for (const uint64_t lane : lanes) {
        hash = merge_lane(hash, lane);
    }
    return hash;
}

uint64_t hash_tail(uint64_t hash, const uint8_t * at, const uint8_t * end) {
    for (; end - at >= 8; at += 8) {
        hash = rotate_left(hash ^ round_lane(0, load<uint64_t>(at)), 27) * prime_1 + prime_4;
    }
    if (end - at >= 4) {
        hash = rotate_left(hash ^ (load<uint32_t>(at) * prime_1), 23) * prime_2 + prime_3;
        at += 4;
    }
    for (; at != end; ++at) {
        hash = rotate_left(hash ^ (*at * prime_5), 11) * prime_1;
    }
    return hash;
}

} // namespace

uint64_t xxh64(const uint8_t * data, size_t size, uint64_t seed) {
    const uint8_t * at  = data;
    const uint8_t * end = data + size;

    uint64_t hash = size >= 32 ? hash_stripes(at, end, seed) : seed + prime_5;
    hash = hash_tail(hash + size, at, end);

    hash = (hash ^ (hash >> 33)) * prime_2;
    hash = (hash ^ (hash >> 29)) * prime_3;
    return hash ^ (hash >> 32);
}

} // namespace lsm
