// Nothing in a file is believed: every byte of a small file flipped, every truncation, foreign files.
// A changed file must be a miss, or load as what it now says; what only changes values that mean something
// (a token, a K/V byte) is caught by the checksum that callers keep.

#include "harness.h"
#include "support/engine.h"
#include "support/files.h"

#include <cstring>

namespace {

struct tally {
    int n_missed = 0;
    int n_loaded = 0;
};

class subject {
public:
    explicit subject(const context_shape & shape) : e(load_tiny_model({ 1, 64, 2, 1, 64 }), shape) {}
    virtual ~subject() = default;

    virtual llama_state_mmap * open(const std::string & path) = 0;
    virtual bool load(llama_state_mmap * map) = 0;
    virtual bytes file() = 0;

    engine e;
    temp_dir dir;
};

class context_subject : public subject {
public:
    using subject::subject;

    llama_state_mmap * open(const std::string & path) override { return llama_state_mmap_open(e.ctx(), path.c_str()); }

    bool load(llama_state_mmap * map) override {
        size_t n = 0;
        return llama_state_mmap_load(e.ctx(), map, nullptr, 0, &n);
    }

    bytes file() override {
        const tokens_t tokens = some_tokens(4, 1);
        e.decode(0, tokens);
        if (llama_n_ctx_seq(e.ctx()) == llama_n_ctx(e.ctx())) {
            e.fork(0, 1);
        }
        const handle map(llama_state_mmap_open_rw(e.ctx(), dir.path("good").c_str()));
        llama_state_mmap_save(e.ctx(), map.get(), tokens.data(), tokens.size());
        const size_t size = llama_state_mmap_content_size(map.get());
        bytes content = read_file(dir.path("good"));
        content.resize(size);
        return content;
    }
};

class sequence_subject : public subject {
public:
    using subject::subject;

    llama_state_mmap * open(const std::string & path) override { return llama_state_seq_mmap_open(e.ctx(), path.c_str(), 0); }

    bool load(llama_state_mmap * map) override {
        size_t n = 0;
        return llama_state_seq_mmap_load(e.ctx(), map, 1, nullptr, 0, &n);
    }

    bytes file() override {
        const tokens_t tokens = some_tokens(4, 1);
        e.decode(0, tokens);
        const handle map(llama_state_seq_mmap_open_rw(e.ctx(), dir.path("good").c_str(), 0));
        llama_state_seq_mmap_save(e.ctx(), map.get(), 0, tokens.data(), tokens.size());
        const size_t size = llama_state_mmap_content_size(map.get());
        bytes content = read_file(dir.path("good"));
        content.resize(size);
        return content;
    }
};

uint64_t checksum_of(subject & s, const bytes & content) {
    write_file(s.dir.path("sum"), content);
    const handle map(s.open(s.dir.path("sum")));
    REQUIRE_BECAUSE(map != nullptr, last_error());
    return llama_state_mmap_checksum(map.get());
}

// Opens, and if it opens loads, a changed file. Afterwards the context must still work.
void try_changed(subject & s, const bytes & changed, uint64_t good_checksum, tally & t) {
    const std::string path = s.dir.path("changed");
    write_file(path, changed);
    const handle map(s.open(path));
    if (!map) {
        t.n_missed++;
        CHECK(llama_state_mmap_last_error() != LLAMA_STATE_MMAP_OK);
        return;
    }
    t.n_loaded++;
    CHECK(llama_state_mmap_checksum(map.get()) != good_checksum);
    CHECK_BECAUSE(s.load(map.get()), last_error());
}

void flip_every_byte(subject & s) {
    const bytes good = s.file();
    const uint64_t checksum = checksum_of(s, good);
    tally t;
    for (size_t i = 0; i < good.size(); ++i) {
        for (const uint8_t mask : { 0x01, 0x80, 0xFF }) {
            bytes changed = good;
            changed[i] ^= mask;
            try_changed(s, changed, checksum, t);
        }
    }
    printf("        %zu bytes: %d changes missed, %d loaded as what they say\n", good.size(), t.n_missed, t.n_loaded);
    CHECK(t.n_missed > 100);
    write_file(s.dir.path("again"), good);
    const handle map(s.open(s.dir.path("again")));
    CHECK(map && s.load(map.get()));
}

void truncate_everywhere(subject & s) {
    const bytes good = s.file();
    tally t;
    for (size_t n = 0; n < good.size(); ++n) {
        try_changed(s, bytes(good.begin(), good.begin() + (long) n), 0, t);
    }
    CHECK_EQUAL((size_t) t.n_missed, good.size());
}

const context_shape unified   = { 256, 4, true, true, GGML_TYPE_F16 };
const context_shape in_streams = { 1024, 4, false, false, GGML_TYPE_F16 };

} // namespace

TEST("whole context: every byte flipped is a miss or loads as what it says") {
    for (const context_shape & shape : { unified, in_streams }) {
        context_subject s(shape);
        flip_every_byte(s);
    }
}

TEST("sequence: every byte flipped is a miss or loads as what it says") {
    for (const context_shape & shape : { unified, in_streams }) {
        sequence_subject s(shape);
        flip_every_byte(s);
    }
}

TEST("every truncation is a miss") {
    for (const context_shape & shape : { unified, in_streams }) {
        context_subject whole(shape);
        truncate_everywhere(whole);
        sequence_subject sequence(shape);
        truncate_everywhere(sequence);
    }
}

TEST("a pre-allocated file that was never trimmed is whole for us; stock llama.cpp wants it trimmed") {
    context_subject s(unified);
    const bytes good = s.file();
    bytes longer = good;
    longer.resize(llama_state_size_max(s.e.ctx()));
    write_file(s.dir.path("long"), longer);
    {
        const handle map(s.open(s.dir.path("long")));
        REQUIRE_BECAUSE(map != nullptr, last_error());
        CHECK_EQUAL(llama_state_mmap_content_size(map.get()), good.size());
        CHECK(llama_state_mmap_checksum(map.get()) == checksum_of(s, good));
        CHECK(s.load(map.get()));
    }
    tokens_t tokens(256);
    size_t n = 0;
    CHECK(!llama_state_load_file(s.e.ctx(), s.dir.path("long").c_str(), tokens.data(), tokens.size(), &n));
    handle(llama_state_mmap_open_rw(s.e.ctx(), s.dir.path("long").c_str())).reset();
    CHECK(read_file(s.dir.path("long")) == good);
    CHECK(llama_state_load_file(s.e.ctx(), s.dir.path("long").c_str(), tokens.data(), tokens.size(), &n));
}

TEST("headers that are not ours: each its own error") {
    context_subject s(unified);
    const bytes good = s.file();
    const auto error_with = [&](size_t at, uint32_t value) {
        bytes changed = good;
        memcpy(changed.data() + at, &value, sizeof(value));
        write_file(s.dir.path("changed"), changed);
        const handle map(s.open(s.dir.path("changed")));
        return map ? LLAMA_STATE_MMAP_OK : llama_state_mmap_last_error();
    };
    CHECK_EQUAL(error_with(0, 0), LLAMA_STATE_MMAP_ABSENT);
    CHECK_EQUAL(error_with(0, LLAMA_STATE_SEQ_MAGIC), LLAMA_STATE_MMAP_BAD_MAGIC);
    CHECK_EQUAL(error_with(4, LLAMA_SESSION_VERSION + 1), LLAMA_STATE_MMAP_BAD_VERSION);
    CHECK_EQUAL(error_with(4, LLAMA_SESSION_VERSION - 1), LLAMA_STATE_MMAP_BAD_VERSION);
    CHECK_EQUAL(error_with(8, UINT32_MAX), LLAMA_STATE_MMAP_BAD_SIZE);
    CHECK_EQUAL(error_with(8, 0x40000000), LLAMA_STATE_MMAP_BAD_SIZE); // times 4 overflows 32 bits
    CHECK_EQUAL(error_with(8, 257), LLAMA_STATE_MMAP_BAD_SIZE);
    bytes too_many = good; // 257 tokens that are all there, in a context for 256
    too_many.resize(4096);
    too_many[8] = 1;
    too_many[9] = 1;
    write_file(s.dir.path("many"), too_many);
    CHECK(s.open(s.dir.path("many")) == nullptr);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_BAD_TOKENS);
    CHECK_EQUAL(error_with(12, 64), LLAMA_STATE_MMAP_BAD_TOKENS);
    CHECK_EQUAL(error_with(12, UINT32_MAX), LLAMA_STATE_MMAP_BAD_TOKENS);
}

TEST("a writer does not touch a file that is not a session, and replaces an outdated or broken one") {
    context_subject s(unified);
    bytes good = s.file();
    const std::string path = s.dir.path("changed");
    const bytes letter = { 'D', 'e', 'a', 'r', ' ', 'm', 'u', 'm', ',', ' ', 'h', 'o', 'w', '?' };
    for (const bytes & foreign : { letter, bytes(letter.begin(), letter.begin() + 5) }) {
        write_file(path, foreign);
        CHECK(llama_state_mmap_open_rw(s.e.ctx(), path.c_str()) == nullptr);
        CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_BAD_MAGIC);
        CHECK(read_file(path) == foreign);
    }
    for (const size_t at : { 4, 8, 30 }) {
        bytes broken = good;
        broken[at] ^= 0xFF;
        write_file(path, broken);
        handle map(llama_state_mmap_open_rw(s.e.ctx(), path.c_str()));
        REQUIRE_BECAUSE(map != nullptr, last_error());
        CHECK_EQUAL(llama_state_mmap_content_size(map.get()), 0u);
        CHECK(!s.load(map.get()));
        CHECK(llama_state_mmap_last_error() != LLAMA_STATE_MMAP_OK);
        map.reset();
        CHECK(read_file(path) == broken); // nothing was saved: it stays as it was found
        map.reset(llama_state_mmap_open_rw(s.e.ctx(), path.c_str()));
        s.e.drop(0);
        s.e.drop(1);
        s.e.decode(0, some_tokens(4, 1));
        CHECK_BECAUSE(llama_state_mmap_save(s.e.ctx(), map.get(), nullptr, 0) > 0, last_error());
        map.reset();
        CHECK(handle(s.open(path)) != nullptr);
    }
}

int main() {
    return harness::run_tests();
}
