// What the tests of base images share.

#pragma once

#include "image_blocks.h"
#include "image_file.h"
#include "mapped.h"

#include <cstring>

using lsm::image_block;
using lsm::image_map;

constexpr size_t last_block_size = 12345;

// Content of an image: whole blocks by their index, and a last one that is shorter.
inline bytes image_of(size_t n_blocks, const std::vector<size_t> & filled) {
    bytes out(n_blocks * image_block + last_block_size);
    for (const size_t index : filled) {
        const size_t begin = index * image_block;
        const size_t n     = std::min(image_block, out.size() - begin);
        for (size_t i = 0; i < n; ++i) {
            out[begin + i] = (uint8_t) ((i * 31 + i / 251 + index * 7) | 1);
        }
    }
    return out;
}

// Blocks of data at both ends and in the middle, some side by side, holes between.
inline bytes some_image() {
    return image_of(20, { 0, 1, 7, 12, 13, 14, 20 });
}

struct summary {
    bool     ok       = false;
    size_t   size     = 0;
    uint64_t checksum = 0;

    bool operator==(const summary & other) const { return ok == other.ok && size == other.size && checksum == other.checksum; }
    bool operator!=(const summary & other) const { return !(*this == other); }
};

inline summary write_image(const std::string & path, const bytes & content) {
    summary out;
    lsm::report_clear();
    out.size = content.size();
    out.ok   = lsm::image_write(path.c_str(), content.data(), content.size(), out.checksum);
    return out;
}

inline summary read_image(const std::string & path) {
    summary out;
    lsm::report_clear();
    out.ok = lsm::image_checksum(path.c_str(), out.size, out.checksum);
    return out;
}

inline std::unique_ptr<image_map> open_map(const std::string & path, size_t size) {
    lsm::report_clear();
    return image_map::open(path.c_str(), size);
}

inline bool shows(const image_map & map, const bytes & content) {
    return map.size() == content.size() && memcmp(map.data(), content.data(), content.size()) == 0;
}
