#include "xxh64.h"

#include <algorithm>
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

xxh64_stream::xxh64_stream(uint64_t seed)
    : seed(seed), lanes{ seed + prime_1 + prime_2, seed + prime_2, seed, seed - prime_1 } {}

void xxh64_stream::take_stripes(const uint8_t * data, size_t n_stripes) {
    uint64_t l[4] = { lanes[0], lanes[1], lanes[2], lanes[3] }; // kept in registers
    for (; n_stripes > 0; --n_stripes, data += stripe) {
        for (int i = 0; i < 4; ++i) {
            l[i] = round_lane(l[i], load<uint64_t>(data + 8 * i));
        }
    }
    std::copy_n(l, 4, lanes);
}

void xxh64_stream::update(const uint8_t * data, size_t size) {
    const size_t n_rest = n_bytes % stripe;
    n_bytes += size;
    if (n_rest > 0) {
        const size_t n = std::min(size, stripe - n_rest);
        std::copy_n(data, n, rest + n_rest);
        if (n_rest + n < stripe) {
            return;
        }
        take_stripes(rest, 1);
        data += n;
        size -= n;
    }
    take_stripes(data, size / stripe);
    std::copy_n(data + size / stripe * stripe, size % stripe, rest);
}

uint64_t xxh64_stream::digest() const {
    uint64_t hash = seed + prime_5;
    if (n_bytes >= stripe) {
        hash = rotate_left(lanes[0], 1) + rotate_left(lanes[1], 7) + rotate_left(lanes[2], 12) + rotate_left(lanes[3], 18);
        for (const uint64_t lane : lanes) {
            hash = merge_lane(hash, lane);
        }
    }
    hash = hash_tail(hash + n_bytes, rest, rest + n_bytes % stripe);
    hash = (hash ^ (hash >> 33)) * prime_2;
    hash = (hash ^ (hash >> 29)) * prime_3;
    return hash ^ (hash >> 32);
}

uint64_t xxh64(const uint8_t * data, size_t size, uint64_t seed) {
    xxh64_stream stream(seed);
    stream.update(data, size);
    return stream.digest();
}

} // namespace lsm
