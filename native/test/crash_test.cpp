// A process killed at any step of a save leaves a file that is valid or absent, never a wrong one; and so does a
// system call that fails there.

#include "harness.h"
#include "support/child.h"
#include "support/fault_plan.h"
#include "support/files.h"
#include "support/session_format.h"

#include <cstring>

namespace {

const tokens_t old_tokens = some_tokens(40, 1);
const tokens_t new_tokens = some_tokens(25, 2); // shorter, so that old bytes lie behind the new content

void save_new_file(engine & e, const session_format & f, const std::string & path, const tokens_t & tokens) {
    const handle map = f.open_rw(e, path);
    REQUIRE_BECAUSE(map != nullptr, last_error());
    CHECK_BECAUSE(f.save(e, map.get(), tokens) > 0, last_error());
}

// What a complete file of these tokens looks like.
bytes complete_file(const std::shared_ptr<llama_model> & model, const session_format & f, const tokens_t & tokens) {
    const temp_dir dir;
    engine e(model);
    e.decode(1, tokens);
    save_new_file(e, f, dir.path("f"), tokens);
    return read_file(dir.path("f"));
}

// What is saved: what the context holds, or a copy of it.
enum class source { context, memory };

size_t save(const session_format & f, engine & e, llama_state_mmap * map, source from) {
    if (from == source::context) {
        return f.save(e, map, new_tokens);
    }
    const std::vector<uint8_t> state = e.seq_state(1);
    e.drop(1);
    return llama_state_seq_mmap_save_state(e.ctx(), map, state.data(), state.size(), new_tokens.data(), new_tokens.size());
}

// Child: opens the file read-write and saves the new tokens over it; killed at a step, or not at all.
int save_over(const std::string & kind, const std::string & path, const std::string & step, source from) {
    const session_format & f = session_format_named(kind);
    engine e(load_tiny_model({}));
    e.decode(1, new_tokens);
    handle map = f.open_rw(e, path);
    const fault_scope fault(step, 0, fault_scope::kill_process);
    return map && save(f, e, map.get(), from) > 0 ? 0 : 1;
}

// Child: opens a session, copy-on-write also loads and saves it, then waits to be killed.
int hold(const std::string & kind, const std::string & path, const std::string & mode) {
    const session_format & f = session_format_named(kind);
    engine e(load_tiny_model({}));
    handle map = mode == "rw" ? f.open_rw(e, path) : f.open_cow(e, path);
    tokens_t tokens;
    bool ok = map != nullptr;
    if (mode == "cow") {
        ok = ok && f.load(e, map.get(), tokens) && tokens == old_tokens;
        e.decode(1, new_tokens);
        ok = ok && f.save(e, map.get(), new_tokens) > 0;
    }
    printf("%s\n", ok ? "open" : last_error().c_str());
    fflush(stdout);
    wait_to_be_killed();
}

std::vector<std::string> steps_of_a_save(const std::shared_ptr<llama_model> & model, const session_format & f) {
    const temp_dir dir;
    engine e(model);
    e.decode(1, new_tokens);
    const handle map = f.open_rw(e, dir.path("f"));
    const fault_scope fault("no such step", 0, 0);
    f.save(e, map.get(), new_tokens);
    std::vector<std::string> steps;
    for (const std::string & step : fault.steps_seen()) {
        if (step.rfind("save:", 0) == 0) {
            steps.push_back(step);
        }
    }
    return steps;
}

void kill_at_every_step(const std::string & job, const session_format & f) {
    const auto model = load_tiny_model({});
    const bytes old_file = complete_file(model, f, old_tokens);
    const bytes new_file = complete_file(model, f, new_tokens);
    const std::vector<std::string> steps = steps_of_a_save(model, f);
    CHECK_EQUAL(steps.size(), 6u);
    for (const std::string & step : steps) {
        const temp_dir dir;
        write_file(dir.path("f"), old_file);
        CHECK_EQUAL(run_child({ job, f.name, dir.path("f"), step }), killed);

        engine e(model);
        const bool is_magic_there = step == "save:magic-written" || step == "save:done";
        handle map = f.open(e, dir.path("f"));
        CHECK_BECAUSE((map != nullptr) == is_magic_there, step + ": " + last_error());
        if (!is_magic_there) {
            CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_ABSENT);
            CHECK_EQUAL(read_file(dir.path("f"))[0], 0);
        } else {
            tokens_t tokens;
            CHECK(f.load(e, map.get(), tokens) && tokens == new_tokens);
            map.reset();
            f.open_rw(e, dir.path("f")).reset(); // trims what the crash left
            CHECK(read_file(dir.path("f")) == new_file);
        }
        // whatever was left, the next save works
        map.reset();
        engine next(model);
        next.decode(1, old_tokens);
        save_new_file(next, f, dir.path("f"), old_tokens);
        CHECK(read_file(dir.path("f")) == old_file);
    }
}

} // namespace

TEST("killed at any step of a save over an older session: valid or absent, and never mixed") {
    for (const session_format & f : session_formats) {
        kill_at_every_step("save", f);
    }
}

TEST("and so when what is saved was copied out of the context") {
    kill_at_every_step("save-state", session_format_named("sequence"));
}

TEST("killed while open read-write, without a save: the old session is still there") {
    const auto model = load_tiny_model({});
    for (const session_format & f : session_formats) {
        const temp_dir dir;
        const bytes old_file = complete_file(model, f, old_tokens);
        write_file(dir.path("f"), old_file);
        background_child child({ "hold", f.name, dir.path("f"), "rw" });
        CHECK_BECAUSE(child.first_line == "open", child.first_line);
        engine e(model);
        // meanwhile it is locked for writers
        CHECK(f.open_rw(e, dir.path("f")) == nullptr);
        CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_LOCKED);
        child.kill();
        CHECK(file_size(dir.path("f")) > old_file.size()); // pre-allocated, not trimmed
        handle map = f.open(e, dir.path("f"));
        tokens_t tokens;
        CHECK(map && f.load(e, map.get(), tokens) && tokens == old_tokens);
        map.reset();
        f.open_rw(e, dir.path("f")).reset();
        CHECK(read_file(dir.path("f")) == old_file);
    }
}

TEST("a copy-on-write session killed after saving and loading leaves its file as it was") {
    const auto model = load_tiny_model({});
    for (const session_format & f : session_formats) {
        const temp_dir dir;
        const bytes old_file = complete_file(model, f, old_tokens);
        write_file(dir.path("f"), old_file);
        background_child child({ "hold", f.name, dir.path("f"), "cow" });
        CHECK_BECAUSE(child.first_line == "open", child.first_line);
        CHECK(read_file(dir.path("f")) == old_file);
        child.kill();
        CHECK(read_file(dir.path("f")) == old_file);
    }
}

TEST("a system call that fails during a save: an error, the content absent, and the next save works") {
    const auto model = load_tiny_model({});
    for (const session_format & f : session_formats) {
        for (int nth = 0; nth < 3; ++nth) { // magic erased, payload, magic written
            const temp_dir dir;
            const bytes old_file = complete_file(model, f, old_tokens);
            write_file(dir.path("f"), old_file);
            engine e(model);
            e.decode(1, new_tokens);
            handle map = f.open_rw(e, dir.path("f"));
            {
                const fault_scope fault("msync", nth, EIO);
                CHECK_EQUAL(f.save(e, map.get(), new_tokens), 0u);
                CHECK(fault.is_hit());
            }
            CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_IO);
            CHECK_EQUAL(llama_state_mmap_content_size(map.get()), 0u);
            CHECK_EQUAL(read_file(dir.path("f"))[0], 0);
            CHECK_BECAUSE(f.save(e, map.get(), new_tokens) > 0, last_error());
            map.reset();
            CHECK(read_file(dir.path("f")) == complete_file(model, f, new_tokens));
        }
    }
}

int main(int argc, char ** argv) {
    if (argc == 5 && strcmp(argv[1], "save") == 0) {
        return save_over(argv[2], argv[3], argv[4], source::context);
    }
    if (argc == 5 && strcmp(argv[1], "save-state") == 0) {
        return save_over(argv[2], argv[3], argv[4], source::memory);
    }
    if (argc == 5 && strcmp(argv[1], "hold") == 0) {
        return hold(argv[2], argv[3], argv[4]);
    }
    return harness::run_tests();
}
