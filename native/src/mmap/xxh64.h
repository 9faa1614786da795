// XXH64, the 64-bit variant of the public xxHash algorithm.

#pragma once

#include <cstddef>
#include <cstdint>

namespace lsm {

// The hash of bytes that come in pieces: however they are cut, it is that of all of them in one.
class xxh64_stream {
public:
    explicit xxh64_stream(uint64_t seed);

    void update(const uint8_t * data, size_t size);

    // Of what came so far; more may follow.
    uint64_t digest() const;

private:
    static constexpr size_t stripe = 32;

    void take_stripes(const uint8_t * data, size_t n_stripes);

    uint64_t seed;
    uint64_t lanes[4];
    uint64_t n_bytes = 0;
    uint8_t  rest[stripe]; // the first n_bytes % stripe: not yet in the lanes
};

uint64_t xxh64(const uint8_t * data, size_t size, uint64_t seed);

} // namespace lsm
