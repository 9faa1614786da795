// Whole contexts and sequences, against stock llama.cpp and in every shape of KV cache.

#include "harness.h"
#include "support/engine.h"
#include "support/files.h"

#include <filesystem>

namespace {

struct shape {
    const char * name;
    model_shape   model;
    context_shape context;
};

std::vector<shape> shapes() {
    std::vector<shape> all;
    all.push_back({ "unified", {}, {} });
    all.push_back({ "streams", {}, { 1024, 4, false, true, GGML_TYPE_F16 } });
    all.push_back({ "V transposed", { 3, 64, 2, 2, 64 }, { 256, 4, true, false, GGML_TYPE_F16 } });
    all.push_back({ "V transposed, streams", {}, { 1024, 4, false, false, GGML_TYPE_F16 } });
    all.push_back({ "q8_0", { 4, 128, 2, 1, 64 }, { 512, 8, true, true, GGML_TYPE_Q8_0 } });
    all.push_back({ "one sequence", { 1, 64, 2, 1, 64 }, { 256, 1, true, true, GGML_TYPE_F32 } });
    return all;
}

size_t n_tokens_in(llama_state_mmap * map) {
    size_t n = 0;
    llama_state_mmap_tokens(map, &n);
    return n;
}

void make_private(const std::string & path) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

// Saves the whole context into a new file and closes it.
size_t save_context(engine & e, const std::string & path, const tokens_t & tokens) {
    const handle map(llama_state_mmap_open_rw(e.ctx(), path.c_str()));
    REQUIRE_BECAUSE(map != nullptr, last_error());
    const size_t size = llama_state_mmap_save(e.ctx(), map.get(), tokens.data(), tokens.size());
    CHECK_BECAUSE(size > 0, last_error());
    return size;
}

size_t save_sequence(engine & e, const std::string & path, llama_seq_id seq_id, const tokens_t & tokens) {
    const handle map(llama_state_seq_mmap_open_rw(e.ctx(), path.c_str(), seq_id));
    REQUIRE_BECAUSE(map != nullptr, last_error());
    const size_t size = llama_state_seq_mmap_save(e.ctx(), map.get(), seq_id, tokens.data(), tokens.size());
    CHECK_BECAUSE(size > 0, last_error());
    return size;
}

tokens_t load_sequence(engine & e, llama_state_mmap * map, llama_seq_id seq_id) {
    REQUIRE_BECAUSE(map != nullptr, last_error());
    tokens_t tokens(llama_n_ctx(e.ctx()));
    size_t n = 0;
    CHECK_BECAUSE(llama_state_seq_mmap_load(e.ctx(), map, seq_id, tokens.data(), tokens.size(), &n), last_error());
    tokens.resize(n);
    return tokens;
}

tokens_t load_context(engine & e, llama_state_mmap * map) {
    REQUIRE_BECAUSE(map != nullptr, last_error());
    tokens_t tokens(llama_n_ctx(e.ctx()));
    size_t n = 0;
    CHECK_BECAUSE(llama_state_mmap_load(e.ctx(), map, tokens.data(), tokens.size(), &n), last_error());
    tokens.resize(n);
    return tokens;
}

} // namespace

TEST("a whole context that we save is byte for byte what stock llama.cpp saves, and each loads the other's") {
    for (const shape & s : shapes()) {
        const temp_dir dir;
        const auto model = load_tiny_model(s.model);
        const tokens_t tokens = some_tokens(40, 1);
        engine e(model, s.context);
        e.decode(0, tokens);
        const size_t size = save_context(e, dir.path("ours"), tokens);
        REQUIRE(llama_state_save_file(e.ctx(), dir.path("theirs").c_str(), tokens.data(), tokens.size()));
        CHECK_BECAUSE(read_file(dir.path("ours")) == read_file(dir.path("theirs")), s.name);
        CHECK_EQUAL(file_size(dir.path("ours")), size);

        const logits_t want = e.decode(0, { 7 });
        engine stock(model, s.context);
        tokens_t out(256);
        size_t n = 0;
        REQUIRE(llama_state_load_file(stock.ctx(), dir.path("ours").c_str(), out.data(), out.size(), &n));
        CHECK_BECAUSE(tokens == tokens_t(out.begin(), out.begin() + (long) n), s.name);
        CHECK_BECAUSE(stock.decode(0, { 7 }) == want, s.name);

        make_private(dir.path("theirs"));
        engine ours(model, s.context);
        const handle map(llama_state_mmap_open(ours.ctx(), dir.path("theirs").c_str()));
        CHECK_BECAUSE(load_context(ours, map.get()) == tokens, s.name);
        CHECK_BECAUSE(ours.decode(0, { 7 }) == want, s.name);
    }
}

TEST("a sequence that we save is byte for byte what stock llama.cpp saves, and each loads the other's") {
    for (const shape & s : shapes()) {
        const temp_dir dir;
        const auto model = load_tiny_model(s.model);
        const tokens_t tokens = some_tokens(30, 2);
        const llama_seq_id from = (llama_seq_id) s.context.n_seq_max - 1;
        engine e(model, s.context);
        e.decode(from, tokens);
        save_sequence(e, dir.path("ours"), from, tokens);
        REQUIRE(llama_state_seq_save_file(e.ctx(), dir.path("theirs").c_str(), from, tokens.data(), tokens.size()) > 0);
        CHECK_BECAUSE(read_file(dir.path("ours")) == read_file(dir.path("theirs")), s.name);

        const logits_t want = e.decode(from, { 9 });
        engine stock(model, s.context);
        tokens_t out(256);
        size_t n = 0;
        REQUIRE(llama_state_seq_load_file(stock.ctx(), dir.path("ours").c_str(), 0, out.data(), out.size(), &n) > 0);
        CHECK_BECAUSE(tokens == tokens_t(out.begin(), out.begin() + (long) n), s.name);
        CHECK_BECAUSE(stock.decode(0, { 9 }) == want, s.name);

        make_private(dir.path("theirs"));
        engine ours(model, s.context);
        const handle map(llama_state_seq_mmap_open(ours.ctx(), dir.path("theirs").c_str(), 0));
        CHECK_BECAUSE(load_sequence(ours, map.get(), 0) == tokens, s.name);
        CHECK_BECAUSE(ours.decode(0, { 9 }) == want, s.name);
    }
}

TEST("base restored, overlay restored on top: logits bit-equal to the uninterrupted run with the same batches") {
    for (const shape & s : shapes()) {
        if (!s.context.is_unified || s.context.n_seq_max < 4) {
            continue; // forks need unified KV
        }
        const temp_dir dir;
        const auto model = load_tiny_model(s.model);
        const tokens_t base = some_tokens(48, 3);
        const tokens_t file = some_tokens(16, 4);

        engine e(model, s.context);
        e.decode(0, base);
        save_context(e, dir.path("base"), base);
        e.fork(0, 1);
        e.decode(1, file);
        e.fork(1, 2, (llama_pos) base.size());
        save_sequence(e, dir.path("overlay"), 2, file);
        e.drop(2);
        const logits_t want_1 = e.decode(1, { 5 });
        const logits_t want_2 = e.decode(1, { 6, 7, 8 });

        engine restored(model, s.context);
        const handle base_map(llama_state_mmap_open_cow(restored.ctx(), dir.path("base").c_str()));
        CHECK(load_context(restored, base_map.get()) == base);
        const handle overlay_map(llama_state_seq_mmap_open_rw(restored.ctx(), dir.path("overlay").c_str(), 3));
        CHECK(load_sequence(restored, overlay_map.get(), 3) == file);
        restored.fork(0, 3);
        CHECK_EQUAL(restored.pos_max(3), 63);
        CHECK_BECAUSE(restored.decode(3, { 5 }) == want_1, s.name);
        CHECK_BECAUSE(restored.decode(3, { 6, 7, 8 }) == want_2, s.name);
    }
}

TEST("a wrong token gives other logits, so that the comparisons above mean something") {
    const auto model = load_tiny_model({});
    engine a(model);
    engine b(model);
    a.decode(0, some_tokens(48, 3));
    tokens_t tokens = some_tokens(48, 3);
    tokens[0] = (tokens[0] + 1) % 64;
    b.decode(0, tokens);
    CHECK(a.decode(0, { 5 }) != b.decode(0, { 5 }));
}

TEST("every mode loads a sequence in place, leaves the file as it was, and can load it again") {
    const temp_dir dir;
    const auto model = load_tiny_model({});
    const tokens_t tokens = some_tokens(20, 5);
    engine e(model);
    e.decode(1, tokens);
    save_sequence(e, dir.path("s"), 1, tokens);
    const bytes before = read_file(dir.path("s"));
    const std::vector<uint8_t> want = e.seq_state(1);

    using open_function = llama_state_mmap * (*)(llama_context *, const char *, llama_seq_id);
    for (const open_function open : { llama_state_seq_mmap_open, llama_state_seq_mmap_open_rw, llama_state_seq_mmap_open_cow }) {
        engine r(model);
        llama_state_mmap_counters counters_before, counters_after;
        handle map(open(r.ctx(), dir.path("s").c_str(), 0));
        const uint64_t checksum = llama_state_mmap_checksum(map.get());
        llama_state_mmap_counters_get(&counters_before);
        CHECK(load_sequence(r, map.get(), 1) == tokens);
        llama_state_mmap_counters_get(&counters_after);
        CHECK(r.seq_state(1) == want);
        CHECK(load_sequence(r, map.get(), 2) == tokens);
        CHECK_EQUAL(r.pos_max(2), 19);
        CHECK(llama_state_mmap_checksum(map.get()) == checksum);
        CHECK_EQUAL(llama_state_mmap_content_size(map.get()), before.size());
        // tokens and the prefix of 8 bytes: no payload byte is copied by us
        CHECK_EQUAL(counters_after.bytes_copied - counters_before.bytes_copied, 4 * tokens.size() + 8);
        map.reset();
        CHECK(read_file(dir.path("s")) == before);
    }
}

TEST("loading replaces the destination sequence, also by an empty one") {
    const temp_dir dir;
    const auto model = load_tiny_model({});
    engine e(model);
    e.decode(0, some_tokens(5, 1));
    save_sequence(e, dir.path("empty"), 2, {});
    handle map(llama_state_seq_mmap_open(e.ctx(), dir.path("empty").c_str(), 0));
    CHECK(load_sequence(e, map.get(), 0).empty());
    CHECK_EQUAL(e.pos_max(0), -1);
}

TEST("too small a token buffer is no_room and leaves the context alone; no buffer only counts") {
    const temp_dir dir;
    const auto model = load_tiny_model({});
    const tokens_t tokens = some_tokens(20, 5);
    engine e(model);
    e.decode(0, tokens);
    save_context(e, dir.path("c"), tokens);
    e.drop(0);
    e.decode(1, { 1, 2, 3 });
    const std::vector<uint8_t> before = e.state();
    const handle map(llama_state_mmap_open(e.ctx(), dir.path("c").c_str()));
    REQUIRE(map != nullptr);
    tokens_t few(19);
    size_t n = 0;
    CHECK(!llama_state_mmap_load(e.ctx(), map.get(), few.data(), few.size(), &n));
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NO_ROOM);
    CHECK_EQUAL(n, 20u);
    CHECK(e.state() == before);
    CHECK(llama_state_mmap_load(e.ctx(), map.get(), nullptr, 0, &n));
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_OK);
    CHECK_EQUAL(e.pos_max(0), 19);
    CHECK_EQUAL(n_tokens_in(map.get()), 20u);
}

TEST("a state that does not fit the free cells is refused, never an assert") {
    const temp_dir dir;
    const auto model = load_tiny_model({});
    engine e(model);
    e.decode(0, some_tokens(200, 5));
    save_sequence(e, dir.path("s"), 0, {});
    e.decode(1, some_tokens(50, 6));
    const handle map(llama_state_seq_mmap_open(e.ctx(), dir.path("s").c_str(), 0));
    REQUIRE(map != nullptr);
    CHECK(!llama_state_seq_mmap_load(e.ctx(), map.get(), 2, nullptr, 0, nullptr));
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_REFUSED);
    CHECK_EQUAL(e.pos_max(2), -1);
    CHECK_EQUAL(e.pos_max(0), 199);
}

TEST("a file of another context is incompatible: K/V type, layers, streams, context size") {
    const temp_dir dir;
    const std::string path = dir.path("c");
    const auto model = load_tiny_model({ 2, 128, 2, 1, 64 });
    engine e(model, { 512, 4, true, true, GGML_TYPE_F16 });
    e.decode(0, some_tokens(300, 5));
    save_context(e, path, {});
    const auto opens_in = [&](const std::shared_ptr<llama_model> & other, const context_shape & shape) {
        engine o(other, shape);
        const handle map(llama_state_mmap_open(o.ctx(), path.c_str()));
        return map ? LLAMA_STATE_MMAP_OK : llama_state_mmap_last_error();
    };
    CHECK_EQUAL(opens_in(model, { 512, 4, true, true, GGML_TYPE_F16 }), LLAMA_STATE_MMAP_OK);
    CHECK_EQUAL(opens_in(model, { 512, 4, true, true, GGML_TYPE_Q8_0 }), LLAMA_STATE_MMAP_INCOMPATIBLE);
    CHECK_EQUAL(opens_in(model, { 512, 4, true, false, GGML_TYPE_F16 }), LLAMA_STATE_MMAP_INCOMPATIBLE);
    CHECK_EQUAL(opens_in(model, { 2048, 4, false, true, GGML_TYPE_F16 }), LLAMA_STATE_MMAP_INCOMPATIBLE);
    CHECK_EQUAL(opens_in(model, { 256, 4, true, true, GGML_TYPE_F16 }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(opens_in(load_tiny_model({ 3, 128, 2, 1, 64 }), { 512, 4, true, true, GGML_TYPE_F16 }), LLAMA_STATE_MMAP_INCOMPATIBLE);
    CHECK_EQUAL(opens_in(load_tiny_model({ 2, 64, 2, 1, 64 }), { 512, 4, true, true, GGML_TYPE_F16 }), LLAMA_STATE_MMAP_INCOMPATIBLE);
}

TEST("a whole context with forks and sequences at different places comes back as it was") {
    const temp_dir dir;
    const auto model = load_tiny_model({});
    engine e(model);
    e.decode(0, some_tokens(30, 1));
    e.fork(0, 1);
    e.decode(1, some_tokens(10, 2));
    e.drop(3);
    e.fork(1, 3, 20); // an overlay: positions 20 to 39 only
    llama_memory_seq_rm(e.memory(), 0, 25, -1);
    e.decode(0, some_tokens(4, 3)); // takes freed cells or new ones
    save_context(e, dir.path("c"), {});
    const std::vector<uint8_t> want = e.state();

    engine r(model);
    const handle map(llama_state_mmap_open(r.ctx(), dir.path("c").c_str()));
    load_context(r, map.get());
    CHECK(r.state() == want);
    CHECK(r.decode(1, { 3 }) == e.decode(1, { 3 }));
}

TEST("a whole context with one sequence replaces all there was, in the cells that stock llama.cpp would take") {
    for (const shape & s : shapes()) {
        const temp_dir dir;
        const auto model = load_tiny_model(s.model);
        const llama_seq_id last = (llama_seq_id) s.context.n_seq_max - 1;
        const tokens_t tokens = some_tokens(40, 1);
        engine e(model, s.context);
        e.decode(last, tokens);
        save_context(e, dir.path("c"), tokens);
        make_private(dir.path("c"));
        const std::vector<uint8_t> want = e.state();

        engine r(model, s.context);
        r.decode(0, some_tokens(90, 5)); // more cells than the file has
        r.fork(0, last);
        const handle map(llama_state_mmap_open(r.ctx(), dir.path("c").c_str()));
        CHECK_BECAUSE(load_context(r, map.get()) == tokens, s.name);
        CHECK_BECAUSE(r.state() == want, s.name); // cells, positions and rows, in their order
        CHECK_BECAUSE(last == 0 || r.pos_max(0) < 0, s.name);
        if (s.context.is_unified) { // the others go llama.cpp's own way
            CHECK_BECAUSE(r.decode(last, { 7 }) == e.decode(last, { 7 }), s.name);
        }
    }
}

TEST("a sequence that was copied to memory is saved as one out of the context") {
    for (const shape & s : shapes()) {
        const temp_dir dir;
        const auto model = load_tiny_model(s.model);
        const tokens_t tokens = some_tokens(40, 1);
        engine e(model, s.context);
        e.decode(0, tokens);
        save_sequence(e, dir.path("direct"), 0, tokens);
        const std::vector<uint8_t> state = e.seq_state(0);
        e.drop(0); // only what is in memory counts
        const handle map(llama_state_seq_mmap_open_rw_cells(e.ctx(), dir.path("memory").c_str(), 0, tokens.size()));
        REQUIRE_BECAUSE(map != nullptr, last_error());
        CHECK_BECAUSE(llama_state_seq_mmap_save_state(e.ctx(), map.get(), state.data(), state.size(), tokens.data(), tokens.size())
                          == file_size(dir.path("direct")), last_error());
        CHECK_BECAUSE(read_file(dir.path("memory")) == read_file(dir.path("direct")), s.name);
    }
}

TEST("a state in memory that is none leaves no content, and too short a one is refused before") {
    const temp_dir dir;
    const tokens_t tokens = some_tokens(20, 1);
    engine e(load_tiny_model({}));
    e.decode(0, tokens);
    std::vector<uint8_t> state = e.seq_state(0);
    const handle map(llama_state_seq_mmap_open_rw(e.ctx(), dir.path("f").c_str(), 0));
    const auto save = [&](size_t size) {
        return llama_state_seq_mmap_save_state(e.ctx(), map.get(), state.data(), size, tokens.data(), tokens.size());
    };
    CHECK(save(state.size()) > 0);
    const bytes whole = read_file(dir.path("f"));
    CHECK_EQUAL(save(8), 0u);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_BAD_ARGUMENT);
    CHECK(read_file(dir.path("f")) == whole);
    CHECK_EQUAL(save(state.size() - 1), 0u);
    CHECK_EQUAL(llama_state_mmap_content_size(map.get()), 0u);
    CHECK_EQUAL(read_file(dir.path("f"))[0], 0);
    state[12] ^= 0x40; // the cell count
    CHECK_EQUAL(save(state.size()), 0u);
    CHECK_EQUAL(read_file(dir.path("f"))[0], 0);
    CHECK_EQUAL(llama_state_seq_mmap_save_state(e.ctx(), map.get(), nullptr, 20, tokens.data(), tokens.size()), 0u);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_BAD_ARGUMENT);
}

TEST("a session of many pages, which come in beside the copy, is loaded in every mode as it was saved") {
    const temp_dir dir;
    const auto model = load_tiny_model({ 12, 256, 4, 4, 64 });
    const context_shape shape = { 512, 2, true, true, GGML_TYPE_F32 };
    engine e(model, shape);
    tokens_t tokens;
    for (unsigned part = 0; part < 7; ++part) {
        const tokens_t some = some_tokens(64, part);
        e.decode(0, some);
        tokens.insert(tokens.end(), some.begin(), some.end());
    }
    save_context(e, dir.path("c"), tokens);
    save_sequence(e, dir.path("s"), 0, tokens);
    CHECK(file_size(dir.path("s")) > (size_t) 9 << 20); // else they come at once
    const std::vector<uint8_t> want = e.state();
    engine r(model, shape);
    for (const auto open : { llama_state_mmap_open, llama_state_mmap_open_cow }) {
        const handle map(open(r.ctx(), dir.path("c").c_str()));
        CHECK(load_context(r, map.get()) == tokens);
        CHECK(r.state() == want);
    }
    for (const auto open : { llama_state_seq_mmap_open, llama_state_seq_mmap_open_cow }) {
        const handle map(open(r.ctx(), dir.path("s").c_str(), 0));
        r.drop(0);
        CHECK(load_sequence(r, map.get(), 0) == tokens);
        CHECK(r.state() == want);
        handle(open(r.ctx(), dir.path("s").c_str(), 0)).reset(); // given back at once
    }
}

TEST("a sequence with a gap is refused on save, and the content is absent rather than wrong") {
    const temp_dir dir;
    const auto model = load_tiny_model({});
    engine e(model);
    e.decode(0, some_tokens(30, 1));
    llama_memory_seq_rm(e.memory(), 0, 10, 12);
    handle map(llama_state_seq_mmap_open_rw(e.ctx(), dir.path("s").c_str(), 0));
    REQUIRE(map != nullptr);
    CHECK_EQUAL(llama_state_seq_mmap_save(e.ctx(), map.get(), 0, nullptr, 0), 0u);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(llama_state_mmap_content_size(map.get()), 0u);
    map.reset();
    CHECK(llama_state_seq_mmap_open(e.ctx(), dir.path("s").c_str(), 0) == nullptr);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_ABSENT);
}

TEST("wrong arguments are errors: sequence ids, tokens, the other kind of handle, NULL") {
    const temp_dir dir;
    const auto model = load_tiny_model({});
    engine e(model);
    e.decode(0, { 1, 2, 3 });
    handle map(llama_state_seq_mmap_open_rw(e.ctx(), dir.path("s").c_str(), 0));
    REQUIRE(map != nullptr);
    const auto save_fails_with = [&](llama_seq_id seq_id, const tokens_t & tokens) {
        CHECK_EQUAL(llama_state_seq_mmap_save(e.ctx(), map.get(), seq_id, tokens.data(), tokens.size()), 0u);
        return llama_state_mmap_last_error();
    };
    CHECK_EQUAL(save_fails_with(-1, {}), LLAMA_STATE_MMAP_BAD_ARGUMENT);
    CHECK_EQUAL(save_fails_with(4, {}), LLAMA_STATE_MMAP_BAD_ARGUMENT);
    CHECK_EQUAL(save_fails_with(0, { 64 }), LLAMA_STATE_MMAP_BAD_TOKENS);
    CHECK_EQUAL(save_fails_with(0, { -1 }), LLAMA_STATE_MMAP_BAD_TOKENS);
    CHECK_EQUAL(save_fails_with(0, tokens_t(257, 1)), LLAMA_STATE_MMAP_BAD_TOKENS);
    CHECK_EQUAL(llama_state_mmap_save(e.ctx(), map.get(), nullptr, 0), 0u);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_BAD_ARGUMENT);
    CHECK_EQUAL(llama_state_mmap_save(nullptr, map.get(), nullptr, 0), 0u);
    CHECK(llama_state_seq_mmap_open(e.ctx(), dir.path("s").c_str(), 4) == nullptr);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_BAD_ARGUMENT);
    CHECK(llama_state_mmap_open(e.ctx(), nullptr) == nullptr);
    CHECK(!llama_state_seq_mmap_load(e.ctx(), map.get(), 0, nullptr, 0, nullptr));
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_ABSENT);
    llama_state_mmap_free(nullptr);
}

TEST("calibration leaves the context empty and the logits as they were; it needs an empty context") {
    const auto model = load_tiny_model({});
    engine plain(model, {}, false);
    engine calibrated(model);
    CHECK(calibrated.state() == plain.state());
    CHECK(plain.decode(0, some_tokens(20, 1)) == calibrated.decode(0, some_tokens(20, 1)));
    CHECK_EQUAL(llama_state_size_max(plain.ctx()), 0u);
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NOT_CALIBRATED);
    CHECK(!llama_state_mmap_calibrate(plain.ctx()));
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NOT_CALIBRATED);
    // the layout of a context of the same kind serves as well, whatever its n_ctx
    engine small(model, { 512, 4, true, true, GGML_TYPE_F16 });
    CHECK(llama_state_mmap_calibrate_from(plain.ctx(), small.ctx()));
    CHECK_EQUAL(llama_state_size_max(plain.ctx()), llama_state_size_max(calibrated.ctx()));
    engine streams(model, { 1024, 4, false, true, GGML_TYPE_F16 });
    CHECK(!llama_state_mmap_calibrate_from(plain.ctx(), streams.ctx()));
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_INCOMPATIBLE);
}

TEST("opening a file calibrates an empty context by itself") {
    const temp_dir dir;
    const auto model = load_tiny_model({});
    engine e(model, {}, false);
    const handle map(llama_state_mmap_open_rw(e.ctx(), dir.path("c").c_str()));
    CHECK_BECAUSE(map != nullptr, last_error());
    CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_OK);
    CHECK(llama_state_size_max(e.ctx()) > 0);
}

int main() {
    return harness::run_tests();
}
