// What a process holds: descriptors, maps of files, address space. For tests that nothing is left behind. POSIX.

#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

// Open descriptors, by what they are open on. Empty where there is no /proc.
inline std::vector<std::string> open_descriptors() {
    std::vector<std::string> out;
    std::error_code error;
    for (const auto & entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
        const std::string target = std::filesystem::read_symlink(entry.path(), error).string();
        if (target.find("/fd") == std::string::npos) { // not that of the listing itself
            out.push_back(target);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

inline std::vector<std::string> read_lines(const std::string & path) {
    std::vector<std::string> out;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        out.push_back(line);
    }
    return out;
}

// Lines of /proc/self/maps that name a file in the folder.
inline std::vector<std::string> maps_of(const std::string & folder) {
    std::vector<std::string> out;
    for (const std::string & line : read_lines("/proc/self/maps")) {
        if (line.find(folder) != std::string::npos) {
            out.push_back(line);
        }
    }
    return out;
}

// Address space of the process in bytes, 0 where there is no /proc.
inline size_t address_space() {
    std::ifstream statm("/proc/self/statm");
    size_t n_pages = 0;
    statm >> n_pages;
    return n_pages * (size_t) sysconf(_SC_PAGESIZE);
}
