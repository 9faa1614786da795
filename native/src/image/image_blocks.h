// An image is looked at in blocks; those of zeros count as absent, whether they are in the file or not.

#pragma once

#include "xxh64.h"

#include <cstddef>
#include <cstdint>

namespace lsm {

// A multiple of every page and allocation size in use, and small against the K/V of one layer.
constexpr size_t image_block = 1 << 16;

bool is_zero(const uint8_t * data, size_t size);

// The checksum of an image, of which the blocks with anything in them are given in order.
class image_hash {
public:
    explicit image_hash(size_t image_size) : hash(image_size) {}

    void block(uint64_t index, const uint8_t * data, size_t size);

    uint64_t digest() const { return hash.digest(); }

private:
    xxh64_stream hash;
};

} // namespace lsm
