#include "image_blocks.h"

#include <cstring>

namespace lsm {

// Every byte is the same as the one before it, and the first is zero.
bool is_zero(const uint8_t * data, size_t size) {
    return size == 0 || (data[0] == 0 && memcmp(data, data + 1, size - 1) == 0);
}

void image_hash::block(uint64_t index, const uint8_t * data, size_t size) {
    uint8_t header[sizeof(index)];
    memcpy(header, &index, sizeof(index));
    hash.update(header, sizeof(header));
    hash.update(data, size);
}

} // namespace lsm
