// Temporary folders, whole-file reads and writes, and what a test asks the system about files.
// Paths are UTF-8 and may be of any length. files_<system>.cpp implements it.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

using bytes = std::vector<uint8_t>;

// A folder that is removed with everything in it.
class temp_dir {
public:
    temp_dir();
    ~temp_dir();

    temp_dir(const temp_dir &) = delete;
    temp_dir & operator=(const temp_dir &) = delete;

    std::string path(const std::string & name) const { return folder + "/" + name; }

private:
    std::string folder;
};

bytes read_file(const std::string & path);
void  write_file(const std::string & path, const bytes & content); // only for this user
bool  file_exists(const std::string & path);
size_t file_size(const std::string & path);

void make_folder(const std::string & path);

// 0 or an errno. The old file may be open.
int replace_file(const std::string & from, const std::string & to);

// False if the system refuses to truncate the file.
bool cut_file(const std::string & path, size_t size);

// Windows refuses that while somebody has the file mapped.
#if defined(_WIN32)
constexpr bool can_cut_mapped_files = false;
#else
constexpr bool can_cut_mapped_files = true;
#endif

// What the file takes on the disk.
size_t bytes_on_disk(const std::string & path);

size_t page_size();

// Files, locks and other handles of this process.
int n_open_handles();
