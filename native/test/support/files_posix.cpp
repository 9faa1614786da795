#include "files.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

void make_folder(const std::string & path) {
    fs::create_directory(path);
}

int replace_file(const std::string & from, const std::string & to) {
    return rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

bool cut_file(const std::string & path, size_t size) {
    return truncate(path.c_str(), (off_t) size) == 0;
}

size_t bytes_on_disk(const std::string & path) {
    struct stat st = {};
    stat(path.c_str(), &st);
    return (size_t) st.st_blocks * 512; // whatever the file system's blocks are
}

size_t page_size() {
    return (size_t) sysconf(_SC_PAGESIZE);
}

int n_open_handles() {
    int n = 0;
    for (int fd = 0; fd < 1024; ++fd) {
        n += fcntl(fd, F_GETFD) != -1;
    }
    return n;
}
