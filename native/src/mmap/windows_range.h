// One address range of which the first part shows a file and the rest is memory.

#pragma once

#include "windows_system.h"

#include <cstddef>

namespace lsm {

// What an address and the length of a part must be multiples of.
size_t range_granularity();

struct range_parts {
    void * view   = nullptr; // ended by UnmapViewOfFile()
    void * memory = nullptr; // ended by VirtualFree(MEM_RELEASE)
};

// Maps the section's first n_view bytes copy-on-write, with n_memory bytes of zeros right behind. False, without a
// report, if the system has no such range.
bool map_with_memory_behind(HANDLE section, size_t n_view, size_t n_memory, range_parts & out);

} // namespace lsm
