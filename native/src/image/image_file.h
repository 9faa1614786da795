// Base images on disk: the raw bytes of one context's K/V buffer, as long as the buffer, with holes where it is zero.
// Operating systems differ below this: mapped_file.h and new_file.h.
// Every function that returns false or null has set the report. Any thread; one object belongs to one thread at a time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace lsm {

class mapped_file;
class private_view;

// Memory for a K/V buffer, private to this process: zeros, or a copy-on-write mapping of an image.
class image_map {
public:
    // Private zeros. Takes address space only until pages are written (Windows: commit charge, too).
    static std::unique_ptr<image_map> zeros(size_t size);

    // A private, copy-on-write mapping of the whole image: its pages are those of the page cache until they are
    // written, and nothing written ever reaches the file. Checks before mapping: regular file, no link, own user,
    // nobody else has access, exactly `size` bytes, nobody is writing it. Holds a shared lock on the file as long as
    // it lives: no writer of ours can take the file meanwhile. Windows charges commit for all of it.
    static std::unique_ptr<image_map> open(const char * path, size_t size);

    ~image_map();

    image_map(const image_map &) = delete;
    image_map & operator=(const image_map &) = delete;

    uint8_t * data() const; // aligned to the page size
    size_t    size() const { return length; }

    // Reads as zeros from now on, whatever it was before. Costs nothing per byte, except on Windows, where what is not
    // zero is overwritten.
    bool wipe();

private:
    image_map(std::unique_ptr<mapped_file> file, std::unique_ptr<private_view> view, size_t size);

    std::unique_ptr<mapped_file>  file; // for its lock; null for zeros
    std::unique_ptr<private_view> view; // ends before the lock does
    size_t length;
};

// Writes `size` bytes under a new name (fails if there is something), 0600, durable when it returns true. Blocks of
// zeros are not written: they become holes where the file system has such. A full disk is an error, never a signal.
// On failure nothing is left behind. Gives the checksum of image_checksum().
bool image_write(const char * path, const uint8_t * data, size_t size, uint64_t & checksum);

// Reads a whole image, which brings it into the page cache, and gives its length and checksum: XXH64 over the blocks of
// 64 KiB that are not all zeros (each preceded by its index as u64), with the length as seed. Holes are not read where
// the file system can tell where they are. Checks the file as image_map::open() does.
bool image_checksum(const char * path, size_t & size, uint64_t & checksum);

} // namespace lsm
