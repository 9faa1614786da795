// The C++ of docs/session-cache.md, compiled as it stands there, and what the guide says of it.

#include "harness.h"
#include "support/engine.h"
#include "support/fault_plan.h"
#include "support/files.h"

#include <filesystem>
#include <string>
#include <vector>

namespace {
namespace guide {

#include "guide_snippets.h"

} // namespace guide

struct session {
    const std::shared_ptr<llama_model> model = load_tiny_model({});
    const tokens_t tokens = some_tokens(40, 1);
    const temp_dir dir;
    const std::string path = dir.path("base.session");
    logits_t want; // of token 7 behind the tokens

    session() {
        engine e(model);
        e.decode(0, tokens);
        REQUIRE_BECAUSE(guide::save(e.ctx(), path.c_str(), tokens), guide::describe_last_error());
        want = e.decode(0, { 7 });
    }
};

} // namespace

TEST("preparation, saving and restoring: an empty context goes on where the other one was") {
    const session s;
    engine e(s.model, {}, false);
    REQUIRE_BECAUSE(guide::prepare(e.ctx()), guide::describe_last_error());
    std::vector<llama_token> tokens;
    REQUIRE_BECAUSE(guide::restore(e.ctx(), s.path.c_str(), tokens), guide::describe_last_error());
    CHECK(tokens == s.tokens);
    CHECK(e.decode(0, { 7 }) == s.want);
    guide::end(e.ctx());
    CHECK_EQUAL(llama_state_size_max(e.ctx()), (size_t) 0);
}

TEST("work in a private copy never changes the file") {
    const session s;
    const bytes before = read_file(s.path);
    engine e(s.model);
    REQUIRE_BECAUSE(guide::work_privately(e.ctx(), s.path.c_str(), s.tokens), guide::describe_last_error());
    CHECK(read_file(s.path) == before);
    CHECK(e.decode(0, { 7 }) == s.want);
}

TEST("an overlay holds what is above the base, and comes back on top of it") {
    const session s;
    const std::string path = s.dir.path("overlay.session");
    const tokens_t above = some_tokens(12, 2);
    engine e(s.model);
    std::vector<llama_token> tokens;
    REQUIRE(guide::restore(e.ctx(), s.path.c_str(), tokens));
    e.fork(0, 1);
    e.decode(1, above);
    REQUIRE_BECAUSE(guide::save_overlay(e.ctx(), path.c_str(), 1, 3, 40, above), guide::describe_last_error());
    CHECK(file_size(path) < file_size(s.path));
    const logits_t want = e.decode(1, { 9 });
    e.drop(1);
    REQUIRE_BECAUSE(guide::load_overlay(e.ctx(), path.c_str(), 0, 2), guide::describe_last_error());
    CHECK_EQUAL(e.pos_max(2), 51);
    CHECK(e.decode(2, { 9 }) == want);
}

TEST("sizes: the content is what the file has, the bounds hold it") {
    const session s;
    engine e(s.model);
    const guide::sizes sizes = guide::sizes_of(e.ctx(), s.path.c_str(), 12);
    CHECK_EQUAL(sizes.content, file_size(s.path));
    CHECK(sizes.content < sizes.bound);
    CHECK(sizes.overlay < sizes.bound);
    CHECK(sizes.overlay > 0);
    CHECK_EQUAL(guide::sizes_of(e.ctx(), s.dir.path("nowhere").c_str(), 12).content, (size_t) 0);
}

TEST("the fallback takes over where mapping is not possible, and not where the file is wrong") {
    const session s;
    engine calibrated(s.model);
    std::vector<llama_token> tokens;
    CHECK(guide::restore_anyhow(calibrated.ctx(), s.path.c_str(), tokens));
    CHECK(tokens == s.tokens);
    {
        const fault_scope no_maps("mmap", 0, ENODEV); // a file system that cannot map
        tokens.clear();
        CHECK_BECAUSE(guide::restore_anyhow(calibrated.ctx(), s.path.c_str(), tokens), guide::describe_last_error());
        CHECK(no_maps.is_hit());
        CHECK(tokens == s.tokens);
        CHECK(calibrated.decode(0, { 7 }) == s.want);
    }
    bytes damaged = read_file(s.path);
    damaged[4] ^= 1;
    write_file(s.path, damaged);
    CHECK(!guide::restore_anyhow(calibrated.ctx(), s.path.c_str(), tokens));
    CHECK(guide::describe_last_error().rfind("bad_version: ", 0) == 0);
}

TEST("file calls and maps load what the other saved") {
    const session s;
    engine e(s.model);
    std::vector<llama_token> tokens;
    REQUIRE(guide::restore(e.ctx(), s.path.c_str(), tokens));
    const std::string ours   = s.dir.path("ours");
    const std::string theirs = s.dir.path("theirs");
    CHECK_BECAUSE(guide::exchange(e.ctx(), ours.c_str(), theirs.c_str(), tokens), guide::describe_last_error());
    CHECK(read_file(ours) == read_file(theirs));
    CHECK(e.decode(0, { 7 }) == s.want);
}

int main() {
    return harness::run_tests();
}
