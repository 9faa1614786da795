// Temporary folders and whole-file reads and writes for tests.

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

    std::string path(const char * name) const { return folder + "/" + name; }

private:
    std::string folder;
};

bytes read_file(const std::string & path);
void  write_file(const std::string & path, const bytes & content); // mode 0600
bool  file_exists(const std::string & path);
size_t file_size(const std::string & path);
