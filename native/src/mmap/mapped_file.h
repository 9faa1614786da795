// One file as a memory map: the only place where operating systems differ. mapped_file_<system>.cpp implements it.
//
//   mode           mapping                          lock                changes go to
//   read_only      shared, read                     shared              -
//   read_write     shared, read and write           exclusive           the file
//   copy_on_write  private over a reserved range    shared              private memory
//
// A reader that cannot get its shared lock (a writer is alive, who may change and shrink the file) reads a private
// snapshot instead of a map. Every function that returns false or null has set the report.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lsm {

enum class map_mode { read_only, read_write, copy_on_write };

// [begin, end), not empty.
struct file_range {
    size_t begin;
    size_t end;
};

// Memory that only this process sees: zeros, or a map of a file that shares its pages until one is written.
class private_view {
public:
    virtual ~private_view() = default;

    // Reads as zeros from now on.
    virtual bool wipe() = 0;

    uint8_t * data() const { return base; }

    // What is in the file, where that is known.
    const std::vector<file_range> & in_file() const { return ranges; }

protected:
    uint8_t *               base = nullptr;
    std::vector<file_range> ranges;
};

// Zeros that cost memory only where they are written (Windows: commit charge everywhere). `name`: for the report.
std::unique_ptr<private_view> private_zeros(const std::string & name, size_t size);

class mapped_file {
public:
    // Opens, checks (regular, no link, owner, permissions) and locks a file; read_write creates it.
    static std::unique_ptr<mapped_file> open(const char * path, map_mode mode);

    // Releases everything. A read_write file that was not finished keeps its pre-allocated length.
    ~mapped_file();

    mapped_file(const mapped_file &) = delete;
    mapped_file & operator=(const mapped_file &) = delete;

    // Reads without a map; false also if the file ends early.
    bool read_at(size_t offset, void * out, size_t size) const;

    // Maps the file with at least `room` bytes. read_write allocates them on the disk, and undoes it on failure.
    // Bytes between the end of the file and the end of the map read as zero.
    bool map(size_t room);

    // read_write: waits until the bytes of the range are on the disk.
    bool flush(size_t offset, size_t size);

    // read_write: flushes, unmaps, cuts the file to `exact` bytes and unlocks it. `is_flushed`: nothing was written since
    // the last flush of these bytes; a file that has its length already is then left as it is.
    bool finish(size_t exact, bool is_flushed = false);

    // Where the file may have something else than zeros, in order, each range cut at multiples of `unit` (or the end).
    // All of it where the file system cannot tell.
    bool data_ranges(size_t unit, std::vector<file_range> & out) const;

    // A hint: read_at() will be asked for the range, in order.
    void will_read(size_t offset, size_t size) const;

    // A private view of the first `size` bytes of the file.
    std::unique_ptr<private_view> view_private(size_t size) const;

    // A private view of the whole file, in which holes are memory of their own: they take nothing of the page cache,
    // and writing there needs nothing from the file system. For a locked file, which nobody changes.
    std::unique_ptr<private_view> view_sparse() const;

    uint8_t * data() const;

    size_t size() const;      // mapped bytes
    size_t file_size() const; // length of the file when it was opened
    bool   is_snapshot() const;
    bool   is_locked() const;

    // True if data() may be written without changing the file.
    bool is_private() const;

private:
    struct impl;
    explicit mapped_file(std::unique_ptr<impl> pimpl);

    std::unique_ptr<impl> pimpl;
};

bool mapped_file_supported();

// Hints about a mapped range. read_ahead: its pages will be wanted soon. populate: reads and maps them now, in one go
// instead of one fault after the other.
void read_ahead(const uint8_t * data, size_t size);
void populate(const uint8_t * data, size_t size);

// The same for pages that are about to be written.
void populate_for_writing(uint8_t * data, size_t size);

// A hint about private zeros: large pages, of which fewer have to be brought in, are welcome.
void prefer_large_pages(uint8_t * data, size_t size);

} // namespace lsm
