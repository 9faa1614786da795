// Mapped files on POSIX systems: permissions, owner, what is not a regular file, the size limit of a process.

#include "harness.h"
#include "support/mapped.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

TEST("a new file has mode 0600") {
    const temp_dir dir;
    const auto file = open_mapped(dir.path("f"), map_mode::read_write, 100);
    REQUIRE(file != nullptr);
    struct stat st = {};
    stat(dir.path("f").c_str(), &st);
    CHECK_EQUAL(st.st_mode & 07777, 0600);
}

TEST("refused paths, each with its own error: missing, folder, link, pipe, socket, permissions, owner") {
    const temp_dir dir;
    write_file(dir.path("f"), pattern(10));
    REQUIRE(symlink(dir.path("f").c_str(), dir.path("link").c_str()) == 0);
    REQUIRE(symlink("nowhere", dir.path("dangling").c_str()) == 0);
    REQUIRE(mkfifo(dir.path("pipe").c_str(), 0600) == 0);
    REQUIRE(mkdir(dir.path("folder").c_str(), 0700) == 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", dir.path("socket").c_str());
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(bind(listener, (sockaddr *) &address, sizeof(address)) == 0);

    for (const map_mode mode : { map_mode::read_only, map_mode::copy_on_write, map_mode::read_write }) {
        const bool creates = mode == map_mode::read_write;
        CHECK_EQUAL(error_of(dir.path("missing/f"), mode), LLAMA_STATE_MMAP_NOT_FOUND);
        if (!creates) {
            CHECK_EQUAL(error_of(dir.path("missing"), mode), LLAMA_STATE_MMAP_NOT_FOUND);
        }
        for (const char * name : { "link", "dangling", "pipe", "folder", "socket" }) {
            CHECK_BECAUSE(error_of(dir.path(name), mode) == LLAMA_STATE_MMAP_NOT_REGULAR, std::string(name) + ": " + lsm::report_message());
        }
        for (const mode_t permissions : { 0640, 0604, 0620, 0666, 0601 }) {
            chmod(dir.path("f").c_str(), permissions);
            CHECK_EQUAL(error_of(dir.path("f"), mode), LLAMA_STATE_MMAP_WRONG_MODE);
        }
        chmod(dir.path("f").c_str(), 0600);
        CHECK_EQUAL(error_of(dir.path("f"), mode), LLAMA_STATE_MMAP_OK);
        if (geteuid() == 0) { // only root can give a file away
            REQUIRE(chown(dir.path("f").c_str(), 12345, 0) == 0);
            CHECK_EQUAL(error_of(dir.path("f"), mode), LLAMA_STATE_MMAP_WRONG_OWNER);
            REQUIRE(chown(dir.path("f").c_str(), 0, 0) == 0);
        }
        write_file(dir.path("f"), pattern(10));
    }
    close(listener);
    CHECK(!file_exists(dir.path("nowhere")));
}

TEST("no room on the disk is no_space from open, and leaves nothing behind") {
    const temp_dir dir;
    rlimit before = {};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small = { 1 << 20, before.rlim_max };
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK_EQUAL(error_of(dir.path("new"), map_mode::read_write, 2 << 20), LLAMA_STATE_MMAP_NO_SPACE);
    write_file(dir.path("old"), pattern(1000));
    CHECK_EQUAL(error_of(dir.path("old"), map_mode::read_write, 2 << 20), LLAMA_STATE_MMAP_NO_SPACE);
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK(!file_exists(dir.path("new")));
    CHECK(read_file(dir.path("old")) == pattern(1000));
}

int main() {
    return harness::run_tests();
}
