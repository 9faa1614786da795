// Base images, on every system: written and read, sparse, private, checked, locked; failing system calls and kills.

#include "harness.h"
#include "new_file.h"
#include "support/child.h"
#include "support/fault_plan.h"
#include "support/images.h"
#include "xxh64.h"

namespace {

// Makes every page different from what it was.
void scribble(const image_map & map) {
    for (size_t i = 0; i < map.size(); i += 512) {
        map.data()[i] ^= 0xFF;
    }
}

void change_byte(const std::string & path, size_t offset) {
    bytes content = read_file(path);
    content[offset] ^= 0x10;
    write_file(path, content);
}

llama_state_mmap_error map_error(const std::string & path, size_t size) {
    return open_map(path, size) ? LLAMA_STATE_MMAP_OK : lsm::report_code();
}

// The definition in image_file.h, in the plainest way.
uint64_t defined_checksum(const bytes & content) {
    bytes hashed;
    for (uint64_t index = 0; index * image_block < content.size(); ++index) {
        const auto begin = content.begin() + (ptrdiff_t) (index * image_block);
        const auto end   = content.begin() + (ptrdiff_t) std::min((index + 1) * image_block, content.size());
        if (std::any_of(begin, end, [](uint8_t b) { return b != 0; })) {
            for (int i = 0; i < 8; ++i) {
                hashed.push_back((uint8_t) (index >> 8 * i));
            }
            hashed.insert(hashed.end(), begin, end);
        }
    }
    return lsm::xxh64(hashed.data(), hashed.size(), content.size());
}

// Child: writes an image, and is killed when it reaches a step for the n-th time.
int write_and_die(const std::string & path, const std::string & step, int n) {
    const fault_scope fault(step, n, fault_scope::kill_process);
    return write_image(path, some_image()).ok ? 0 : 1;
}

// Child: maps an image, changes all of it, and waits to be killed.
int map_and_wait(const std::string & path) {
    const auto map = open_map(path, some_image().size());
    if (map) {
        scribble(*map);
    }
    printf("%s\n", map ? "mapped" : lsm::report_message());
    fflush(stdout);
    wait_to_be_killed();
}

// What happens when the n-th system call of an action fails, for every n: at least `n_least` of them.
template <typename F>
void fail_every_call(nth_fault_scope::how kind, int error, int n_least, F && action) {
    int n = 1;
    for (;; ++n) {
        bool is_hit = false;
        {
            const nth_fault_scope fault(n, kind, error);
            action([&] { return !fault.steps_hit().empty(); });
            is_hit = !fault.steps_hit().empty();
        }
        if (!is_hit) {
            break;
        }
    }
    CHECK(n > n_least);
}

} // namespace

TEST("an image is read as it was written, and its checksum is the one that is defined") {
    const temp_dir dir;
    for (const bytes & content : { some_image(), image_of(0, { 0 }), image_of(3, {}), image_of(3, { 3 }), bytes(1, 7), bytes(image_block, 9) }) {
        const std::string path = dir.path("f" + std::to_string(content.size()) + "-" + std::to_string(content[0]) + std::to_string(content.back()));
        const summary written = write_image(path, content);
        REQUIRE_BECAUSE(written.ok, lsm::report_message());
        CHECK(written.checksum == defined_checksum(content));
        CHECK(read_image(path) == written);
        CHECK(read_file(path) == content);
        const auto map = open_map(path, content.size());
        REQUIRE_BECAUSE(map != nullptr, lsm::report_message());
        CHECK(shows(*map, content));
        CHECK_EQUAL((uintptr_t) map->data() % page_size(), 0u);
    }
}

TEST("blocks of zeros take no room on the disk") {
    const temp_dir dir;
    constexpr size_t n_blocks = 512;
    std::vector<size_t> filled;
    for (const size_t n : { 0, 1, 8, 64 }) {
        for (size_t i = filled.size(); i < n; ++i) {
            filled.push_back(i * n_blocks / 64);
        }
        const std::string path = dir.path(std::to_string(n));
        REQUIRE_BECAUSE(write_image(path, image_of(n_blocks, filled)).ok, lsm::report_message());
        CHECK_EQUAL(file_size(path), n_blocks * image_block + last_block_size);
        const size_t taken = bytes_on_disk(path);
        CHECK_BECAUSE(taken >= n * image_block && taken <= (n + 2) * image_block, std::to_string(taken) + " bytes for " + std::to_string(n) + " blocks");
    }
}

TEST("a sparse image and a fully written copy have the same checksum, and so has the image read without knowing holes") {
    const temp_dir dir;
    const bytes content = some_image();
    const summary written = write_image(dir.path("sparse"), content);
    write_file(dir.path("dense"), content);
    CHECK(bytes_on_disk(dir.path("dense")) >= content.size());
    CHECK(read_image(dir.path("dense")) == written);
}

TEST("one bit changed anywhere, in data, in a hole or at the end, and any other length, changes the checksum") {
    const temp_dir dir;
    const bytes content = some_image();
    const summary written = write_image(dir.path("f"), content);
    for (const size_t offset : { (size_t) 0, 7 * image_block + 99, 3 * image_block, 10 * image_block + 5, 12 * image_block - 1, content.size() - 1 }) {
        change_byte(dir.path("f"), offset);
        const summary changed = read_image(dir.path("f"));
        CHECK(changed.ok && changed.checksum != written.checksum);
        change_byte(dir.path("f"), offset);
        CHECK(read_image(dir.path("f")) == written);
    }
    for (const size_t size : { content.size() - 1, content.size() + 1, content.size() + 5 * image_block, (size_t) 0 }) {
        bytes other = content;
        other.resize(size);
        write_file(dir.path("f"), other);
        CHECK(read_image(dir.path("f")).checksum != written.checksum);
        CHECK_EQUAL(map_error(dir.path("f"), content.size()), LLAMA_STATE_MMAP_BAD_SIZE);
    }
    // the same blocks in another place
    write_file(dir.path("f"), image_of(20, { 0, 1, 8, 12, 13, 14, 20 }));
    CHECK(read_image(dir.path("f")).checksum != written.checksum);
}

TEST("what is written into a map, every page of it, never reaches the file, also when the process is killed") {
    const temp_dir dir;
    const bytes content = some_image();
    const summary written = write_image(dir.path("f"), content);
    {
        const auto map = open_map(dir.path("f"), content.size());
        REQUIRE(map != nullptr);
        scribble(*map);
        CHECK(!shows(*map, content));
        CHECK(read_image(dir.path("f")) == written);
    }
    background_child child({ "map", dir.path("f") });
    CHECK_BECAUSE(child.first_line == "mapped", child.first_line);
    CHECK(read_image(dir.path("f")) == written);
    child.kill();
    CHECK(read_image(dir.path("f")) == written);
    CHECK(read_file(dir.path("f")) == content);
}

TEST("two maps of one image have its bytes, and not each other's changes") {
    const temp_dir dir;
    const bytes content = some_image();
    REQUIRE(write_image(dir.path("f"), content).ok);
    const auto one = open_map(dir.path("f"), content.size());
    const auto two = open_map(dir.path("f"), content.size());
    REQUIRE(one && two);
    memset(one->data(), 1, image_block);
    memset(two->data() + image_block, 2, image_block);
    CHECK(one->data()[0] == 1 && two->data()[0] == content[0]);
    CHECK(two->data()[image_block] == 2 && one->data()[image_block] == content[image_block]);
    CHECK(memcmp(one->data() + image_block, content.data() + image_block, content.size() - image_block) == 0);
    const auto three = open_map(dir.path("f"), content.size());
    REQUIRE(three != nullptr);
    CHECK(shows(*three, content));
}

TEST("zeros are zero, private and writable") {
    constexpr size_t size = 5 * image_block + 100;
    const auto map = image_map::zeros(size);
    REQUIRE_BECAUSE(map != nullptr, lsm::report_message());
    CHECK_EQUAL(map->size(), size);
    CHECK(shows(*map, bytes(size)));
    scribble(*map);
    CHECK_EQUAL(map->data()[512], 0xFF);
}

TEST("a wiped map is zero and writable, whatever it was; the file and other maps keep what they have") {
    const temp_dir dir;
    const bytes content = some_image();
    const summary written = write_image(dir.path("f"), content);
    const auto other = open_map(dir.path("f"), content.size());
    REQUIRE(other != nullptr);
    for (auto & map : { image_map::zeros(content.size()), open_map(dir.path("f"), content.size()) }) {
        REQUIRE(map != nullptr);
        const uint8_t * const data = map->data();
        for (int i = 0; i < 2; ++i) {
            scribble(*map);
            CHECK_BECAUSE(map->wipe(), lsm::report_message());
            CHECK(map->data() == data && shows(*map, bytes(content.size())));
        }
        map->data()[3 * image_block] = 5;
        CHECK_EQUAL(map->data()[3 * image_block], 5);
    }
    CHECK(shows(*other, content));
    CHECK(read_image(dir.path("f")) == written);
}

TEST("refused, each with its own error: no such file, a folder, another length, an image that is being written") {
    const temp_dir dir;
    const bytes content = some_image();
    REQUIRE(write_image(dir.path("f"), content).ok);
    make_folder(dir.path("folder"));
    CHECK_EQUAL(map_error(dir.path("missing"), 100), LLAMA_STATE_MMAP_NOT_FOUND);
    CHECK_EQUAL(map_error(dir.path("missing/f"), 100), LLAMA_STATE_MMAP_NOT_FOUND);
    CHECK_EQUAL(map_error(dir.path("folder"), 100), LLAMA_STATE_MMAP_NOT_REGULAR);
    for (const size_t size : { content.size() - 1, content.size() + 1, (size_t) 0, content.size() * 2 }) {
        CHECK_EQUAL(map_error(dir.path("f"), size), LLAMA_STATE_MMAP_BAD_SIZE);
    }
    CHECK_EQUAL(map_error(dir.path("f"), content.size()), LLAMA_STATE_MMAP_OK);
    CHECK(!read_image(dir.path("missing")).ok && lsm::report_code() == LLAMA_STATE_MMAP_NOT_FOUND);
    CHECK(!read_image(dir.path("folder")).ok && lsm::report_code() == LLAMA_STATE_MMAP_NOT_REGULAR);

    auto writer = lsm::new_file::create(dir.path("new").c_str(), content.size());
    REQUIRE_BECAUSE(writer != nullptr, lsm::report_message());
    CHECK_EQUAL(map_error(dir.path("new"), content.size()), LLAMA_STATE_MMAP_LOCKED);
    CHECK(!read_image(dir.path("new")).ok && lsm::report_code() == LLAMA_STATE_MMAP_LOCKED);
    writer.reset();
    CHECK(!file_exists(dir.path("new")));
}

TEST("something of the same name is not written over") {
    const temp_dir dir;
    write_file(dir.path("f"), pattern(100));
    make_folder(dir.path("folder"));
    CHECK(!write_image(dir.path("f"), some_image()).ok);
    CHECK_EQUAL(lsm::report_code(), LLAMA_STATE_MMAP_IO);
    CHECK(!write_image(dir.path("folder"), some_image()).ok);
    CHECK(!write_image(dir.path("missing/f"), some_image()).ok && lsm::report_code() == LLAMA_STATE_MMAP_NOT_FOUND);
    CHECK(read_file(dir.path("f")) == pattern(100));
    CHECK(file_exists(dir.path("folder")));
}

TEST("no writer gets an image while it is mapped, by this process or another; and a map survives its replacement") {
    const temp_dir dir;
    const bytes content = some_image();
    REQUIRE(write_image(dir.path("f"), content).ok);
    auto map = open_map(dir.path("f"), content.size());
    CHECK_EQUAL(error_of(dir.path("f"), map_mode::read_write), LLAMA_STATE_MMAP_LOCKED);
    map.reset();
    {
        background_child child({ "map", dir.path("f") });
        CHECK_BECAUSE(child.first_line == "mapped", child.first_line);
        CHECK_EQUAL(error_of(dir.path("f"), map_mode::read_write), LLAMA_STATE_MMAP_LOCKED);
    }
    CHECK_EQUAL(error_of(dir.path("f"), map_mode::read_write), LLAMA_STATE_MMAP_OK);

    map = open_map(dir.path("f"), content.size());
    REQUIRE(map != nullptr);
    const bytes other_content = image_of(20, { 3 });
    REQUIRE(write_image(dir.path("other"), other_content).ok);
    if (replace_file(dir.path("other"), dir.path("f")) == 0) { // Windows may refuse that
        CHECK(read_file(dir.path("f")) == other_content);
    }
    CHECK(shows(*map, content));
}

TEST("any failing system call of writing is reported, and leaves nothing behind") {
    const temp_dir dir;
    const bytes content = some_image();
    const int n_handles = n_open_handles();
    for (const int error : { ENOSPC, EIO, ENOMEM, EACCES }) {
        const std::string path = dir.path(std::to_string(error));
        fail_every_call(nth_fault_scope::how::once, error, 11, [&](const auto & is_hit) {
            const summary written = write_image(path, content);
            CHECK(written.ok != is_hit());
            CHECK(written.ok == (lsm::report_code() == LLAMA_STATE_MMAP_OK));
            CHECK(written.ok == file_exists(path));
            if (is_hit() && error == ENOSPC) {
                CHECK_EQUAL(lsm::report_code(), LLAMA_STATE_MMAP_NO_SPACE);
            }
            CHECK_EQUAL(n_open_handles(), n_handles);
        });
    }
}

TEST("from some system call on all fail: reported, nothing stays open") {
    const temp_dir dir;
    const int n_handles = n_open_handles();
    int n_files = 0;
    fail_every_call(nth_fault_scope::how::forever, EIO, 11, [&](const auto & is_hit) {
        const std::string path = dir.path(std::to_string(n_files++));
        CHECK(write_image(path, some_image()).ok != is_hit());
        CHECK_EQUAL(lsm::report_code(), is_hit() ? LLAMA_STATE_MMAP_IO : LLAMA_STATE_MMAP_OK);
        CHECK_EQUAL(n_open_handles(), n_handles);
    });
}

TEST("any failing system call of reading, mapping or wiping is reported, and leaves nothing open or mapped") {
    const temp_dir dir;
    const bytes content = some_image();
    const summary written = write_image(dir.path("f"), content);
    const int n_handles = n_open_handles();
    llama_state_mmap_counters before, after;
    llama_state_mmap_counters_get(&before);
    for (const int error : { EIO, ENOMEM }) {
        fail_every_call(nth_fault_scope::how::once, error, 6, [&](const auto & is_hit) {
            const summary got = read_image(dir.path("f"));
            // a check that fails only means that it is tried again
            CHECK(got == written || (is_hit() && !got.ok && lsm::report_code() != LLAMA_STATE_MMAP_OK));
        });
        fail_every_call(nth_fault_scope::how::once, error, 6, [&](const auto & is_hit) {
            const auto map = open_map(dir.path("f"), content.size());
            const bool wiped = map && map->wipe();
            CHECK(wiped || (is_hit() && lsm::report_code() != LLAMA_STATE_MMAP_OK));
            CHECK(!map || shows(*map, wiped ? bytes(content.size()) : content));
        });
        fail_every_call(nth_fault_scope::how::once, error, 1, [&](const auto & is_hit) {
            lsm::report_clear();
            CHECK((image_map::zeros(100) != nullptr) != is_hit());
            CHECK((lsm::report_code() != LLAMA_STATE_MMAP_OK) == is_hit());
        });
    }
    llama_state_mmap_counters_get(&after);
    CHECK_EQUAL(after.bytes_mapped, before.bytes_mapped);
    CHECK_EQUAL(n_open_handles(), n_handles);
    CHECK(read_image(dir.path("f")) == written);
}

TEST("a file system without locks: images are neither written nor used") {
    const temp_dir dir;
    REQUIRE(write_image(dir.path("f"), some_image()).ok);
    for (const char * name : { "f", "new" }) {
        const fault_scope fault("lock", 0, ENOLCK);
        const bool done = strcmp(name, "f") == 0 ? open_map(dir.path(name), some_image().size()) != nullptr : write_image(dir.path(name), some_image()).ok;
        CHECK(!done && lsm::report_code() != LLAMA_STATE_MMAP_OK);
        CHECK(fault.is_hit());
    }
    CHECK(!file_exists(dir.path("new")));
}

TEST("killed at any step of writing: what is left is not taken for the image, and does not stand in the way") {
    const temp_dir dir;
    const bytes content = some_image();
    const summary right = write_image(dir.path("right"), content);
    struct place { const char * step; int n; };
    std::vector<place> places = { { "stat", 0 }, { "lock", 0 }, { "truncate", 0 } };
    for (int i = 0; i < 7; ++i) {
        places.push_back({ "write", i });
    }
    for (const place & p : places) {
        const std::string path = dir.path(std::string(p.step) + std::to_string(p.n));
        CHECK_EQUAL(run_child({ "write", path, p.step, std::to_string(p.n) }), killed);
        REQUIRE(file_exists(path)); // nobody was there to take it away
        const auto map = open_map(path, content.size());
        const summary left = read_image(path);
        CHECK(map == nullptr || left.checksum != right.checksum);
        CHECK(left != right);
        CHECK(!write_image(path, content).ok);
    }
    CHECK_EQUAL(run_child({ "write", dir.path("again"), "no such step", "0" }), 0);
    CHECK(read_image(dir.path("again")) == right);
}

int main(int argc, char ** argv) {
    if (argc == 5 && strcmp(argv[1], "write") == 0) {
        return write_and_die(argv[2], argv[3], atoi(argv[4]));
    }
    if (argc == 3 && strcmp(argv[1], "map") == 0) {
        return map_and_wait(argv[2]);
    }
    return harness::run_tests();
}
