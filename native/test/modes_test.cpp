// The modes of the C API: what a save reaches, who is locked out, what is left at the end.

#include "harness.h"
#include "support/engine.h"
#include "support/fault_plan.h"
#include "support/files.h"

namespace {

struct session {
    temp_dir dir;
    std::string path = dir.path("s");
    tokens_t tokens  = some_tokens(30, 1);
    engine   e{ load_tiny_model({}) };

    session() {
        e.decode(0, tokens);
        const handle map(llama_state_mmap_open_rw(e.ctx(), path.c_str()));
        REQUIRE_BECAUSE(map != nullptr, last_error());
        CHECK_BECAUSE(save(map) > 0, last_error());
    }

    size_t save(const handle & map) { return llama_state_mmap_save(e.ctx(), map.get(), tokens.data(), tokens.size()); }

    bool load(const handle & map) {
        tokens_t out(256);
        size_t n = 0;
        const bool ok = llama_state_mmap_load(e.ctx(), map.get(), out.data(), out.size(), &n);
        out.resize(n);
        return ok && out == tokens;
    }

    handle open()     { return handle(llama_state_mmap_open    (e.ctx(), path.c_str())); }
    handle open_rw()  { return handle(llama_state_mmap_open_rw (e.ctx(), path.c_str())); }
    handle open_cow() { return handle(llama_state_mmap_open_cow(e.ctx(), path.c_str())); }
};

llama_state_mmap_counters counters() {
    llama_state_mmap_counters out;
    llama_state_mmap_counters_get(&out);
    return out;
}

} // namespace

TEST("read-only refuses save and sync, and gives no room") {
    session s;
    const bytes before = read_file(s.path);
    const handle map = s.open();
    REQUIRE_BECAUSE(map != nullptr, last_error());
    CHECK_EQUAL(s.save(map), 0u);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_READ_ONLY);
    llama_state_mmap_sync(map.get());
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_READ_ONLY);
    CHECK_EQUAL(llama_state_mmap_room(map.get()), 0u);
    CHECK(s.load(map));
    CHECK(read_file(s.path) == before);
}

TEST("copy-on-write saves and loads in private memory; the file never changes") {
    session s;
    const bytes before = read_file(s.path);
    handle map = s.open_cow();
    REQUIRE_BECAUSE(map != nullptr, last_error());
    const uint64_t checksum = llama_state_mmap_checksum(map.get());
    CHECK_EQUAL(llama_state_mmap_room(map.get()), llama_state_size_max(s.e.ctx()));

    const tokens_t more = some_tokens(200, 2);
    s.e.decode(0, more); // far larger than the trimmed file
    s.tokens.insert(s.tokens.end(), more.begin(), more.end());
    const std::vector<uint8_t> want = s.e.state();
    const size_t size = s.save(map);
    CHECK_BECAUSE(size > before.size() * 4, last_error());
    CHECK_EQUAL(llama_state_mmap_content_size(map.get()), size);
    CHECK(llama_state_mmap_checksum(map.get()) != checksum);
    CHECK(read_file(s.path) == before);

    s.e.drop(0);
    CHECK_BECAUSE(s.load(map), last_error());
    CHECK(s.e.state() == want);
    llama_state_mmap_sync(map.get());
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_READ_ONLY);
    CHECK(read_file(s.path) == before);
    map.reset();
    CHECK(read_file(s.path) == before);
}

TEST("many readers see the same file; forks of it do not see each other") {
    session s;
    const handle a = s.open_cow();
    const handle b = s.open_cow();
    const handle c = s.open();
    REQUIRE(a && b && c);
    s.e.decode(0, { 1, 2, 3 });
    CHECK(s.save(a) > 0);
    CHECK(llama_state_mmap_checksum(a.get()) != llama_state_mmap_checksum(b.get()));
    CHECK(llama_state_mmap_checksum(b.get()) == llama_state_mmap_checksum(c.get()));
    CHECK(s.load(b) && s.load(c));
}

TEST("a second writer is locked out, falls back to copy-on-write, and reads what the first one saved last") {
    session s;
    handle first = s.open_rw();
    REQUIRE_BECAUSE(first != nullptr, last_error());
    CHECK(s.open_rw() == nullptr);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_LOCKED);
    s.e.decode(0, { 1, 2, 3 });
    s.tokens.insert(s.tokens.end(), { 1, 2, 3 });
    CHECK(s.save(first) > 0);
    const handle second = s.open_cow();
    REQUIRE_BECAUSE(second != nullptr, last_error());
    CHECK(llama_state_mmap_is_snapshot(second.get()));
    CHECK(llama_state_mmap_checksum(second.get()) == llama_state_mmap_checksum(first.get()));
    first.reset();
    CHECK(s.load(second));
    CHECK(s.open_rw() != nullptr); // a snapshot locks nobody out
}

TEST("a snapshot taken while the writer begins to save is not used") {
    session s;
    handle writer = s.open_rw();
    REQUIRE(writer != nullptr);
    const fault_scope fault("snapshot", 0, [&] {
        const std::vector<char> zeros(4);
        FILE * file = fopen(s.path.c_str(), "r+b"); // what a save does first
        fwrite(zeros.data(), 1, zeros.size(), file);
        fclose(file);
        return 0;
    });
    CHECK(s.open_cow() == nullptr);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_ABSENT);
    CHECK(fault.is_hit());
}

TEST("read-write: pre-allocated while open, exact when freed, extended when opened again") {
    session s;
    const size_t exact = file_size(s.path);
    const size_t bound = llama_state_size_max(s.e.ctx());
    CHECK(exact < bound);
    handle map = s.open_rw();
    REQUIRE(map != nullptr);
    CHECK_EQUAL(file_size(s.path), bound);
    CHECK_EQUAL(llama_state_mmap_content_size(map.get()), exact);
    CHECK(s.load(map));
    s.e.decode(0, some_tokens(50, 3));
    const size_t larger = s.save(map);
    CHECK(larger > exact);
    map.reset();
    CHECK_EQUAL(file_size(s.path), larger);
    map = s.open_rw();
    llama_memory_seq_rm(s.e.memory(), 0, 10, -1);
    const size_t smaller = s.save(map);
    CHECK(smaller > 0 && smaller < exact);
    llama_state_mmap_sync(map.get());
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_OK);
    map.reset();
    CHECK_EQUAL(file_size(s.path), smaller);
    CHECK(s.open() != nullptr);
}

TEST("a file created and never saved to is empty, and absent for readers") {
    session s;
    const std::string path = s.dir.path("new");
    handle map(llama_state_mmap_open_rw(s.e.ctx(), path.c_str()));
    REQUIRE(map != nullptr);
    CHECK_EQUAL(llama_state_mmap_content_size(map.get()), 0u);
    CHECK_EQUAL(llama_state_mmap_checksum(map.get()), 0u);
    CHECK(llama_state_mmap_tokens(map.get(), nullptr) == nullptr);
    map.reset();
    CHECK_EQUAL(file_size(path), 0u);
    CHECK(llama_state_mmap_open(s.e.ctx(), path.c_str()) == nullptr);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_ABSENT);
    CHECK(llama_state_mmap_open_cow(s.e.ctx(), path.c_str()) == nullptr);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_ABSENT);
}

TEST("the map's tokens and checksum are those of the file") {
    session s;
    const handle map = s.open();
    size_t n = 0;
    const llama_token * tokens = llama_state_mmap_tokens(map.get(), &n);
    CHECK(tokens_t(tokens, tokens + n) == s.tokens);
    const handle cow = s.open_cow();
    CHECK(llama_state_mmap_checksum(map.get()) == llama_state_mmap_checksum(cow.get()));
}

TEST("a whole context is loaded and saved in place: only header, tokens and a prefix are copied by us") {
    session s;
    const handle map = s.open_rw();
    REQUIRE(map != nullptr);
    const auto before = counters();
    CHECK(s.load(map));
    CHECK(s.save(map) > 0);
    const auto after = counters();
    const uint64_t payload = llama_state_mmap_content_size(map.get()) - 12 - 4 * s.tokens.size();
    CHECK_EQUAL(after.bytes_loaded - before.bytes_loaded, payload);
    CHECK_EQUAL(after.bytes_saved - before.bytes_saved, payload);
    // one sequence is all it holds: loaded as such, behind its 8 bytes of prefix, and the other cells are not wiped
    CHECK_EQUAL(after.bytes_copied - before.bytes_copied, 12 + 8 * s.tokens.size() + 8);
    CHECK_EQUAL(after.n_loads - before.n_loads, 1u);
    CHECK_EQUAL(after.n_saves - before.n_saves, 1u);
}

TEST("a save waits for the disk only as often as it must") {
    session s;
    const std::vector<uint8_t> state = s.e.seq_state(0);
    const std::string path = s.dir.path("q");
    const auto syncs_of = [&](size_t n_cells) {
        const auto before = counters();
        handle map(llama_state_seq_mmap_open_rw_cells(s.e.ctx(), path.c_str(), 0, n_cells));
        CHECK_BECAUSE(llama_state_seq_mmap_save_state(s.e.ctx(), map.get(), state.data(), state.size(), s.tokens.data(), s.tokens.size()) > 0,
                      last_error());
        map.reset();
        return counters().n_syncs - before.n_syncs;
    };
    CHECK_EQUAL(syncs_of(s.tokens.size()), 2u);     // payload, magic
    CHECK_EQUAL(syncs_of(s.tokens.size()), 3u);     // over an older content, which goes first
    CHECK_EQUAL(syncs_of(s.tokens.size() + 9), 4u); // the file is trimmed
}

TEST("handles and mappings are counted down to where they were") {
    session s;
    const auto before = counters();
    {
        const handle a = s.open();
        const handle b = s.open_cow();
        CHECK_EQUAL(counters().n_open - before.n_open, 2u);
        const uint64_t bytes_mapped = counters().bytes_mapped - before.bytes_mapped;
        CHECK(bytes_mapped >= file_size(s.path)); // Windows has the end of a copy-on-write file in memory
        CHECK(bytes_mapped <= 2 * file_size(s.path));
    }
    CHECK_EQUAL(counters().n_open, before.n_open);
    CHECK_EQUAL(counters().bytes_mapped, before.bytes_mapped);
}

int main() {
    return harness::run_tests();
}
