// Mapped files, on every system: modes, room, locks, snapshots, allocation, and failing system calls.

#include "harness.h"
#include "support/fault_plan.h"
#include "support/mapped.h"

#include <cstring>

TEST("read-only shows the file and not a byte more") {
    const temp_dir dir;
    write_file(dir.path("f"), pattern(5000));
    const auto file = open_mapped(dir.path("f"), map_mode::read_only, 0);
    REQUIRE(file != nullptr);
    CHECK_EQUAL(file->size(), 5000u);
    CHECK(starts_with(file->data(), pattern(5000)));
    CHECK(!file->is_private() && !file->is_snapshot());
}

TEST("read-write creates, allocates for real, and trims to the exact length") {
    const temp_dir dir;
    constexpr size_t room = 3 << 20;
    auto file = open_mapped(dir.path("f"), map_mode::read_write, room);
    REQUIRE(file != nullptr);
    CHECK_EQUAL(file_size(dir.path("f")), room);
    CHECK(bytes_on_disk(dir.path("f")) >= room);
    const bytes content = pattern(1234);
    memcpy(file->data(), content.data(), content.size());
    CHECK(file->flush(0, content.size()));
    CHECK(file->flush(1000, 234)); // not at the start of a page
    CHECK(file->finish(content.size()));
    file.reset();
    CHECK(read_file(dir.path("f")) == content);

    file = open_mapped(dir.path("f"), map_mode::read_write, room);
    REQUIRE(file != nullptr);
    CHECK_EQUAL(file->file_size(), content.size());
    CHECK_EQUAL(file_size(dir.path("f")), room);
    CHECK(starts_with(file->data(), content));
    CHECK(is_zero(file->data() + content.size(), file->data() + room));
    CHECK(file->finish(content.size()));
}

TEST("copy-on-write has room beyond the file, reads zeros there, and never changes the file") {
    const temp_dir dir;
    const size_t page = page_size();
    for (const size_t n : { (size_t) 1, (size_t) 100, page - 1, page, page + 1, 5 * page }) {
        write_file(dir.path("f"), pattern(n));
        const size_t room = 8 * page + 13;
        const auto file = open_mapped(dir.path("f"), map_mode::copy_on_write, room);
        REQUIRE(file != nullptr);
        CHECK_EQUAL(file->size(), room);
        CHECK(starts_with(file->data(), pattern(n)));
        CHECK(is_zero(file->data() + n, file->data() + room));
        memset(file->data(), 0xAA, room);
        CHECK(file->data()[0] == 0xAA && file->data()[room - 1] == 0xAA);
        CHECK(read_file(dir.path("f")) == pattern(n));
    }
}

TEST("a file longer than the room is mapped whole") {
    const temp_dir dir;
    write_file(dir.path("f"), pattern(50000));
    for (const map_mode mode : { map_mode::read_only, map_mode::copy_on_write, map_mode::read_write }) {
        const auto file = open_mapped(dir.path("f"), mode, 100);
        REQUIRE(file != nullptr);
        CHECK_EQUAL(file->size(), 50000u);
    }
}

TEST("an empty file can be opened in every mode") {
    const temp_dir dir;
    for (const map_mode mode : { map_mode::read_only, map_mode::copy_on_write, map_mode::read_write }) {
        write_file(dir.path("f"), {});
        const auto file = open_mapped(dir.path("f"), mode, 100);
        REQUIRE(file != nullptr);
        CHECK_EQUAL(file->file_size(), 0u);
        CHECK_EQUAL(file->size(), mode == map_mode::read_only ? 0u : 100u);
    }
}

TEST("one writer: a second one is locked out, also by readers; when they end it may write") {
    const temp_dir dir;
    auto writer = open_mapped(dir.path("f"), map_mode::read_write, 5000);
    REQUIRE(writer != nullptr);
    CHECK_EQUAL(error_of(dir.path("f"), map_mode::read_write), LLAMA_STATE_MMAP_LOCKED);
    CHECK(writer->finish(100));
    writer.reset();
    auto reader_1 = open_mapped(dir.path("f"), map_mode::read_only, 0);
    auto reader_2 = open_mapped(dir.path("f"), map_mode::copy_on_write, 5000);
    REQUIRE(reader_1 && reader_2);
    CHECK_EQUAL(error_of(dir.path("f"), map_mode::read_write), LLAMA_STATE_MMAP_LOCKED);
    reader_1.reset();
    CHECK_EQUAL(error_of(dir.path("f"), map_mode::read_write), LLAMA_STATE_MMAP_LOCKED);
    reader_2.reset();
    CHECK_EQUAL(error_of(dir.path("f"), map_mode::read_write), LLAMA_STATE_MMAP_OK);
}

TEST("a reader beside a live writer has a snapshot that outlives change and truncation") {
    const temp_dir dir;
    auto writer = open_mapped(dir.path("f"), map_mode::read_write, 100000);
    REQUIRE(writer != nullptr);
    const bytes content = pattern(90000);
    memcpy(writer->data(), content.data(), content.size());
    for (const map_mode mode : { map_mode::read_only, map_mode::copy_on_write }) {
        const auto reader = open_mapped(dir.path("f"), mode, 200000);
        REQUIRE(reader != nullptr);
        CHECK(reader->is_snapshot());
        memset(writer->data(), 0, content.size());
        CHECK(starts_with(reader->data(), content));
        memcpy(writer->data(), content.data(), content.size());
        CHECK_EQUAL(cut_file(dir.path("f"), 10), can_cut_mapped_files);
        CHECK(starts_with(reader->data(), content)); // a map would raise SIGBUS here
        CHECK(cut_file(dir.path("f"), 100000));
        memcpy(writer->data(), content.data(), content.size());
    }
}

TEST("a private view shares the file, and its changes stay in it") {
    const temp_dir dir;
    write_file(dir.path("f"), pattern(5000));
    for (const map_mode mode : { map_mode::read_only, map_mode::read_write }) {
        const auto file = open_mapped(dir.path("f"), mode, 5000);
        REQUIRE(file != nullptr);
        const auto view = file->view_private(5000);
        REQUIRE(view != nullptr);
        CHECK(starts_with(view->data(), pattern(5000)));
        memset(view->data(), 0, 5000);
        CHECK(starts_with(file->data(), pattern(5000)));
    }
    CHECK(read_file(dir.path("f")) == pattern(5000));
}

TEST("a failing system call is reported with its step, and undone") {
    struct expectation { const char * step; int error; llama_state_mmap_error code; };
    for (const expectation & e : {
             expectation { "allocate", ENOSPC, LLAMA_STATE_MMAP_NO_SPACE },
#if defined(EDQUOT)
             expectation { "allocate", EDQUOT, LLAMA_STATE_MMAP_NO_SPACE },
#endif
             expectation { "mmap", ENOMEM, LLAMA_STATE_MMAP_NO_MEMORY },
             expectation { "mmap", ENODEV, LLAMA_STATE_MMAP_UNSUPPORTED },
             expectation { "lock", ENOLCK, LLAMA_STATE_MMAP_UNSUPPORTED } }) {
        const temp_dir dir;
        write_file(dir.path("old"), pattern(1000));
        const fault_scope fault(e.step, 0, e.error);
        CHECK_EQUAL(error_of(dir.path("old"), map_mode::read_write, 5000), e.code);
        CHECK(fault.is_hit());
        CHECK(read_file(dir.path("old")) == pattern(1000));
    }
}

TEST("a path that is replaced between open and lock is opened again; always replaced is locked") {
    const temp_dir dir;
    const auto replace = [&] {
        write_file(dir.path("new"), pattern(2000));
        return replace_file(dir.path("new"), dir.path("f"));
    };
    for (const map_mode mode : { map_mode::read_only, map_mode::copy_on_write, map_mode::read_write }) {
        write_file(dir.path("f"), pattern(1000));
        const fault_scope fault("lock", 0, replace);
        const auto file = open_mapped(dir.path("f"), mode, 5000);
        REQUIRE(file != nullptr);
        CHECK(fault.is_hit());
        CHECK_EQUAL(file->file_size(), 2000u);
        CHECK(starts_with(file->data(), pattern(2000)));
    }
    const fault_scope fault("lock", 0, [&] { current_faults.countdown = 0; return replace(); });
    CHECK_EQUAL(error_of(dir.path("f"), map_mode::read_write), LLAMA_STATE_MMAP_LOCKED);
}

TEST("copy-on-write: no address space for the reservation, or none for the file, is an error") {
    const temp_dir dir;
    write_file(dir.path("f"), pattern(1000));
    for (const int nth : { 0, 1 }) {
        const fault_scope fault("mmap", nth, ENOMEM);
        CHECK_EQUAL(error_of(dir.path("f"), map_mode::copy_on_write, 5000), LLAMA_STATE_MMAP_NO_MEMORY);
        CHECK(fault.is_hit());
    }
}

TEST("a file system without locks: readers take a snapshot") {
    const temp_dir dir;
    write_file(dir.path("f"), pattern(1000));
    const fault_scope fault("lock", 0, ENOLCK);
    const auto file = open_mapped(dir.path("f"), map_mode::copy_on_write, 5000);
    REQUIRE(file != nullptr);
    CHECK(file->is_snapshot());
    CHECK(starts_with(file->data(), pattern(1000)));
}

TEST("sync and trim that fail are reported; the content stays") {
    for (const char * step : { "msync", "truncate", "fsync" }) {
        const temp_dir dir;
        auto file = open_mapped(dir.path("f"), map_mode::read_write, 5000);
        REQUIRE(file != nullptr);
        const bytes content = pattern(300);
        memcpy(file->data(), content.data(), content.size());
        const fault_scope fault(step, 0, EIO);
        CHECK(!file->finish(content.size()));
        CHECK_EQUAL(lsm::report_code(), LLAMA_STATE_MMAP_IO);
        CHECK(fault.is_hit());
        file.reset();
        bytes left = read_file(dir.path("f"));
        left.resize(content.size());
        CHECK(left == content);
    }
}

TEST("nothing stays mapped or open at the end") {
    const temp_dir dir;
    llama_state_mmap_counters before, after;
    llama_state_mmap_counters_get(&before);
    const int n_before = n_open_handles();
    for (const map_mode mode : { map_mode::read_write, map_mode::read_only, map_mode::copy_on_write }) {
        const auto file = open_mapped(dir.path("f"), mode, 5000);
        REQUIRE(file != nullptr);
        llama_state_mmap_counters_get(&after);
        CHECK_EQUAL(after.bytes_mapped - before.bytes_mapped, 5000u);
    }
    llama_state_mmap_counters_get(&after);
    CHECK_EQUAL(after.bytes_mapped, before.bytes_mapped);
    CHECK_EQUAL(n_open_handles(), n_before);
}

int main() {
    return harness::run_tests();
}
