// XXH64, the 64-bit variant of the public xxHash algorithm.

#pragma once

#include <cstddef>
#include <cstdint>

namespace lsm {

uint64_t xxh64(const uint8_t * data, size_t size, uint64_t seed);

} // namespace lsm
