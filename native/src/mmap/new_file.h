// A file that is written under a new name and is either finished or gone: new_file_<system>.cpp implements it.
// It is only for this user, locked as by a writer until it is finished, and has holes where nothing was written if the
// file system has such. Every function that returns false or null has set the report.

#pragma once

#include <cstddef>
#include <memory>

namespace lsm {

class new_file {
public:
    // A file of `size` bytes, all zero. Fails if there is anything of that name.
    static std::unique_ptr<new_file> create(const char * path, size_t size);

    // Takes the file away unless it was finished.
    ~new_file();

    new_file(const new_file &) = delete;
    new_file & operator=(const new_file &) = delete;

    // A full disk is an error here or in finish(), never a signal.
    bool write_at(size_t offset, const void * data, size_t size);

    // Waits until the file is on the disk. Its name in the folder is for the caller to sync.
    bool finish();

private:
    struct impl;
    explicit new_file(std::unique_ptr<impl> pimpl);

    std::unique_ptr<impl> pimpl;
};

} // namespace lsm
