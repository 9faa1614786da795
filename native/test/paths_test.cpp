// Sessions under paths that are not short or not ASCII: saved, opened in every mode, locked, by whole contexts and by
// sequences.

#include "harness.h"
#include "support/engine.h"
#include "support/files.h"

namespace {

const tokens_t tokens = some_tokens(30, 1);

// "größe", "会话", a smiley outside the first 65,536 characters, a combining accent, spaces and quotes.
const char * const odd_names[] = {
    "gr\xC3\xB6\xC3\x9F" "e", "\xE4\xBC\x9A\xE8\xAF\x9D", "\xF0\x9F\x98\x80", "e\xCC\x81", "a b 'c' (d) & e%20", "UPPER.lower.session",
};

handle open_rw(engine & e, const std::string & path)   { return handle(llama_state_mmap_open_rw(e.ctx(), path.c_str())); }
handle open_ro(engine & e, const std::string & path)   { return handle(llama_state_mmap_open(e.ctx(), path.c_str())); }
handle open_cow(engine & e, const std::string & path)  { return handle(llama_state_mmap_open_cow(e.ctx(), path.c_str())); }

bool loads(engine & e, const handle & map) {
    tokens_t out(256);
    size_t n = 0;
    const bool ok = map && llama_state_mmap_load(e.ctx(), map.get(), out.data(), out.size(), &n);
    out.resize(n);
    return ok && out == tokens;
}

bool saves(engine & e, const handle & map) {
    return map && llama_state_mmap_save(e.ctx(), map.get(), tokens.data(), tokens.size()) > 0;
}

void check_whole_context(engine & e, const std::string & path) {
    handle writer = open_rw(e, path);
    CHECK_BECAUSE(saves(e, writer), path + ": " + last_error());
    CHECK(open_rw(e, path) == nullptr);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_LOCKED);
    CHECK(loads(e, open_ro(e, path))); // a snapshot
    writer.reset();
    const bytes before = read_file(path);
    CHECK_BECAUSE(loads(e, open_ro(e, path)), path + ": " + last_error());
    {
        const handle copy = open_cow(e, path);
        CHECK_BECAUSE(loads(e, copy) && saves(e, copy) && loads(e, copy), path + ": " + last_error());
        CHECK(open_rw(e, path) == nullptr); // the copy reads the file
    }
    CHECK(read_file(path) == before);
    CHECK_BECAUSE(loads(e, open_rw(e, path)), path + ": " + last_error());
    CHECK(read_file(path) == before);
}

void check_sequence(engine & e, const std::string & path) {
    handle writer(llama_state_seq_mmap_open_rw_cells(e.ctx(), path.c_str(), 0, 64));
    CHECK_BECAUSE(writer && llama_state_seq_mmap_save(e.ctx(), writer.get(), 0, tokens.data(), tokens.size()) > 0, last_error());
    writer.reset();
    const std::vector<uint8_t> want = e.seq_state(0);
    const handle reader(llama_state_seq_mmap_open(e.ctx(), path.c_str(), 1));
    CHECK_BECAUSE(reader && llama_state_seq_mmap_load(e.ctx(), reader.get(), 1, nullptr, 0, nullptr), last_error());
    CHECK(e.seq_state(1).size() == want.size());
    e.drop(1);
}

} // namespace

TEST("names of any script, in folders of any script") {
    engine e(load_tiny_model({}));
    e.decode(0, tokens);
    for (const char * folder : odd_names) {
        const temp_dir dir;
        make_folder(dir.path(folder));
        for (const char * name : odd_names) {
            check_sequence(e, dir.path(folder) + "/" + name);
        }
        check_whole_context(e, dir.path(folder) + "/" + folder + "-context");
    }
}

TEST("paths far longer than 260 characters") {
    engine e(load_tiny_model({}));
    e.decode(0, tokens);
    const temp_dir dir;
    std::string path = dir.path(std::string(200, 'd'));
    for (int i = 0; i < 3; ++i) {
        make_folder(path);
        path += "/" + std::string(150, (char) ('a' + i));
    }
    CHECK(path.size() > 600);
    check_whole_context(e, path + ".session");
    check_sequence(e, path + ".sequence");
}

TEST("a folder that is missing, a path that is a folder, an empty path") {
    engine e(load_tiny_model({}));
    const temp_dir dir;
    make_folder(dir.path("folder"));
    CHECK(open_rw(e, dir.path("missing/s")) == nullptr);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NOT_FOUND);
    CHECK(open_ro(e, dir.path("missing")) == nullptr);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NOT_FOUND);
    for (const auto open : { open_rw, open_ro, open_cow }) {
        CHECK(open(e, dir.path("folder")) == nullptr);
        CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NOT_REGULAR);
        CHECK(open(e, "") == nullptr);
        CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NOT_FOUND);
    }
}

int main() {
    return harness::run_tests();
}
