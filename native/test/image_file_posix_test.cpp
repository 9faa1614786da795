// Base images on POSIX systems: permissions and links, full disks, holes, and what a map costs.

#include "harness.h"
#include "support/fault_plan.h"
#include "support/images.h"
#include "support/resources.h"
#include "support/small_disk.h"

#include <sys/mman.h>
#include <sys/stat.h>

namespace {

llama_state_mmap_error map_error(const std::string & path, size_t size) {
    return open_map(path, size) ? LLAMA_STATE_MMAP_OK : lsm::report_code();
}

#if defined(__linux__)

// A value of /proc/self/smaps in bytes, summed over what the map consists of.
size_t map_value(const image_map & map, const char * name) {
    const auto begin = (unsigned long) (uintptr_t) map.data();
    const unsigned long end = begin + map.size();
    bool is_ours = false;
    size_t n_kib = 0;
    for (const std::string & line : read_lines("/proc/self/smaps")) {
        unsigned long from = 0, to = 0;
        if (sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) {
            is_ours = from >= begin && from < end;
        } else if (is_ours && line.rfind(std::string(name) + ":", 0) == 0) {
            n_kib += (size_t) atol(line.c_str() + strlen(name) + 1);
        }
    }
    return n_kib * 1024;
}

#endif

// Pages of the block that are in the page cache; by a map of its own, which reads nothing.
size_t n_cached_pages(const std::string & path, size_t index) {
    const int fd = open(path.c_str(), O_RDONLY);
    void * at = mmap(nullptr, image_block, PROT_READ, MAP_SHARED, fd, (off_t) (index * image_block));
    close(fd);
    REQUIRE(at != MAP_FAILED);
#if defined(__APPLE__)
    std::vector<char> pages(image_block / page_size());
#else
    std::vector<unsigned char> pages(image_block / page_size());
#endif
    CHECK(mincore(at, image_block, pages.data()) == 0);
    munmap(at, image_block);
    return (size_t) std::count_if(pages.begin(), pages.end(), [](int page) { return (page & 1) != 0; });
}

} // namespace

TEST("a new image has mode 0600, whatever the umask allows") {
    const temp_dir dir;
    const mode_t before = umask(0);
    REQUIRE(write_image(dir.path("f"), some_image()).ok);
    umask(before);
    struct stat st = {};
    stat(dir.path("f").c_str(), &st);
    CHECK_EQUAL(st.st_mode & 07777, 0600);
}

TEST("links, pipes, other people's files and files that others may use are refused") {
    const temp_dir dir;
    const bytes content = some_image();
    const std::string path = dir.path("f");
    REQUIRE(write_image(path, content).ok);
    REQUIRE(symlink(path.c_str(), dir.path("link").c_str()) == 0);
    REQUIRE(mkfifo(dir.path("pipe").c_str(), 0600) == 0);
    for (const char * name : { "link", "pipe" }) {
        CHECK_EQUAL(map_error(dir.path(name), content.size()), LLAMA_STATE_MMAP_NOT_REGULAR);
        CHECK(!read_image(dir.path(name)).ok && lsm::report_code() == LLAMA_STATE_MMAP_NOT_REGULAR);
        CHECK(!write_image(dir.path(name), content).ok);
    }
    for (const mode_t permissions : { 0640, 0604, 0620, 0666, 0601 }) {
        chmod(path.c_str(), permissions);
        CHECK_EQUAL(map_error(path, content.size()), LLAMA_STATE_MMAP_WRONG_MODE);
        CHECK(!read_image(path).ok && lsm::report_code() == LLAMA_STATE_MMAP_WRONG_MODE);
    }
    chmod(path.c_str(), 0600);
    CHECK_EQUAL(map_error(path, content.size()), LLAMA_STATE_MMAP_OK);
    if (geteuid() == 0) { // only root can give a file away
        REQUIRE(chown(path.c_str(), 12345, 0) == 0);
        CHECK_EQUAL(map_error(path, content.size()), LLAMA_STATE_MMAP_WRONG_OWNER);
    }
}

TEST("a link to nowhere is not written through") {
    const temp_dir dir;
    REQUIRE(symlink(dir.path("target").c_str(), dir.path("link").c_str()) == 0);
    CHECK(!write_image(dir.path("link"), some_image()).ok);
    CHECK(!file_exists(dir.path("target")));
}

TEST("a full disk is an error, and nothing is left on it") {
    small_disk disk;
    if (!disk.is_mounted) {
        const temp_dir dir;
        const size_limit limit(8 * image_block);
        CHECK(!write_image(dir.path("f"), some_image()).ok);
        CHECK_EQUAL(lsm::report_code(), LLAMA_STATE_MMAP_NO_SPACE);
        CHECK(!file_exists(dir.path("f")));
        return;
    }
    const bytes sparse = image_of(20, { 3, 19 });
    CHECK_BECAUSE(write_image(disk.path("sparse"), sparse).ok, lsm::report_message()); // longer than the disk, but sparse
    CHECK(!write_image(disk.path("f"), image_of(20, { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 })).ok);
    CHECK_EQUAL(lsm::report_code(), LLAMA_STATE_MMAP_NO_SPACE);
    CHECK(!file_exists(disk.path("f")));
    CHECK_BECAUSE(write_image(disk.path("f"), image_of(20, { 0, 1 })).ok, lsm::report_message());
    const auto map = open_map(disk.path("sparse"), sparse.size());
    REQUIRE(map != nullptr);
    memset(map->data(), 1, map->size()); // private memory: a full disk does not matter
    CHECK(read_file(disk.path("sparse")) == sparse);
}

TEST("a limit of file sizes is an error, not a signal") {
    const temp_dir dir;
    const size_limit limit(8 * image_block);
    CHECK(!write_image(dir.path("f"), some_image()).ok);
    CHECK_EQUAL(lsm::report_code(), LLAMA_STATE_MMAP_NO_SPACE);
    CHECK(!file_exists(dir.path("f")));
}

TEST("calls that a signal interrupts are made again") {
    const temp_dir dir;
    const summary right = write_image(dir.path("right"), some_image());
    for (int n = 1; n <= 12; ++n) {
        const nth_fault_scope fault(n, nth_fault_scope::how::once, [](const std::string & step) { return step == "seek" ? 0 : EINTR; });
        CHECK(write_image(dir.path(std::to_string(n)), some_image()) == right);
    }
}

TEST("a file system that cannot tell its holes: all is read, the checksum is the same") {
    const temp_dir dir;
    const summary written = write_image(dir.path("f"), some_image());
    const fault_scope fault("seek", 0, EINVAL);
    CHECK(read_image(dir.path("f")) == written);
    CHECK(fault.is_hit());
}

TEST("holes are not read") {
    const temp_dir dir;
    const summary written = write_image(dir.path("f"), some_image());
    CHECK(read_image(dir.path("f")) == written);
    for (const size_t index : { 0, 1, 7, 12, 13, 14 }) {
        CHECK_EQUAL(n_cached_pages(dir.path("f"), index), image_block / page_size());
    }
    const size_t hole = 4; // not beside data, of which the system may read some more
    CHECK_EQUAL(n_cached_pages(dir.path("f"), hole), 0u);
}

#if defined(__linux__)

TEST("a map costs memory for the pages that were written, and no others; wiping gives them back") {
    const temp_dir dir;
    const bytes content = image_of(64, { 0, 1, 2, 3, 20, 21, 22, 40, 64 });
    REQUIRE(write_image(dir.path("f"), content).ok);
    const auto map = open_map(dir.path("f"), content.size());
    REQUIRE(map != nullptr);
    CHECK(shows(*map, content)); // reads every page
    CHECK_EQUAL(map_value(*map, "Anonymous"), 0u);
    size_t n_written = 0;
    for (const size_t n_pages : { 1, 8, 64 }) {
        for (; n_written < n_pages; ++n_written) {
            map->data()[n_written * 13 * page_size()] ^= 1;
        }
        CHECK_EQUAL(map_value(*map, "Anonymous"), n_pages * page_size());
    }
    CHECK_EQUAL(n_written, 64u);
    const size_t hole = 30;
    CHECK_EQUAL(n_cached_pages(dir.path("f"), hole), 0u);
    map->data()[hole * image_block] = 1;
    CHECK_EQUAL(map_value(*map, "Anonymous"), (n_written + 1) * page_size());
    CHECK_EQUAL(n_cached_pages(dir.path("f"), hole), 0u);
    CHECK(map->wipe());
    CHECK_EQUAL(map_value(*map, "Rss"), 0u);
}

#endif

int main() {
    return harness::run_tests();
}
