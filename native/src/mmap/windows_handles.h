// RAII over a Windows file and a Windows mapping. Used by mapped_file_windows.cpp only.

#pragma once

#include "mapped_file.h"
#include "windows_error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace lsm {

enum class lock_result { taken, busy, failed };

class windows_file {
public:
    windows_file() = default;
    ~windows_file() { close(); }

    windows_file(const windows_file &) = delete;
    windows_file & operator=(const windows_file &) = delete;

    // Opens a regular file of this user that nobody else may read. `created` tells whether it is new.
    bool open(const std::string & path, bool writable, bool & created);

    // Makes a new file for this user only. `created` is true as soon as there is one, whatever happens then.
    bool create(const std::string & path, bool & created);

    // The lock lies far behind any content: on Windows a locked range could not be read by others.
    // `failure` is set unless the lock was taken.
    lock_result lock(bool exclusive, os_failure & failure);

    // False if the path names another file, or none, by now.
    bool is_still_at() const;

    bool length(const std::string & path, size_t & out) const;
    bool read_at(const std::string & path, size_t offset, void * out, size_t size) const;

    // Gives the file `size` bytes that exist on the disk.
    bool allocate(const std::string & path, size_t size);

    // Gives the file `size` bytes, without blocks for the new ones where the file system has sparse files.
    bool extend(const std::string & path, size_t size);
    bool write_at(const std::string & path, size_t offset, const void * data, size_t size);

    // The first range at or behind the offset that may have something else than zeros; empty if there is none.
    bool next_data(const std::string & path, size_t offset, size_t file_size, file_range & out) const;

    // Refused by the system while anybody has the file mapped.
    os_failure truncate(size_t size);

    // Waits until data and length are on the disk.
    bool flush(const std::string & path);

    // Deletes the file under its path; the name is free at the latest when this handle is closed.
    void remove();

    void * get() const { return handle; }

private:
    void close();
    bool create_or_nothing(const std::string & path);
    bool open_existing(const std::string & path, bool writable);
    bool check(const std::string & path) const;

    std::wstring wide;
    void * handle    = nullptr;
    bool   is_locked = false;
};

class windows_mapping {
public:
    enum class access { read, write };

    windows_mapping() = default;
    ~windows_mapping() { unmap(); }

    windows_mapping(windows_mapping && other) noexcept { swap(other); }
    windows_mapping & operator=(windows_mapping && other) noexcept { swap(other); return *this; }

    // A shared map. An empty file is a mapping of nothing.
    bool map_file(void * file, const std::string & path, size_t size, access wanted);

    // A private map of exactly the file's bytes.
    bool map_private(void * file, const std::string & path, size_t size);

    // A private map of the file with zeros behind it. Only the first n_shown() bytes of the file are mapped; the
    // others (less than one allocation unit, or all where the system cannot do better) are for the caller to read.
    bool map_private_with_room(void * file, const std::string & path, size_t file_size, size_t room);

    // Private zeros: charged to the process at once, in memory only where they are written.
    bool allocate(const std::string & path, size_t size);

    // A private map or memory: zeros instead of what it has.
    bool wipe();

    bool flush(const std::string & path, size_t offset, size_t size);
    void unmap();

    uint8_t * data() const { return base; }
    size_t    size() const { return length; }
    size_t    n_shown() const { return n_counted; }

private:
    void swap(windows_mapping & other) {
        std::swap(base, other.base);
        std::swap(length, other.length);
        std::swap(view, other.view);
        std::swap(region, other.region);
        std::swap(n_counted, other.n_counted);
    }

    bool map_view(void * file, const std::string & path, size_t size, unsigned long protection, unsigned long view_access);
    bool commit(const std::string & path, size_t size);
    void counted(size_t n_bytes);

    uint8_t * base      = nullptr;
    size_t    length    = 0;
    void *    view      = nullptr; // the part that shows the file
    void *    region    = nullptr; // the part that is private memory
    size_t    n_counted = 0;       // bytes that show the file: those in counters::bytes_mapped
};

} // namespace lsm
