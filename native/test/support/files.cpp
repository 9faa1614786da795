#include "files.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace fs = std::filesystem;

temp_dir::temp_dir() {
    std::string pattern = (fs::temp_directory_path() / "warmfork-test-XXXXXX").string();
    if (!mkdtemp(pattern.data())) {
        throw std::runtime_error("cannot create a temporary folder");
    }
    folder = pattern;
}

temp_dir::~temp_dir() {
    std::error_code ignored; // a leftover temporary folder fails no test
    fs::remove_all(folder, ignored);
}

bytes read_file(const std::string & path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw std::runtime_error("cannot read " + path);
    }
    return bytes(std::istreambuf_iterator<char>(in), {});
}

void write_file(const std::string & path, const bytes & content) {
    fs::remove(path); // truncating instead makes ext4 wait for the disk at every close
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write((const char *) content.data(), (std::streamsize) content.size());
    out.close();
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    if (!out) {
        throw std::runtime_error("cannot write " + path);
    }
}

bool file_exists(const std::string & path) {
    return fs::exists(path);
}

size_t file_size(const std::string & path) {
    return (size_t) fs::file_size(path);
}
