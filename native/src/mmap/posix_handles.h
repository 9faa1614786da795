// RAII over a POSIX file descriptor and a POSIX mapping. Used by mapped_file_posix.cpp and new_file_posix.cpp only.

#pragma once

#include "mapped_file.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <sys/mman.h>

namespace lsm {

class posix_file {
public:
    posix_file() = default;
    ~posix_file();

    posix_file(const posix_file &) = delete;
    posix_file & operator=(const posix_file &) = delete;

    // Opens a regular file of this user that nobody else may read. `created` tells whether it is new.
    bool open(const std::string & path, bool writable, bool & created);

    // Makes a new file for this user only. `created` is true as soon as there is one, whatever happens then.
    bool create(const std::string & path, bool & created);

    // 0, EWOULDBLOCK if somebody else holds the lock, or another errno.
    int lock(bool exclusive);

    // False if the path names another file, or none, by now.
    bool is_still_at(const std::string & path) const;

    bool length(const std::string & path, size_t & out) const;
    bool read_at(const std::string & path, size_t offset, void * out, size_t size) const;

    // Gives the file `size` bytes that exist on the disk.
    bool allocate(const std::string & path, size_t size);

    // Gives the file `size` bytes, without blocks for the new ones.
    bool extend(const std::string & path, size_t size);
    bool write_at(const std::string & path, size_t offset, const void * data, size_t size);

    // The first range at or behind the offset that may have something else than zeros; empty if there is none.
    bool next_data(const std::string & path, size_t offset, size_t file_size, file_range & out) const;

    // As in mapped_file.h.
    void will_read(size_t offset, size_t size) const;

    // 0 or an errno.
    int truncate(size_t size);

    // Waits until data and length are on the disk.
    bool flush(const std::string & path);

    int fd() const { return descriptor; }

private:
    void close();
    bool create_or_nothing(const std::string & path, bool & created);
    bool check(const std::string & path) const;
    bool check_size_limit(const std::string & path, size_t size) const;

    int descriptor = -1;
};

class posix_mapping {
public:
    posix_mapping() = default;
    ~posix_mapping() { unmap(); }

    posix_mapping(posix_mapping && other) noexcept { swap(other); }
    posix_mapping & operator=(posix_mapping && other) noexcept { swap(other); return *this; }

    // An empty file is a mapping of nothing.
    bool map_file(int fd, const std::string & path, size_t size, int protection, int flags);

    // A private range of zeros that costs memory only where it is written.
    bool reserve(const std::string & path, size_t size);

    // Puts a private map of a part of the file over the same part of a reserved range; it starts at a page.
    bool place_file(int fd, const std::string & path, const file_range & part);

    // A reserved range: memory is taken page by page, whatever the system would do, and smaps shows it under the name.
    void take_single_pages(const char * name);

    // A private map: zeros instead of what it has.
    bool wipe(const std::string & path);

    bool flush(const std::string & path, size_t offset, size_t size);
    void unmap();

    uint8_t * data() const { return base; }
    size_t    size() const { return length; }

private:
    void swap(posix_mapping & other) {
        std::swap(base, other.base);
        std::swap(length, other.length);
        std::swap(n_counted, other.n_counted);
    }

    void counted(size_t n_bytes);

    uint8_t * base      = nullptr;
    size_t    length    = 0;
    size_t    n_counted = 0; // bytes of it in counters::bytes_mapped
};

} // namespace lsm
