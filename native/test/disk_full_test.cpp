// A disk that is full: a clear error at open, nothing lost, and a session that is open can still be saved. On a small
// file system in memory where this process may mount one, otherwise under a limit of file sizes.

#include "harness.h"
#include "support/files.h"
#include "support/session_format.h"
#include "support/small_disk.h"

namespace {

const tokens_t old_tokens = some_tokens(40, 1);
const tokens_t new_tokens = some_tokens(60, 2);

// Contexts that hold the old and the new tokens, and one to load into.
struct stage {
    std::shared_ptr<llama_model> model = load_tiny_model({});
    engine older { model }, newer { model }, loader { model };
    const session_format & format;

    explicit stage(const session_format & format) : format(format) {
        older.decode(1, old_tokens);
        newer.decode(1, new_tokens);
    }

    bytes save_old(const std::string & path) {
        {
            const handle map = format.open_rw(older, path);
            REQUIRE_BECAUSE(map && format.save(older, map.get(), old_tokens) > 0, last_error());
        }
        return read_file(path);
    }

    void check_holds(llama_state_mmap * map, const tokens_t & want) {
        tokens_t tokens;
        CHECK_BECAUSE(map && format.load(loader, map, tokens), last_error());
        CHECK(tokens == want);
    }

    void check_no_space(const std::string & path) {
        CHECK(format.open_rw(newer, path) == nullptr);
        CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NO_SPACE);
        CHECK_BECAUSE(std::string(llama_state_mmap_last_error_message()).find(path) != std::string::npos, last_error());
    }
};

} // namespace

TEST("a full disk is no_space from open; the old session stays readable, a new file is not left behind") {
    for (const session_format & format : session_formats) {
        small_disk disk;
        if (!disk.is_mounted) {
            printf("        no file system can be mounted here: only the size limit is tested\n");
            return;
        }
        stage s(format);
        const bytes old_file = s.save_old(disk.path("old"));
        for (const size_t n_left : { 0, 4096, 16384 }) { // also when a part of it has room
            disk.fill(n_left);
            for (int i = 0; i < 3; ++i) {
                s.check_no_space(disk.path("old"));
                s.check_no_space(disk.path("new"));
            }
            CHECK(!file_exists(disk.path("new")));
            CHECK(read_file(disk.path("old")) == old_file);
            s.check_holds(format.open(s.loader, disk.path("old")).get(), old_tokens);
            // in private memory everything goes on
            const handle map = format.open_cow(s.loader, disk.path("old"));
            s.check_holds(map.get(), old_tokens);
            CHECK_BECAUSE(format.save(s.newer, map.get(), new_tokens) > 0, last_error());
            s.check_holds(map.get(), new_tokens);
            CHECK(read_file(disk.path("old")) == old_file);
            disk.make_room();
        }
        CHECK(format.open_rw(s.newer, disk.path("old")) != nullptr);
    }
}

TEST("a disk that fills up while a session is open takes every save that has room in it") {
    for (const session_format & format : session_formats) {
        small_disk disk;
        if (!disk.is_mounted) {
            return;
        }
        stage s(format);
        s.save_old(disk.path("old"));
        {
            const handle map = format.open_rw(s.newer, disk.path("old"));
            const handle created = format.open_rw(s.newer, disk.path("new"));
            REQUIRE(map && created);
            disk.fill(0);
            engine full(s.model);
            const tokens_t all = some_tokens(llama_n_ctx(full.ctx()), 3);
            full.decode(1, all);
            for (const handle * one : { &map, &created }) {
                CHECK_BECAUSE(format.save(full, one->get(), all) > 0, last_error());
                CHECK_BECAUSE(format.save(s.newer, one->get(), new_tokens) > 0, last_error());
            }
        }
        for (const char * name : { "old", "new" }) {
            s.check_holds(format.open(s.loader, disk.path(name)).get(), new_tokens);
        }
    }
}

TEST("a limit of file sizes is no_space too, and never a signal") {
    for (const session_format & format : session_formats) {
        const temp_dir dir;
        stage s(format);
        const bytes old_file = s.save_old(dir.path("old"));
        {
            const size_limit limit(old_file.size() + 1);
            s.check_no_space(dir.path("old"));
            s.check_no_space(dir.path("new"));
            CHECK(!file_exists(dir.path("new")));
            CHECK(read_file(dir.path("old")) == old_file);
            const handle map = format.open_cow(s.loader, dir.path("old"));
            s.check_holds(map.get(), old_tokens);
            CHECK_BECAUSE(format.save(s.newer, map.get(), new_tokens) > 0, last_error());
        }
        CHECK(format.open_rw(s.newer, dir.path("old")) != nullptr);
    }
}

int main() {
    return harness::run_tests();
}
