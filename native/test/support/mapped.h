// What the tests of mapped files share.

#pragma once

#include "files.h"
#include "llama_state_mmap.h"
#include "mapped_file.h"
#include "report.h"

#include <algorithm>

using lsm::map_mode;
using lsm::mapped_file;

inline bytes pattern(size_t n) {
    bytes out(n);
    for (size_t i = 0; i < n; ++i) {
        out[i] = (uint8_t) (i * 31 + 7);
    }
    return out;
}

inline std::unique_ptr<mapped_file> open_mapped(const std::string & path, map_mode mode, size_t room) {
    auto file = mapped_file::open(path.c_str(), mode);
    return file && file->map(room) ? std::move(file) : nullptr;
}

inline llama_state_mmap_error error_of(const std::string & path, map_mode mode, size_t room = 100) {
    lsm::report_clear();
    return open_mapped(path, mode, room) ? LLAMA_STATE_MMAP_OK : lsm::report_code();
}

inline bool starts_with(const uint8_t * data, const bytes & want) {
    return std::equal(want.begin(), want.end(), data);
}

inline bool is_zero(const uint8_t * from, const uint8_t * to) {
    return std::all_of(from, to, [](uint8_t b) { return b == 0; });
}
