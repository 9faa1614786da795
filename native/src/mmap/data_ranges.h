// Where a file has data, for posix_file and windows_file.

#pragma once

#include "mapped_file.h"

#include <algorithm>
#include <string>
#include <vector>

namespace lsm {

// See mapped_file::data_ranges(). A file system's blocks may be smaller than the unit: what is found is made longer, and
// the next range looked for behind it.
template <typename F>
bool find_data_ranges(const F & file, const std::string & path, size_t file_size, size_t unit, std::vector<file_range> & out) {
    out.clear();
    for (size_t done = 0; done < file_size;) {
        file_range found = {};
        if (!file.next_data(path, done, file_size, found)) {
            return false;
        }
        if (found.begin == found.end) {
            break;
        }
        found.begin = found.begin / unit * unit;
        found.end   = std::min(file_size, (found.end + unit - 1) / unit * unit);
        if (!out.empty() && out.back().end == found.begin) {
            out.back().end = found.end;
        } else {
            out.push_back(found);
        }
        done = found.end;
    }
    return true;
}

} // namespace lsm
